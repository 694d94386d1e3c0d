// Pictures as a viewer's browser shows them, and how two of them differ. Pixels are RGBA bytes, row by row.

// What the page's video shows now, scaled to `width` × `height`.
export async function grab(page, { width, height }) {
  const text = await page.evaluate((w, h) => {
    const context = new OffscreenCanvas(w, h).getContext('2d');
    context.drawImage(document.querySelector('video'), 0, 0, w, h);
    const { data } = context.getImageData(0, 0, w, h);
    let bytes = '';
    for (let i = 0; i < data.length; i += 0x8000) bytes += String.fromCharCode(...data.subarray(i, i + 0x8000));
    return btoa(bytes);
  }, width, height);
  const data = Buffer.from(text, 'base64');
  return { data, width, height };
}

// The pixels of which a channel differs by more than `least`: [{x, y}].
export function changed(a, b, least) {
  const found = [];
  for (let i = 0; i < a.data.length; i += 4) {
    const most = Math.max(Math.abs(a.data[i] - b.data[i]), Math.abs(a.data[i + 1] - b.data[i + 1]), Math.abs(a.data[i + 2] - b.data[i + 2]));
    if (most > least) found.push({ x: (i / 4) % a.width, y: Math.floor(i / 4 / a.width) });
  }
  return found;
}

export function meanDifference(a, b) {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i] - b.data[i]);
  return (sum / a.data.length) * (4 / 3); // alpha never differs
}

// The smallest rectangle around some pixels.
export function bounds(pixels) {
  const [xs, ys] = [pixels.map(({ x }) => x), pixels.map(({ y }) => y)];
  const least = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);
  return { x: least(xs), y: least(ys), width: most(xs) - least(xs) + 1, height: most(ys) - least(ys) + 1 };
}

// The picture with a rectangle blacked out.
export function outside(picture, { x, y, width, height }) {
  const data = Buffer.from(picture.data);
  for (let row = y; row < y + height; row++) data.fill(0, (row * picture.width + x) * 4, (row * picture.width + x + width) * 4);
  return { ...picture, data };
}
