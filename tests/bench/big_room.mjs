// The big room: two 1080p feeds of real media, picture-in-picture with a lower third, the default four rungs and AAC, LL-HLS, the window
// on disk. Fills, lost and repeated pictures, processor time beside the bare codec work, quality, memory.
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withRoom } from '../support/room.mjs';
import { sleep } from '../support/wait.mjs';
import { bareWork, kLadder, psnr } from './bare.mjs';
import { counterFeeds, judgeCounter, kLoopSeconds, readCounters, sendFeed } from './counter_feed.mjs';
import { figure } from './figures.mjs';
import { RoomCost } from './machine.mjs';
import { counts } from './room_counts.mjs';

const kSettleMs = 15000; // slates are encoded, feed clocks have their minimum
const kMemoryEveryMs = 5000;
const kWrittenMs = 6000; // until the last judged segment lies on disk
const kPsnrSeconds = 90;
const kAligned = 28; // dB: pictures that are not the same ones are far below
const kMoreCores = 0.35;
const kSenderCores = 0.1;
const kLessDb = 0.2;
const kMemoryMb = 800;
const kLowerThird = ['Friederike Obermatt', 'Leiterin des Hauses der Dörfer & Städte'];
const kMega = 1e6;

async function onAir(room, feeds) {
  for (const [feed, { path }] of Object.entries(feeds)) sendFeed(room, feed, path);
  for (const feed of Object.keys(feeds)) await room.untilFeed(feed, 'live', { within: 60000, every: 200 });
  await room.untilOnAir({ within: 60000, every: 200 });
  const shown = await room.pult('lt', 'show', ...kLowerThird);
  if (shown.code !== 0) console.log(`bench: lower third: ${shown.stderr.trim()}`);
  await sleep(kSettleMs);
  return shown.code === 0;
}

async function sampleMemory(cost, seconds) {
  const most = { total: 0, programs: 0, runDir: 0 };
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const { programs, runDir } = cost.memory();
    if (programs + runDir > most.total) Object.assign(most, { total: programs + runDir, programs, runDir });
    await sleep(Math.min(kMemoryEveryMs, Math.max(0, end - performance.now())));
  }
  return most;
}

// The window's files of the top rung and what their indices say, kept beyond the room: [{file, segments: [{wall}]}], in order.
function keepWindow(room, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const window = join(room.dataDir, 'data', 'window');
  const shows = readdirSync(window).filter((name) => existsSync(join(window, name, kLadder[0].name)));
  if (shows.length !== 1) throw new Error(`${shows.length} shows in ${window}`);
  const track = join(window, shows[0], kLadder[0].name);
  const names = readdirSync(track).filter((name) => /^\d+\.mp4$/.test(name)).map((name) => name.slice(0, -'.mp4'.length));
  return names.sort((a, b) => Number(a) - Number(b)).map((name) => {
    const file = join(folder, `${name}.mp4`);
    const lines = readFileSync(join(track, `${name}.index`), 'utf8').split('\n').filter((line) => /^\d/.test(line)); // first: the file grows meanwhile
    copyFileSync(join(track, `${name}.mp4`), file);
    return { file, segments: lines.map((line) => ({ wall: Number(line.split(' ')[2]) / kMega })) };
  });
}

async function measureRoom(room, feeds, seconds, work, fps) {
  const lowerThird = await onAir(room, feeds);
  const before = await counts(room);
  const cost = new RoomCost(room);
  const from = Date.now();
  const memory = await sampleMemory(cost, seconds);
  const used = cost.read();
  const to = Date.now();
  await sleep(kWrittenMs);
  const after = await counts(room);
  const counted = Object.fromEntries(Object.keys(before).map((name) => [name, after[name] - before[name]]));
  return { lowerThird, counted, memory, used, from, to, files: keepWindow(room, join(work, `window-${fps}`)) };
}

// The longest run of pictures in which nothing is missing: only there are the pictures of two encoders the same ones. Not across the end of
// the loop: what ffmpeg makes of its own loop there is not what the cameras sent. → {from, count}
function longestCleanRun(judged) {
  let best = { from: 0, count: 0 };
  let from = 0;
  for (let i = 1; i <= judged.length; i += 1) {
    const inLoop = i < judged.length && judged[i - 1].full >= judged[0].full && judged[i].full === judged[i - 1].full + 1;
    const goesOn = inLoop && judged[i].file === judged[i - 1].file;
    if (goesOn) continue;
    if (i - from > best.count) best = { from, count: i - from };
    from = i;
  }
  return best;
}

// Both counters over the pictures that were due in the measured span.
async function judgePictures({ files, from, to }, feeds, fps, picturesPerSegment) {
  const all = [];
  for (const { file, segments } of files) {
    const counters = await readCounters(file);
    if (counters.length < segments.length * picturesPerSegment) throw new Error(`${file}: ${counters.length} pictures in ${segments.length} segments`);
    counters.forEach((numbers, i) => {
      const segment = segments[Math.floor(i / picturesPerSegment)];
      if (segment) all.push({ ...numbers, wall: segment.wall + ((i % picturesPerSegment) * 1000) / fps, file, skip: i });
    });
  }
  const judged = all.filter(({ wall }) => wall >= from && wall < to);
  if (judged.length === 0) throw new Error('the window holds no picture of the measured span');
  const counter = (name) => judgeCounter(judged.map((one) => one[name]), feeds[name].pictures);
  const clean = longestCleanRun(judged);
  return {
    full: counter('full'), corner: counter('corner'), first: judged[0], judged: judged.length, expected: Math.round(((to - from) / 1000) * fps),
    clean: { ...judged[clean.from], count: clean.count },
  };
}

