import assert from 'node:assert/strict';
import test from 'node:test';
import { fill, kTexts, pickLanguage } from '../../../packager/web/src/texts.js';

test('both languages say the same things', () => {
  assert.deepEqual(Object.keys(kTexts.en), Object.keys(kTexts.de));
  for (const key of Object.keys(kTexts.de)) {
    const slots = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
    assert.deepEqual(slots(kTexts.en[key]), slots(kTexts.de[key]), key);
    assert.notEqual(kTexts.en[key], '', key);
  }
});

test('the first language that we speak wins, English for all others', () => {
  assert.equal(pickLanguage(['de-AT', 'en']), 'de');
  assert.equal(pickLanguage(['fr', 'DE']), 'de');
  assert.equal(pickLanguage(['en-GB', 'de']), 'en');
  assert.equal(pickLanguage(['fr', 'it']), 'en');
  assert.equal(pickLanguage([]), 'en');
  assert.equal(pickLanguage(undefined), 'en');
  assert.equal(pickLanguage(['constructor']), 'en');
});

test('fill leaves unknown slots alone', () => {
  assert.equal(fill('um {time} Uhr, {x}', { time: '10:30' }), 'um 10:30 Uhr, {x}');
});
