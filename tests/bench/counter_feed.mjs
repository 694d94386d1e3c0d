// Feeds for the big room, made once from real media and kept: 1080p H.264 and AAC in MP4, each picture's number in its loop burned in as
// a strip along the top edge (20 cells as of the wall-clock code, support/wall_code.mjs). And the way back: both numbers of each picture
// of a composed programme, so that a picture that was lost or shown twice cannot hide.
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kBin, kPassphrase } from '../support/room.mjs';

const run = promisify(execFile);
const kCells = 20;
const kSamples = 80; // a row of luma, four samples a cell
const kLeastContrast = 80;
const kWidth = 1920;
const kHeight = 1080;
const kFullStrip = 40; // rows: the corner begins at row 42
const kCornerStrip = 60; // a quarter of it is left in the corner

// Where the corner of layout picture-in-picture lies at 1080p (transcode/geometry.cpp).
export const kCorner = { x: 1382, y: 42, width: 480, height: 270 };

// The whole run shows both loops a whole number of times, so that bare work over one loop is over the same pictures.
export const kLoopSeconds = 150;

// Sends a made feed into a room, as a camera.
export function sendFeed(room, feed, path) {
  const url = `srt://127.0.0.1:${room.ports.srt}?streamid=#!::r=${feed},m=publish`;
  room.sender(`pult-cam ${feed}`, [join(kBin, 'pult-cam'), url, '--file', path, '--name', feed], { PULT_CAM_PASSPHRASE: kPassphrase });
}

const kFeeds = {
  full: { source: '/usr/share/openboard/library/videos/wannaworktogether.mp4', seconds: kLoopSeconds, strip: kFullStrip },
  corner: { source: '/usr/share/forensics-samples/original-files/movie2/movie-hello.mp4', seconds: kLoopSeconds / 3, strip: kCornerStrip },
};

function cells(number) {
  const bits = Array.from({ length: 16 }, (_, bit) => (number >> (15 - bit)) & 1);
  const odd = bits.reduce((sum, bit) => sum + bit, 0) % 2;
  return [1, 0, ...bits, odd, 1 - odd];
}

// All strips of a loop as raw grey pictures of 20×1.
function strips(pictures) {
  return Buffer.concat(Array.from({ length: pictures }, (_, number) => Buffer.from(cells(number).map((cell) => cell * 255))));
}

function arguments_(source, stripFile, strip, pictures, fps) {
  const picture = `[0:v]fps=${fps},scale=${kWidth}:${kHeight}:force_original_aspect_ratio=increase:out_color_matrix=bt709,crop=${kWidth}:${kHeight},setsar=1,format=yuv420p,settb=1/${fps},setpts=N[p]`;
  const burned = `[1:v]scale=${kWidth}:${strip}:flags=neighbor,format=yuv420p[s];[p][s]overlay=0:0:eof_action=endall`;
  const encoder = ['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'high', '-bf', '0', '-g', String(fps), '-b:v', '6000k', '-maxrate', '6000k', '-bufsize', '6000k', '-x264-params', 'scenecut=0'];
  const colour = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'];
  const sound = ['-map', '0:a', '-c:a', 'aac', '-b:a', '128k', '-ar', '48000', '-ac', '2', '-t', String(pictures / fps)];
  return ['-nostdin', '-v', 'error', '-y', '-stream_loop', '-1', '-i', source, '-f', 'rawvideo', '-pix_fmt', 'gray', '-s', `${kCells}x1`, '-r', String(fps), '-i', stripFile,
    '-filter_complex', `${picture};${burned}[v]`, '-map', '[v]', '-frames:v', String(pictures), ...encoder, ...colour, '-video_track_timescale', '90000', ...sound];
}

async function makeFeed(path, { source, seconds, strip }, fps) {
  if (!existsSync(source)) throw new Error(`${source} is missing (./dev deps installs it)`);
  const pictures = seconds * fps;
  const part = `${path}.${process.pid}`;
  const stripFile = `${part}.strips`;
  writeFileSync(stripFile, strips(pictures));
  console.log(`bench: making ${path} (once) …`);
  await run('ffmpeg', [...arguments_(source, stripFile, strip, pictures, fps), '-f', 'mp4', part]);
  rmSync(stripFile);
  renameSync(part, path);
}

// → {full, corner}: {path, pictures}: a loop of so many pictures.
export async function counterFeeds(work, fps) {
  const folder = join(work, 'feeds');
  mkdirSync(folder, { recursive: true });
  const feeds = {};
  await Promise.all(Object.entries(kFeeds).map(async ([name, feed]) => {
    const path = join(folder, `${name}-${feed.seconds}s-${fps}.mp4`);
    if (!existsSync(path)) await makeFeed(path, feed, fps);
    feeds[name] = { path, pictures: feed.seconds * fps };
  }));
  return feeds;
}

// A row of kSamples luma samples → its number, or null.
function readRow(row) {
  const means = Array.from({ length: kCells }, (_, cell) => (row[4 * cell + 1] + row[4 * cell + 2]) / 2);
  if (means[0] - means[1] < kLeastContrast) return null;
  const middle = (means[0] + means[1]) / 2;
  const bits = means.map((luma) => (luma > middle ? 1 : 0));
  const number = bits.slice(2, 18).reduce((value, bit) => value * 2 + bit, 0);
  return cells(number).every((cell, i) => cell === bits[i]) ? number : null;
}

// Both numbers of every picture of a file, by decoding it: [{full, corner}], null where a strip cannot be read.
export function readCounters(file) {
  const corner = `crop=${kCorner.width}:6:${kCorner.x}:${kCorner.y + 4}`;
  const filter = `[0:v]extractplanes=y,split[a][b];[a]crop=${kWidth}:20:0:10,scale=${kSamples}:1:flags=area[a1];[b]${corner},scale=${kSamples}:1:flags=area[b1];[a1][b1]vstack`;
  return new Promise((done, failed) => {
    const child = spawn('ffmpeg', ['-nostdin', '-v', 'error', '-i', file, '-filter_complex', filter, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.on('error', failed);
    child.on('close', (code) => {
      if (code !== 0) return failed(new Error(`ffmpeg cannot decode ${file}`));
      const bytes = Buffer.concat(chunks);
      const size = 2 * kSamples;
      done(Array.from({ length: Math.floor(bytes.length / size) }, (_, i) => ({
        full: readRow(bytes.subarray(i * size, i * size + kSamples)),
        corner: readRow(bytes.subarray(i * size + kSamples, (i + 1) * size)),
      })));
    });
  });
}

// How a counter ran over pictures in a row: each must be its predecessor's successor in a loop of `length`.
export function judgeCounter(numbers, length) {
  const found = { pictures: numbers.length, unreadable: 0, repeats: 0, holes: 0, lost: 0 };
  for (let i = 0; i < numbers.length; i += 1) {
    if (numbers[i] === null) found.unreadable += 1;
    if (i === 0 || numbers[i] === null || numbers[i - 1] === null) continue;
    const step = (numbers[i] - numbers[i - 1] + length) % length;
    if (step === 0) found.repeats += 1;
    if (step <= 1) continue;
    found.holes += 1;
    found.lost += step - 1;
  }
  return found;
}
