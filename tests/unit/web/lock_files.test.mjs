import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { addresses, clean } from '../../support/clean_lock.mjs';

const kRoot = new URL('../../../', import.meta.url);

test('the lock files name no address', () => {
  const files = ['packager/web/package-lock.json', 'tests/package-lock.json', 'control/web/package-lock.json'];
  const there = files.map((file) => new URL(file, kRoot)).filter((url) => existsSync(url));
  assert.ok(there.length >= 1);
  for (const url of there) assert.deepEqual(addresses(readFileSync(url, 'utf8')), [], url.pathname);
});

test('cleaning takes addresses and keeps what is locked', () => {
  const lock = clean({ packages: { 'node_modules/a': { version: '1', integrity: 'sha512-x', resolved: 'https://r.example/a', funding: 'https://f.example' } } });
  assert.deepEqual(lock, { packages: { 'node_modules/a': { version: '1', integrity: 'sha512-x' } } });
  assert.equal(addresses('"resolved": "x"\n"u": "https://a"\n"ok": 1').length, 2);
});
