import assert from 'node:assert/strict';
import test from 'node:test';
import { boxes, readFragments } from '../../support/mp4.mjs';

function box(type, ...content) {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

function words(...values) {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeUInt32BE(value, i * 4));
  return bytes;
}

function fragment(start, tfhd, trun) {
  const traf = box('traf', box('tfhd', tfhd), box('tfdt', words(0x01000000, Math.floor(start / 2 ** 32), start % 2 ** 32)), box('trun', trun));
  return Buffer.concat([box('moof', box('mfhd', words(0, 1)), traf), box('mdat', Buffer.alloc(5))]);
}

test('a fragment tells where it begins and how long it lasts', () => {
  const defaults = fragment(2 ** 33, words(0x020008, 1, 3600), words(0x000001, 8, 0));
  const own = fragment(10, words(0x020000, 1), words(0x000300, 2, 1024, 300, 1023, 300));
  const inherited = fragment(20, words(0x020000, 1), words(0x000200, 3, 1, 2, 3));
  const init = { defaultDuration: 100 };
  assert.deepEqual(readFragments(defaults, init), [{ start: 2 ** 33, duration: 28800, samples: 8 }]);
  assert.deepEqual(readFragments(Buffer.concat([own, inherited]), init), [
    { start: 10, duration: 2047, samples: 2 },
    { start: 20, duration: 300, samples: 3 },
  ]);
});

test('torn bytes are refused', () => {
  const whole = fragment(0, words(0x020008, 1, 3600), words(0x000001, 8, 0));
  assert.throws(() => readFragments(whole.subarray(0, whole.length - 1), {}), /does not fit/);
  assert.throws(() => [...boxes(Buffer.alloc(5))], /stray/);
  assert.throws(() => readFragments(box('mdat'), {}), /mdat/);
});
