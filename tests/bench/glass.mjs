// Glass to glass, and a take from the crew's key to the viewer's line, in one run: two simulated cameras at 1080p, rungs 1080p and 360p, the
// room's own page in Chromium (hls.js) held on 1080p, takes by the CLI all along.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Player } from '../support/player.mjs';
import { judge } from '../support/record.mjs';
import { withRoom } from '../support/room.mjs';
import { sleep, until } from '../support/wait.mjs';
import { pictureAgeMs } from '../support/wall_code.mjs';
import { figure, median } from './figures.mjs';
import { RoomCost } from './machine.mjs';
import { PartWatcher } from './part_watcher.mjs';

const kFps = 25;
const kLoopSeconds = 20;
const kTakes = 50;
const kLeastPauseMs = 1500;
const kSettleMs = 15000;
const kReadEvery = 5; // pictures: reading pixels back costs as much as playing
const kReportMs = 1100; // pult-transcode reports each second
const kGlassSeconds = 2.0;
const kPacketMs = 150;
const kPartMs = 300;

const kRoom = {
  size: '1920x1080',
  fps: kFps,
  rungs: [
    { name: '1080p', size: '1920x1080', video_kbps: 4500 },
    { name: '360p', size: '640x360', video_kbps: 700 },
  ],
};

async function onAir(room) {
  for (const [feed, motif] of [['cam1', 'speaker'], ['cam2', 'hall']])
    room.camera(feed, { size: kRoom.size, more: ['--loop', String(kLoopSeconds), '--motif', motif] });
  for (const feed of ['cam1', 'cam2']) await room.untilFeed(feed, 'live', { within: 300000, every: 200 });
  await room.untilOnAir({ within: 60000, every: 200 });
  await sleep(kSettleMs);
}

// The viewer chooses 1080p in the quality menu, then presses play.
async function openPlayer(room) {
  const player = await Player.viewer(room.url, { readCode: kReadEvery, width: 1280, height: 800 });
  await until('the page knows the rungs', () => player.page.evaluate(() => {
    const hls = window.pultPage.engine_.hls;
    const top = hls?.levels?.findIndex(({ height }) => height === 1080) ?? -1;
    if (top >= 0) hls.loadLevel = top;
    return top >= 0;
  }), { within: 20000, every: 100 });
  await player.play();
  return player;
}

// The file name of the top rung's part that holds a picture, by the packager's own index in the run directory.
function partOf(room, picture) {
  const live = join(room.runDir, 'live');
  const show = readdirSync(live).find((name) => readdirSync(join(live, name)).includes(kRoom.rungs[0].name));
  const folder = join(live, show, kRoom.rungs[0].name);
  const sequences = readdirSync(folder).filter((name) => name.endsWith('.idx')).map((name) => Number.parseInt(name, 10)).sort((a, b) => b - a);
  for (const sequence of sequences.slice(0, 8)) {
    const lines = readFileSync(join(folder, `${sequence}.idx`), 'utf8').split('\n').filter((line) => line.startsWith('part '));
    const starts = lines.map((line) => line.split(' ')).reverse();
    const found = starts.find((fields) => Number(fields[2]) <= picture);
    if (found) return `${sequence}.${found[1]}.m4s`;
  }
  return null;
}

// One take. → {shown, packet, part}: ms after the command was started; null where it could not be had.
async function take(room, watcher, scene) {
  const began = Date.now();
  const { code, json, stderr } = await room.pult('take', scene, '--cut', '--json');
  if (code !== 0) {
    console.log(`bench: take: ${stderr.trim()}`);
    return { shown: null, packet: null, part: null };
  }
  const shown = Date.parse(json.shown_at) - began;
  await sleep(kReportMs);
  const delay = (await room.status()).ladder[0].delay_ms;
  const name = partOf(room, json.picture);
  const answered = watcher.answered.get(name);
  return { shown, packet: shown + delay, part: answered ? answered - began : null };
}

