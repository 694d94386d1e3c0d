// Reads the wall-clock code that pult-cam burns into its pictures (cam/wall_code.hpp says how it looks): from RGBA pixels of the code's
// row, as a canvas gives them. Runs in the browser, too: nothing imported, one function of plain arrays.
const kCells = 20;
const kLeastContrast = 80;
const kUnsureBand = 1 / 6;

// row: {data: RGBA, width, height} of the top twelfth of the picture. → the number, or null where there is no clean code.
export function readWallCode({ data, width, height }) {
  const mean = (cell) => {
    const x0 = Math.floor(((cell + 0.25) / kCells) * width);
    const x1 = Math.max(x0 + 1, Math.ceil(((cell + 0.75) / kCells) * width));
    const y0 = Math.floor(height / 4);
    const y1 = Math.max(y0 + 1, Math.ceil((height * 3) / 4));
    let sum = 0;
    for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) sum += data[(y * width + x) * 4 + 1];
    return sum / ((x1 - x0) * (y1 - y0));
  };
  const means = Array.from({ length: kCells }, (_, cell) => mean(cell));
  const contrast = means[0] - means[1];
  if (contrast < kLeastContrast) return null;
  const middle = (means[0] + means[1]) / 2;
  if (means.some((luma) => Math.abs(luma - middle) < contrast * kUnsureBand)) return null;
  const bits = means.map((luma) => (luma > middle ? 1 : 0));
  const number = bits.slice(2, 18).reduce((value, bit) => value * 2 + bit, 0);
  const ones = bits.slice(2, 18).reduce((sum, bit) => sum + bit, 0);
  return bits[18] === ones % 2 && bits[19] === 1 - bits[18] ? number : null;
}

// How old a picture with this number is at wall time `nowMs`, in milliseconds: the number counts pictures within a loop that is in phase
// with the wall clock.
export function pictureAgeMs(number, nowMs, { loopMs = 60000, fps = 25 } = {}) {
  const shownAt = (number * 1000) / fps;
  return (((nowMs % loopMs) - shownAt) % loopMs + loopMs) % loopMs;
}
