// A talk of 45 minutes at the default ladder, beside a live room: how soon it can be watched after `pult talk stop`, and how long its MP4
// takes beside `cp` and fsync of the same bytes, both with what the live programme leaves over.
// The recording is real: some seconds of the big room, looped through the recorder's own writer into the show that is on air, as if it had
// run since then. The room that is live meanwhile shows a still picture on the same ladder, which two cores can encode in real time.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kBin, withRoom } from '../support/room.mjs';
import { sleep, until } from '../support/wait.mjs';
import { counterFeeds, sendFeed } from './counter_feed.mjs';
import { figure } from './figures.mjs';
import { counts } from './room_counts.mjs';

const run = promisify(execFile);
const kFps = 25;
const kSourceMs = 20000;
const kWatchableWithin = 2; // s
const kTimesCopy = 3;
const kMega = 1e6;
const kIdle = ['chrt', '--idle', '0', 'ionice', '-c', '3', 'nice', '-n', '19'];
const kAgoMost = 3600;
const kTopRung = '1080p';

const kScene = { name: 'bild-im-bild', layout: 'picture-in-picture', feeds: ['full', 'corner'], audio: 'full' };

function showOf(data) {
  const shows = readdirSync(join(data, 'program')).filter((name) => existsSync(join(data, 'program', name, 'show.json')));
  if (shows.length !== 1) throw new Error(`${shows.length} shows in ${data}/program`);
  return shows[0];
}

// Real fragments of the default ladder; `use` gets their program folder and show.
async function withSource(work, use) {
  const feeds = await counterFeeds(work, kFps);
  return withRoom({ feeds: ['full', 'corner'], scenes: [kScene], rungs: [], size: '1920x1080', fps: kFps }, async (room) => {
    for (const [feed, { path }] of Object.entries(feeds)) sendFeed(room, feed, path);
    await room.untilOnAir({ within: 60000, every: 200 });
    await sleep(kSourceMs);
    await room.run.stop();
    const data = join(room.dataDir, 'data');
    return use(join(data, 'program'), showOf(data));
  });
}

async function timed(act) {
  const begun = performance.now();
  await act();
  return (performance.now() - begun) / 1000;
}

// To copy and to be safe, at the priority of the jobs.
async function copySeconds(from) {
  const copy = `${from}.copy`;
  const seconds = await timed(() => run(kIdle[0], [...kIdle.slice(1), 'sh', '-c', 'cp -r "$1" "$2" && find "$2" -type f -exec sync {} +', 'sh', from, copy]));
  rmSync(copy, { recursive: true });
  return seconds;
}

async function talkBeside(room, source, seconds) {
  const data = join(room.dataDir, 'data');
  room.camera('slides', { size: '1920x1080', more: ['--motif', 'slides', '--loop', '10'] });
  await room.untilFeed('slides', 'live', { within: 120000, every: 200 });
  await room.untilOnAir({ within: 60000, every: 200 });
  await until('the recording has begun', () => existsSync(join(data, 'program')) && readdirSync(join(data, 'program')).length > 0, { within: 15000 });
  await sleep(4000);
  const show = showOf(data);
  const { stdout } = await run(join(kBin, 'pult-talk-recording'), [source.program, source.show, join(data, 'program'), show, String(seconds)]);
  console.log(`bench: ${stdout.trim()}`);
  await run('sync', ['-f', data]); // what was just made is not this talk's to write
  // A virtual machine's memory is slow the first time that it is used (three times the system time was seen); who writes first would pay for all.
  await copySeconds(join(data, 'program', show, kTopRung));
  const before = await counts(room);
  const started = await room.pult('talk', 'start', '--at', `-${Math.floor((seconds - 10) / 60)}:${String((seconds - 10) % 60).padStart(2, '0')}`);
  if (started.code !== 0) throw new Error(started.stderr);
  const { talk } = await room.status();
  const { slug } = (await room.pult('talk', 'show', talk.id, '--json')).json;
  const draft = join(data, 'drafts', slug);
  const video = join(draft, 'video.mp4');
  const begun = performance.now();
  const stopped = await room.pult('talk', 'stop');
  if (stopped.code !== 0) throw new Error(stopped.stderr);
  await until('the talk can be watched', () => existsSync(join(draft, 'index.m3u8')), { within: 60000, every: 10 });
  const watchable = (performance.now() - begun) / 1000;
  await until('the MP4 is being written', () => existsSync(`${video}.part`) || existsSync(video), { within: 60000, every: 10 });
  const writing = performance.now();
  await until('the MP4 is there', () => existsSync(video), { within: 900000, every: 10 });
  const mp4 = (performance.now() - writing) / 1000;
  await until('the draft is whole', async () => (await room.pult('talk', 'show', talk.id, '--json')).json.state === 'draft', { within: 900000, every: 500 });
  const draftSeconds = (performance.now() - begun) / 1000;
  const copies = [];
  for (let i = 0; i < 3; i += 1) copies.push(await copySeconds(video));
  const after = await counts(room);
  const counted = Object.fromEntries(Object.keys(before).map((name) => [name, after[name] - before[name]]));
  const { json } = await room.pult('talk', 'show', talk.id, '--json');
  return { watchable, mp4, draftSeconds, copy: Math.min(...copies), counted, bytes: statSync(video).size, length: json.files.length, gaps: json.files.gaps?.length ?? 0 };
}

export async function talk({ seconds, work }) {
  if (seconds > kAgoMost) throw new Error('a mark lies 3600 s in the past at most');
  const found = await withSource(work, (program, show) =>
    withRoom({ feeds: ['slides'], rungs: [], size: '1920x1080', fps: kFps }, (room) => talkBeside(room, { program, show }, seconds)));
  const { counted } = found;
  const late = counted.filled_pictures + counted.late_parts + counted.late + counted.repeated + counted.dropped;
  return {
    title: 'A talk is cut beside the live programme',
    about: 'A recording of the default ladder, made of real fragments; the live room has the same ladder and a still picture.',
    figures: [
      figure('watchable after `pult talk stop`', found.watchable, 's', { most: kWatchableWithin }),
      figure('MP4 written and safe', found.mp4, 's', { most: found.copy * kTimesCopy, note: `the bar is ${kTimesCopy} times the copy` }),
      figure('`cp` and fsync of the same bytes', found.copy, 's', { note: 'least of three, at the same idle priority, in the same room' }),
      figure('size of the MP4', found.bytes / kMega, 'MB', { digits: 0, note: `${(found.length / 60).toFixed(1)} min, ${found.gaps} gaps` }),
      figure('the whole draft', found.draftSeconds, 's', { note: 'with sound file, loudness, pictures, checksums' }),
      figure('late pictures in the live programme meanwhile', late, '', { most: 0, digits: 0, note: Object.entries(counted).map(([name, value]) => `${name} ${value}`).join(', ') }),
    ],
  };
}
