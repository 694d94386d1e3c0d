import assert from 'node:assert/strict';
import test from 'node:test';
import { pictureAgeMs, readWallCode } from '../../support/wall_code.mjs';

// The row as pult-cam paints it: 20 cells, references, 16 bits, parity and its opposite.
function row(number, { width = 400, height = 24, white = 235, black = 16, blend = 0 } = {}) {
  const bits = [...number.toString(2).padStart(16, '0')].map(Number);
  const odd = bits.reduce((sum, bit) => sum + bit, 0) % 2;
  const cells = [1, 0, ...bits, odd, 1 - odd];
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const luma = cells[Math.floor(((i % width) / width) * 20)] ? white : black;
    data.fill(luma + (128 - luma) * blend, i * 4, i * 4 + 3);
  }
  return { data, width, height };
}

test('numbers are read, also pale and small', () => {
  for (const number of [0, 1, 749, 1499, 32768, 65535]) {
    assert.equal(readWallCode(row(number)), number);
    assert.equal(readWallCode(row(number, { width: 320, height: 15, white: 180, black: 60 })), number);
  }
});

test('no code, a fade and a flipped bit read as nothing', () => {
  assert.equal(readWallCode({ data: new Uint8ClampedArray(400 * 24 * 4).fill(128), width: 400, height: 24 }), null);
  assert.equal(readWallCode(row(749, { blend: 0.8 })), null);
  const flipped = row(749);
  for (let y = 0; y < 24; y++) flipped.data.fill(flipped.data[(y * 400 + 90) * 4] > 128 ? 16 : 235, (y * 400 + 80) * 4, (y * 400 + 100) * 4);
  assert.equal(readWallCode(flipped), null);
});

test('the age of a picture counts around the loop', () => {
  assert.equal(pictureAgeMs(25, 61_500), 500);
  assert.equal(pictureAgeMs(1499, 60_000), 40);
  assert.equal(pictureAgeMs(0, 120_000), 0);
});
