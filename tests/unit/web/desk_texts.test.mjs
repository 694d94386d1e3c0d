// The desk says the same in both languages, and says all that its page and its code ask for.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

const kFolder = new URL('../../../control/web/', import.meta.url);
Object.defineProperty(globalThis, 'navigator', { value: { languages: ['de-DE'] }, configurable: true });
const { kTexts, text } = await import(new URL('texts.js', kFolder));

test('both languages have the same keys and the same places to fill', () => {
  assert.deepEqual(Object.keys(kTexts.de).sort(), Object.keys(kTexts.en).sort());
  const places = (words) => [...words.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();
  for (const key of Object.keys(kTexts.de)) assert.deepEqual(places(kTexts.de[key]), places(kTexts.en[key]), key);
});

test('whatever the page asks for is there', () => {
  const sources = ['index.html', 'desk.js', 'view.js', 'talk_panel.js'].map((file) => readFileSync(new URL(file, kFolder), 'utf8')).join('\n');
  const asked = [...sources.matchAll(/data-text="(\w+)"|\btext\('(\w+)'/g)].map(([, a, b]) => a ?? b);
  assert.ok(asked.length > 30);
  for (const key of asked) assert.ok(key in kTexts.de, key);
});

test('values are filled in', () => {
  assert.equal(text('ltShown', { name: '<b>' }), 'Zu sehen: <b>');
});