async function takes(room, watcher, seconds) {
  const count = Math.max(1, Math.min(kTakes, Math.floor((seconds * 1000) / (kReportMs + kLeastPauseMs))));
  const pause = (seconds * 1000) / count;
  const all = [];
  for (let i = 0; i < count; i += 1) {
    const began = performance.now();
    all.push(await take(room, watcher, i % 2 === 0 ? 'cam2' : 'cam1'));
    // Not in step with the parts: takes fall anywhere within one.
    await sleep(Math.max(0, pause - (performance.now() - began) - Math.random() * 320));
  }
  return all;
}

async function measure(room, seconds) {
  await onAir(room);
  const watcher = await PartWatcher.start(`${room.url}/live/master.m3u8`);
  const player = await openPlayer(room);
  try {
    const cost = new RoomCost(room);
    const taken = await takes(room, watcher, seconds);
    const used = cost.read();
    return { taken, used, record: await player.record() };
  } finally {
    await watcher.stop();
    await player.close();
  }
}

// Where the player waited, and with how much of the stream in hand: with a part or more it lacked the time to decode, not the stream.
function waitingNote(record, { firstPlaying, waiting }) {
  const each = waiting.map(({ at, ahead }) => `after ${((at - firstPlaying) / 1000).toFixed(0)} s with ${ahead?.toFixed(2) ?? '?'} s in hand`);
  return [...each, `others took ${(100 * (record.lateShare ?? 0)).toFixed(1)} % of the machine's ticks`].join('; ');
}

function figures({ taken, record }, judged) {
  const ages = record.codes.filter(({ number }) => number !== null).map(({ number, at }) => pictureAgeMs(number, at, { loopMs: kLoopSeconds * 1000, fps: kFps }) / 1000);
  const of = (key) => taken.map((one) => one[key]).filter((value) => value !== null);
  const missed = taken.filter(({ part }) => part === null).length;
  return [
    figure('glass to glass, median', median(ages), 's', { most: kGlassSeconds, note: `of ${ages.length} pictures that were read in Chromium` }),
    figure('`waiting` after the first `playing`', judged.waiting.length, '', { most: 0, digits: 0, note: waitingNote(record, judged) }),
    figure('behind the programme, median', judged.medianLatency, 's'),
    figure('behind the programme, worst', judged.worstLatency, 's'),
    figure('pictures dropped by Chromium', judged.dropped, '', { digits: 0, note: `of ${judged.decoded}` }),
    figure('take to the encoder\'s first packet, median', median(of('packet')), 'ms', { most: kPacketMs, digits: 0, note: `of ${taken.length} takes; the picture's moment, and the top rung's mean delay in that second` }),
    figure('take to its part answered, median', median(of('part')), 'ms', { most: kPartMs, digits: 0, note: 'last byte of the part on the top rung, at a client that held the request' }),
    figure('take to its part answered, longest', Math.max(...of('part')), 'ms', { digits: 0 }),
    figure('takes whose part was not seen', missed, '', { most: 0, digits: 0 }),
  ];
}

export async function glass({ seconds }) {
  const found = await withRoom(kRoom, (room) => measure(room, seconds));
  const judged = judge(found.record);
  const heights = [...new Set(found.record.levels.map(({ height }) => height))];
  const cores = Object.entries(found.used.programs).map(([name, share]) => [name, share.toFixed(3)]);
  return {
    title: 'Glass to glass, and takes',
    about: 'Two simulated cameras at 1080p, rungs 1080p and 360p, the viewer page in Chromium held on 1080p on the same machine.',
    figures: figures(found, judged),
    warnings: heights.every((height) => height === 1080) ? [] : [`the player was on ${heights.join(', ')}`],
    tables: [{ title: 'Processor, cores:', columns: ['program', 'cores'], rows: [...cores, ['pult-cam, both', found.used.senders.toFixed(3)], ['Chromium and others', found.used.others.toFixed(3)]] }],
  };
}
