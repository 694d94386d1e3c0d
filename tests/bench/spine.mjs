// What the spine costs and how it takes a kill, measured on a real room: `./dev bench`. Reports, never judges, but for
// --check: exit 1 when the latency bar of 2 s is missed or the player waited. Writes Markdown and JSON beside each other.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { Player } from '../support/player.mjs';
import { cpuSeconds } from '../support/processes.mjs';
import { judge, median } from '../support/record.mjs';
import { withRoom } from '../support/room.mjs';
import { sleep, until } from '../support/wait.mjs';
import { pictureAgeMs } from '../support/wall_code.mjs';

const kRuns = 3;
const kCpuSeconds = 20;
const kPlaySeconds = 40;
const kSettleMs = 10500; // a program that dies again within 10 s is started again later
const kLatencyBar = 2.0;
const kLoopSeconds = 10;
const kFilled = 4; // of a part's flags in the index (packager/part_store.cpp)

const kBig = {
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

// Kills one program; → ms until the first filled part was published, and until the first live one after it.
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
    // A part that was whole before the kill may still come: live counts behind a fill, or when nothing was filled for 2 s.
    if (filledAt >= 0 && last && !last.filled) return { live: performance.now() - began };
    return performance.now() - began > 3000 && fill === null && last ? { live: null } : null;
  }, { within: 15000, every: 5 });
  await sleep(kSettleMs);
  return { fill, live };
}

async function cpuShares(room) {
  const sample = () => Object.fromEntries(room.programs().map(({ name, pid }) => [name, cpuSeconds(pid)]));
  const senders = () => room.senders.reduce((sum, child) => sum + cpuSeconds(child.pid), 0);
  const [first, firstSenders] = [sample(), senders()];
  await sleep(kCpuSeconds * 1000);
  const last = sample();
  const shares = Object.keys(last).map((name) => [name, (last[name] - first[name]) / kCpuSeconds]);
  return Object.fromEntries([...shares, ['pult-cam, both', (senders() - firstSenders) / kCpuSeconds]]);
}

async function playback(room) {
  const player = await Player.bare(`${room.url}/live/master.m3u8`, { readCode: true });
  await player.play();
  await sleep(kPlaySeconds * 1000);
  const record = await player.record();
  await player.close();
  const judged = judge(record);
  const ages = record.codes.filter(({ number }) => number !== null).map(({ number, at }) => pictureAgeMs(number, at, { loopMs: kLoopSeconds * 1000 }));
  const playing = record.events.findIndex(({ name }) => name === 'playing');
  const waiting = record.events.slice(playing).filter(({ name }) => name === 'waiting').length;
  return { latency: judged.medianLatency, worst: judged.worstLatency, glass: median(ages) / 1000, waiting, dropped: judged.dropped, decoded: judged.decoded };
}

const ms = (values) => {
  const there = values.filter((value) => value !== null);
  return there.length === 0 ? 'none' : `${Math.round(Math.min(...there))} · ${Math.round(median(there))} · ${Math.round(Math.max(...there))} ms`;
};

function markdown(result) {
  const kills = Object.entries(result.kills).map(([name, runs]) =>
    `| ${name} | ${ms(runs.map(({ fill }) => fill))} | ${ms(runs.map(({ live }) => live))} |`);
  const shares = Object.entries(result.cpu).map(([name, share]) => `| ${name} | ${share.toFixed(3)} |`);
  const { play } = result;
  return `# Measured

\`./dev bench\`: ${result.machine}; two simulated cameras at 1280×720, 25 pictures a second, rungs 720p and 360p, all on one machine with the player.

## A kill, ${kRuns} times each (least · median · most)

| killed | first filled part | live again |
|---|---|---|
${kills.join('\n')}

"none": no part had to be filled.

## Processor, share of one core over ${kCpuSeconds} s

| program | cores |
|---|---|
${shares.join('\n')}

## In Chromium, hls.js at its defaults, ${kPlaySeconds} s

| what | |
|---|---|
| latency behind the programme, median · worst | ${play.latency.toFixed(2)} · ${play.worst.toFixed(2)} s |
| glass to glass (wall-clock code of pult-cam), median | ${play.glass.toFixed(2)} s |
| \`waiting\` after the first \`playing\` | ${play.waiting} |
| pictures dropped of decoded | ${play.dropped} of ${play.decoded} |
`;
}

async function measure() {
  return withRoom(kBig, async (room) => {
    for (const feed of ['cam1', 'cam2']) room.camera(feed, { size: '1280x720', more: ['--loop', String(kLoopSeconds)] });
    for (const feed of ['cam1', 'cam2']) await room.untilFeed(feed, 'live', { within: 180000, every: 200 });
    await room.untilOnAir();
    await sleep(kSettleMs);
    console.log('processor …');
    const cpu = await cpuShares(room);
    const kills = {};
    for (const name of ['pult-transcode', 'pult-packager', 'pult-decode@cam1']) {
      console.log(`${name} killed ${kRuns} times …`);
      kills[name] = [];
      for (let i = 0; i < kRuns; i += 1) kills[name].push(await kill(room, name, '720p'));
    }
    console.log('player …');
    return { machine: `${cpus().length} × ${cpus()[0].model}`, cpu, kills, play: await playback(room) };
  });
}

const options = new Set(process.argv.slice(2));
const out = process.env.PULT_REPORT ?? 'build/bench/bench';
const result = await measure();
mkdirSync(dirname(out), { recursive: true });
writeFileSync(`${out}.json`, `${JSON.stringify(result, null, 2)}\n`);
writeFileSync(`${out}.md`, markdown(result));
console.log(markdown(result));
const missed = result.play.latency > kLatencyBar || result.play.waiting > 0;
process.exit(options.has('--check') && missed ? 1 : 0);