// PSNR of both top rungs over the same pictures: those of the longest clean run that the bare run of so many pictures has, too.
async function quality({ pictures, bare }, feeds, fps, barePictures) {
  const { clean, first } = pictures;
  const place = clean.full - first.full; // in the bare run
  const count = Math.min(clean.count, barePictures - place - 1, kPsnrSeconds * fps);
  if (count < fps) return { ours: null, theirs: null };
  const compare = (file, skip) => psnr({ file, skip, feeds, first: clean, fps, pictures: count });
  const [ours, theirs] = await Promise.all([compare(clean.file, clean.skip), compare(bare.top, place)]);
  return { ours, theirs, compared: count };
}

function figures(found) {
  const { counted, used, memory, lowerThird, pictures, bare, ours, theirs, compared } = found;
  const wrong = ({ unreadable, holes, repeats }) => unreadable + holes + repeats;
  const zero = (name, value, note) => figure(name, value, '', { most: 0, digits: 0, note });
  return [
    figure('lower third shown', lowerThird ? 1 : 0, '', { least: 1, digits: 0 }),
    zero('fills (pictures and sound frames)', counted.filled_pictures + counted.filled_sounds),
    zero('full feed: holes, repeats, unreadable', wrong(pictures.full), `of ${pictures.full.pictures} pictures in the window's top rung: ${pictures.full.holes} holes (${pictures.full.lost} pictures), ${pictures.full.repeats} repeats, ${pictures.full.unreadable} unreadable`),
    zero('corner feed: holes, repeats, unreadable', wrong(pictures.corner), `${pictures.corner.holes} holes (${pictures.corner.lost} pictures), ${pictures.corner.repeats} repeats, ${pictures.corner.unreadable} unreadable`),
    zero('pictures encoded with less effort than `veryfast`', counted.reduced, `of ${counted.pictures}: where that is too much for the machine`),
    figure('processor, all programs', used.room, 'cores', { most: bare.cores + kMoreCores, note: `the bar is the bare codec work plus ${kMoreCores}` }),
    figure('bare codec work', bare.cores, 'cores', { note: `composing, ${bare.composing.toFixed(2)} cores in ffmpeg, is not in it` }),
    figure('more than bare', used.room - bare.cores, 'cores', { most: kMoreCores }),
    figure('senders', used.senders, 'cores', { most: kSenderCores, digits: 3 }),
    figure('PSNR of the top rung', ours, 'dB', { least: (theirs ?? NaN) - kLessDb, note: `of ${compared} pictures, outside corner and lower third; the bar is the bare run's less ${kLessDb} dB` }),
    figure('PSNR of the bare run', theirs, 'dB'),
    figure('memory, most (PSS and run directory)', memory.total / kMega, 'MB', { most: kMemoryMb, digits: 0, note: `programs ${Math.round(memory.programs / kMega)} MB, run directory ${Math.round(memory.runDir / kMega)} MB` }),
  ];
}

function warnings({ counted, pictures, ours, theirs }) {
  const list = [];
  if (ours !== null && Math.min(ours, theirs) < kAligned) list.push('the PSNR is so low that pictures may have been compared with other ones');
  if (Math.abs(pictures.judged - pictures.expected) > 2) list.push(`${pictures.judged} pictures judged, ${pictures.expected} expected`);
  for (const name of ['late', 'repeated', 'dropped', 'skipped', 'late_parts', 'write_failures']) if (counted[name] > 0) list.push(`${name}: ${counted[name]}`);
  return list;
}

export async function bigRoom({ fps, seconds, work }) {
  const picturesPerSegment = fps === 25 ? 48 : 60; // docs/architecture.md
  const feeds = await counterFeeds(work, fps);
  const scene = { name: 'bild-im-bild', layout: 'picture-in-picture', feeds: ['full', 'corner'], audio: 'full' };
  const options = { feeds: ['full', 'corner'], scenes: [scene], rungs: [], size: '1920x1080', fps };
  const found = await withRoom(options, (room) => measureRoom(room, feeds, seconds, work, fps));
  console.log('bench: the bare codec work …');
  found.pictures = await judgePictures(found, feeds, fps, picturesPerSegment);
  const { first } = found.pictures;
  if (first.full === null || first.corner === null) throw new Error('the first judged picture has no counters');
  found.bare = await bareWork({ feeds, first, fps, seconds: Math.min(seconds, kLoopSeconds), picturesPerSegment, work });
  Object.assign(found, await quality(found, feeds, fps, Math.min(seconds, kLoopSeconds) * fps));
  if (!process.env.PULT_KEEP) for (const { file } of found.files) rmSync(file);
  if (!process.env.PULT_KEEP) rmSync(found.bare.top);
  return {
    title: `Big room, ${fps} pictures a second`,
    about: 'Two 1080p feeds of real media, picture-in-picture with a lower third, four rungs and AAC, window on disk.',
    figures: figures(found),
    warnings: warnings(found),
    others: found.used.others,
    tables: [{
      title: 'Processor, cores:', columns: ['program', 'cores'],
      rows: [...Object.entries(found.used.programs).map(([name, cores]) => [name, cores.toFixed(3)]), ['pult-cam, both', found.used.senders.toFixed(3)], ['others on the machine', found.used.others.toFixed(3)]],
    }],
  };
}
