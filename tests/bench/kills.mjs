// What three simulated cameras cost, and how their room takes the death of a program: how long until the first filled part, and until the
// programme is live again.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { withRoom } from '../support/room.mjs';
import { sleep, until } from '../support/wait.mjs';
import { figure, median } from './figures.mjs';
import { RoomCost } from './machine.mjs';

const kRuns = 3;
const kKilled = ['pult-transcode', 'pult-packager', 'pult-decode@cam1'];
const kSettleMs = 10500; // a program that dies again within 10 s is started again later
const kLoopSeconds = 10;
const kFilled = 4; // of a part's flags in the index (packager/part_store.cpp)
const kBackWithin = 2000; // faults.md, row 17

const kCameras = { cam1: 'speaker', cam2: 'slides', cam3: 'hall' };
const kCameraCores = 0.25; // all together

const kRoom = {
  feeds: Object.keys(kCameras),
  size: '1280x720',
  rungs: [
    { name: '720p', size: '1280x720', video_kbps: 2500 },
    { name: '360p', size: '640x360', video_kbps: 700 },
  ],
};

// The parts that the packager has published on the first rung, oldest first: {picture, filled}.
function parts(room, track) {
  const live = join(room.runDir, 'live');
  const shows = readdirSync(live).filter((name) => readdirSync(join(live, name)).includes(track));
  const folder = join(live, shows[0], track);
  const sequences = readdirSync(folder).filter((name) => name.endsWith('.idx')).map((name) => Number.parseInt(name, 10));
  return sequences.sort((a, b) => a - b).slice(-4).flatMap((sequence) => readFileSync(join(folder, `${sequence}.idx`), 'utf8')
    .split('\n').filter((line) => line.startsWith('part ')).map((line) => {
      const fields = line.split(' ');
      return { picture: Number(fields[2]), filled: (Number(fields[7]) & kFilled) !== 0 };
    }));
}

// Kills one program; → ms until the first filled part was published, and until the first live one after it; null, null without a fill.
async function kill(room, name, track) {
  const before = parts(room, track).at(-1).picture;
  const began = performance.now();
  room.signal(name, 'SIGKILL');
  let fill = null;
  const after = () => parts(room, track).filter((part) => part.picture > before);
  const { live } = await until('live again', () => {
    const news = after();
    const filledAt = news.findIndex((part) => part.filled);
    if (filledAt >= 0) fill ??= performance.now() - began;
    const last = news.at(-1);
    // A part that was whole before the kill may still come: live counts behind a fill, or when nothing was filled for 3 s.
    if (filledAt >= 0 && last && !last.filled) return { live: performance.now() - began };
    return performance.now() - began > 3000 && fill === null && last ? { live: null } : null;
  }, { within: 15000, every: 5 });
  await sleep(kSettleMs);
  return { fill, live };
}

const told = (values) => {
  const there = values.filter((value) => value !== null);
  return there.length === 0 ? 'none' : `${Math.round(Math.min(...there))} · ${Math.round(median(there))} · ${Math.round(Math.max(...there))} ms`;
};

async function killAll(room) {
  for (const [feed, motif] of Object.entries(kCameras)) room.camera(feed, { size: kRoom.size, more: ['--loop', String(kLoopSeconds), '--motif', motif] });
  for (const feed of Object.keys(kCameras)) await room.untilFeed(feed, 'live', { within: 180000, every: 200 });
  await room.untilOnAir();
  const cost = new RoomCost(room);
  await sleep(kSettleMs);
  const used = cost.read();
  const runs = {};
  for (const name of kKilled) {
    runs[name] = [];
    for (let i = 0; i < kRuns; i += 1) runs[name].push(await kill(room, name, '720p'));
  }
  return { runs, used };
}

export async function kills() {
  const { runs, used } = await withRoom(kRoom, killAll);
  const back = (name) => Math.max(...runs[name].map(({ live }) => live ?? 0));
  return {
    title: 'Cameras, and a program killed',
    about: `Three simulated cameras at 720p, rungs 720p and 360p; then SIGKILL, each program ${kRuns} times.`,
    figures: [
      figure('three simulated cameras', used.senders, 'cores', { most: kCameraCores, digits: 3 }),
      ...kKilled.map((name) => figure(`${name} killed: live again, longest`, back(name), 'ms', { most: kBackWithin, digits: 0, note: '0: nothing was filled' })),
    ],
    tables: [{
      title: 'Least · median · most; "none": no part had to be filled.',
      columns: ['killed', 'first filled part', 'live again'],
      rows: kKilled.map((name) => [name, told(runs[name].map(({ fill }) => fill)), told(runs[name].map(({ live }) => live))]),
    }],
    runs,
  };
}
