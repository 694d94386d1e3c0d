// Holds the rule of the house: ingest, transcode, packager, control and cam include only themselves and base;
// base includes itself only. Run by ctest as `include_direction`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const kModules = ['base', 'ingest', 'transcode', 'packager', 'control', 'cam'];

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.[ch]pp$/.test(entry.name)) yield path;
  }
}

let checked = 0;
const wrong = [];
for (const module of kModules) {
  for (const file of sources(module)) {
    for (const [, target] of readFileSync(file, 'utf8').matchAll(/^\s*#\s*include\s*"([^"]+)"/gm)) {
      checked += 1;
      const to = target.split('/')[0];
      if (!kModules.includes(to)) wrong.push(`${file}: "${target}" does not begin with a module`);
      else if (to !== module && to !== 'base') wrong.push(`${file}: ${module} includes ${to}`);
    }
  }
}
for (const line of wrong) console.error(line);
console.log(`${checked} includes checked, ${wrong.length} in the wrong direction`);
process.exit(wrong.length > 0 || checked === 0 ? 1 : 0);
