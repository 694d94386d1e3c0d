// The bare codec work beside which the big room is measured: one ffmpeg, one thread for each codec, that decodes both feeds, composes
// them, scales in a chain and encodes the same rungs, as fast as it can. What composing costs is measured apart and taken off, so that only
// decoding, scaling and encoding are left. And the PSNR of a top rung against what went into it.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kCorner } from './counter_feed.mjs';

const run = promisify(execFile);
const kComposeSeconds = 40; // enough to tell what composing costs

// The default ladder (configs/room.toml).
export const kLadder = [
  { name: '1080p', width: 1920, height: 1080, kbps: 4500 },
  { name: '720p', width: 1280, height: 720, kbps: 2500 },
  { name: '480p', width: 854, height: 480, kbps: 1200 },
  { name: '360p', width: 640, height: 360, kbps: 700 },
];

// What transcode/video_encoder.cpp asks of x264, but for the threads (and slices) that a large rung has there: here each has one.
function encoder({ kbps }, picturesPerSegment) {
  const key = `expr:eq(mod(n,${picturesPerSegment}),0)`;
  return ['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-profile:v', 'high', '-threads', '1', '-bf', '0',
    '-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps / 2}k`, '-x264-params', 'keyint=infinite:scenecut=0', '-force_key_frames', key];
}

// Inputs at a place in their loops, one decoder thread each.
function inputs(feeds, first, fps) {
  return ['full', 'corner'].flatMap((name) => ['-threads', '1', '-stream_loop', '-1', '-ss', Math.max(0, (first[name] - 0.5) / fps).toFixed(4), '-i', feeds[name].path]);
}

const kScaler = 'flags=area'; // as transcode/scaler.cpp
const kCompose = `[1:v]scale=${kCorner.width}:${kCorner.height}:${kScaler}[c];[0:v][c]overlay=${kCorner.x}:${kCorner.y}`;
const kOneThread = ['-filter_threads', '1', '-filter_complex_threads', '1'];

function chain() {
  const steps = kLadder.slice(1).map(({ width, height }, i) => `[s${i}]scale=${width}:${height}:${kScaler}${i + 2 < kLadder.length ? `,split[r${i + 1}][s${i + 1}]` : `[r${i + 1}]`}`);
  return `,split[r0][s0];${steps.join(';')}`;
}

// User and system time of an ffmpeg, in seconds.
async function ffmpegSeconds(args) {
  const { stderr } = await run('ffmpeg', ['-nostdin', '-hide_banner', '-benchmark', '-y', ...args], { maxBuffer: 64 << 20 });
  const found = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(stderr);
  if (!found) throw new Error(`ffmpeg said nothing of its time: ${stderr.slice(-500)}`);
  return Number(found[1]) + Number(found[2]);
}

// Seconds of processor time per second of content that composing costs ffmpeg.
async function composing(feeds, first, fps, seconds) {
  const length = Math.min(seconds, kComposeSeconds);
  const out = ['-fps_mode', 'passthrough', '-an', '-t', String(length), '-f', 'null', '-'];
  const both = await ffmpegSeconds([...inputs(feeds, first, fps), ...kOneThread, '-filter_complex', `${kCompose}[v]`, '-map', '[v]', ...out]);
  const decoded = await ffmpegSeconds([...inputs(feeds, first, fps), '-map', '0:v', ...out, '-map', '1:v', ...out]);
  return (both - decoded) / length;
}

// first: the loop numbers with which the room's judged pictures begin. → {cores, composing, top: file}
export async function bareWork({ feeds, first, fps, seconds, picturesPerSegment, work }) {
  const top = join(work, `bare-${fps}.mp4`);
  const rungs = kLadder.flatMap((rung, i) => ['-map', `[r${i}]`, '-fps_mode', 'passthrough', ...encoder(rung, picturesPerSegment), '-t', String(seconds), ...(i === 0 ? ['-f', 'mp4', top] : ['-f', 'null', '-'])]);
  const sound = ['-map', '0:a', '-c:a', 'aac', '-b:a', '128k', '-t', String(seconds), '-f', 'null', '-'];
  const whole = await ffmpegSeconds([...inputs(feeds, first, fps), ...kOneThread, '-filter_complex', `${kCompose}${chain()}`, ...rungs, ...sound]);
  const composed = await composing(feeds, first, fps, seconds);
  return { cores: whole / seconds - composed, composing: composed, top };
}

// PSNR in dB of a top rung against the first feed, where nothing lies over it: the corner and the lower third of the picture, where the
// lower third stands, are blackened on both sides. `skip`: pictures of the file before the one that shows number first.full.
export async function psnr({ file, skip, feeds, first, fps, pictures }) {
  const same = `settb=1/${fps},setpts=N,drawbox=${kCorner.x}:${kCorner.y}:${kCorner.width}:${kCorner.height}:black:fill,drawbox=0:756:1920:324:black:fill`;
  const cut = (from) => `trim=start_frame=${from}:end_frame=${from + pictures},${same}`;
  const graph = `[0:v]${cut(skip)}[a];[1:v]${cut(0)}[b];[a][b]psnr`;
  const full = ['-stream_loop', '-1', '-ss', Math.max(0, (first.full - 0.5) / fps).toFixed(4), '-i', feeds.full.path];
  const { stderr } = await run('ffmpeg', ['-nostdin', '-hide_banner', '-i', file, ...full, '-filter_complex', graph, '-an', '-frames:v', String(pictures), '-f', 'null', '-'], { maxBuffer: 64 << 20 });
  const found = /PSNR y:([\d.]+) .*average:([\d.]+)/.exec(stderr);
  if (!found) throw new Error(`ffmpeg gave no PSNR for ${file}: ${stderr.slice(-500)}`);
  return Number(found[2]);
}
