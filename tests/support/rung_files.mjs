// The end of a stream's tracks as files, for judges that read files (ffprobe, ffmpeg): what a player appends.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMedia } from './playlist.mjs';

const kMostOutput = 64 << 20;
const kSampleRate = 48000;
const kAfterBeep = 0.02; // s of silence that end it

export function probe(...args) {
  return JSON.parse(execFileSync('ffprobe', ['-v', 'error', '-of', 'json', ...args], { maxBuffer: kMostOutput }).toString());
}

// The last whole segments of a track that a StreamFollower follows, with their init section, as one file.
// → {file, segments}
export async function download(follower, track, folder, { segments = 6 } = {}) {
  const list = readMedia((await follower.client.get(track.url)).body.toString());
  const whole = list.segments.filter(({ uri }) => uri).slice(-segments);
  const get = async (uri) => (await follower.client.get(new URL(uri, track.url).href)).body;
  const map = list.segments.find((segment) => segment.map).map;
  const bytes = [await get(map), ...(await Promise.all(whole.map(({ uri }) => get(uri))))];
  const file = join(folder, `${track.name.replace(/\W/g, '')}.mp4`);
  writeFileSync(file, Buffer.concat(bytes));
  return { file, segments: whole.length };
}

function ffmpeg(...args) {
  return execFileSync('ffmpeg', ['-nostdin', '-v', 'error', ...args], { maxBuffer: kMostOutput });
}

const kCameraFlash = { x: 4 / 5, y: 1 / 6, width: 3 / 20, height: 1 / 4 }; // of pult-cam's picture (cam/wall_code.hpp)

const startOf = (file) => Number(probe('-show_entries', 'stream=start_time', file).streams[0].start_time);

// When the block of a picture (fractions of its size) turns from dark to bright, in programme seconds. Pictures are on the grid.
export function flashes(file, { x, y, width, height }, fps) {
  const crop = `crop=iw*${width / 2}:ih*${height / 2}:iw*${x + width / 4}:ih*${y + height / 4},scale=1:1:flags=area`;
  const luma = ffmpeg('-i', file, '-vf', crop, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'gray', '-');
  const start = startOf(file);
  const found = [];
  for (let i = 1; i < luma.length; i++) if (luma[i - 1] < 100 && luma[i] > 150) found.push(start + i / fps);
  return found;
}

// Samples of a file's sound, one channel, and its first one's programme seconds.
function soundOf(file) {
  const bytes = ffmpeg('-i', file, '-ac', '1', '-f', 'f32le', '-');
  return { samples: new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2), start: startOf(file) };
}

// Of each flash of pult-cam's that has its beep: {off: sound less picture, long: the beep}, in ms. Both files may be the same one.
export function beepsAgainstFlashes(pictureFile, soundFile, fps) {
  const seen = flashes(pictureFile, kCameraFlash, fps);
  return beeps(soundFile).flatMap(({ at, ms }) => seen.filter((flash) => Math.abs(flash - at) < 0.4).map((flash) => ({ off: (at - flash) * 1000, long: ms })));
}

// Beeps after at least `quiet` seconds of silence: {at: programme seconds, ms: how long}. One that the file's end cuts off is left out.
export function beeps(file, { quiet = 0.2, level = 0.06 } = {}) {
  const { samples, start } = soundOf(file);
  const found = [];
  let last = 0;
  for (let i = 0; i < samples.length; i++) {
    if (Math.abs(samples[i]) < level) continue;
    if (i - last > quiet * kSampleRate) found.push({ first: i, last: i });
    else if (found.length > 0) found.at(-1).last = i;
    last = i;
  }
  const whole = found.filter((beep) => samples.length - beep.last > kAfterBeep * kSampleRate);
  return whole.map((beep) => ({ at: start + beep.first / kSampleRate, ms: ((beep.last - beep.first) * 1000) / kSampleRate }));
}
