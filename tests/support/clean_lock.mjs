// Takes every address out of an npm lock file: where packages come from is the machine's business (its registry setting),
// what they are is ours (name, version, integrity). `--check` changes nothing and exits 1 when an address is left.
import { readFileSync, writeFileSync } from 'node:fs';

const kAddress = /[a-z][a-z0-9+.-]*:\/\//i;

export function clean(lock) {
  for (const entry of Object.values(lock.packages)) {
    delete entry.resolved;
    delete entry.funding;
    delete entry.deprecated; // a sentence of the author, often with a link
  }
  return lock;
}

export function addresses(text) {
  return text.split('\n').filter((line) => kAddress.test(line) || line.includes('"resolved"'));
}

function main([file, check]) {
  if (check !== '--check') writeFileSync(file, `${JSON.stringify(clean(JSON.parse(readFileSync(file, 'utf8'))), null, 2)}\n`);
  const left = addresses(readFileSync(file, 'utf8'));
  for (const line of left) console.error(`${file}: address in a lock file: ${line.trim()}`);
  process.exitCode = left.length ? 1 : 0;
}

if (process.argv[1]?.endsWith('clean_lock.mjs')) main(process.argv.slice(2));
