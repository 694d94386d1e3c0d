// What axe-core finds wrong with a page, a line each.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export async function violations(page) {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations: found } = await page.evaluate(() => window.axe.run(document));
  return found.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`);
}
