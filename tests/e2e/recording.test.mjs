// Whatever dies while it is recorded: each live picture and sound frame that the window published is in the recording, byte for byte, and
// what was filled is listed in the talk's gaps. Twenty programs are killed at random; the seed is told, PULT_SEED repeats it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { recordedParts } from '../support/recording.mjs';
import { withRoom } from '../support/room.mjs';
import { StreamFollower } from '../support/stream.mjs';
import { sleep, until } from '../support/wait.mjs';

const kKills = 20;
const kBetweenMs = [300, 3000];
const kPrograms = ['pult-packager', 'pult-transcode', 'pult-ingest', 'pult-decode@cam1', 'pultd', 'pult-jobs', 'pult run'];
const kSoundRate = 48000;
const kFps = 25;

// Numbers in [0, 1), the same for the same seed (mulberry32).
function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function killTwenty(room, random) {
  for (let i = 0; i < kKills; i += 1) {
    await sleep(kBetweenMs[0] + random() * (kBetweenMs[1] - kBetweenMs[0]));
    const name = kPrograms[Math.floor(random() * kPrograms.length)];
    if (name !== 'pult run') await until(`${name} runs`, () => room.program(name), { within: 30000, every: 20 });
    room.signal(name, 'SIGKILL');
    if (name !== 'pult run') continue;
    await room.run.ended;
    await room.startRun(); // and adopts what lives
  }
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

// What the window itself says is not live of its parts, as its index in memory has it: {"sequence.number": "first+count,…"}.
function windowRuns(folder) {
  const runs = {};
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.idx'))) {
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
      const words = line.split(' ');
      if (words[0] === 'part') runs[`${Number.parseInt(name, 10)}.${words[1]}`] = words.at(-1) === '-' ? '' : words.at(-1);
    }
  }
  return runs;
}

// What the follower saw of a track must be in its recording. → {compared, filled: [{begin, end}] in seconds since the epoch}
function compare(track, folder, window) {
  const recorded = new Map(recordedParts(folder).map((part) => [`${part.sequence}.${part.number}`, part]));
  const video = track.init.timescale === 90000;
  const perIndex = video ? 1 / kFps : 1024 / kSoundRate;
  const missing = [];
  const filled = [];
  for (const seen of track.parts) {
    const part = recorded.get(`${seen.sequence}.${seen.part}`);
    if (!part) missing.push(`${seen.sequence}.${seen.part} is not recorded`);
    else if (sha256(part.bytes()) !== seen.hash) missing.push(`${seen.sequence}.${seen.part} has other bytes`);
    for (const { first, count } of part?.filled ?? []) filled.push({ begin: first * perIndex, end: (first + count) * perIndex });
  }
  const runs = Object.entries(windowRuns(window)).filter(([place]) => recorded.has(place));
  for (const [place, text] of runs) {
    const ours = recorded.get(place).filled.map(({ first, count }) => `${first}+${count}`).join(',');
    if (ours !== text) missing.push(`${place} is filled as "${ours}", in the window "${text}"`);
  }
  return { compared: track.parts.length, missing, filled, runs: runs.length };
}

test('twenty random kills cost the recording nothing that viewers were given', { timeout: 400000 }, async (t) => {
  const seed = Number(process.env.PULT_SEED ?? Math.floor(Math.random() * 2 ** 31));
  t.diagnostic(`PULT_SEED=${seed}`);
  await withRoom({ feeds: ['cam1'] }, async (room) => {
    room.camera('cam1');
    await room.untilFeed('cam1', 'live');
    await room.untilOnAir();
    const data = join(room.dataDir, 'data');
    const follower = new StreamFollower(`${room.url}/live/master.m3u8`);
    await follower.start();
    try {
      assert.equal((await room.pult('talk', 'start')).code, 0);
      await sleep(1000);
      await killTwenty(room, randomOf(seed));
      await until('the programme is live again', async () => (await room.status())?.feeds?.[0]?.state === 'live', { within: 30000 });
      await sleep(4000);
      const stopped = await until('the talk is stopped', async () => { const done = await room.pult('talk', 'stop'); return done.code === 0 ? done : null; }, { within: 30000, every: 500 });
      assert.match(stopped.stdout, /x1/);
      await sleep(6000); // what viewers have is written behind
      await follower.stop();
      assert.deepEqual(follower.faults, [], 'what the stream promises');
      const [show] = readdirSync(join(data, 'program'));
      let filled = [];
      for (const track of follower.tracks) {
        const name = new URL(track.url).pathname.split('/').at(-2);
        const found = compare(track, join(data, 'program', show, name), join(room.runDir, 'live', show, name));
        t.diagnostic(`${name}: ${found.compared} parts compared, ${found.filled.length} runs filled`);
        assert.ok(found.compared > 100 && found.runs > 50, 'the stream was followed');
        assert.deepEqual(found.missing, [], `${name} is recorded byte for byte`);
        filled = filled.concat(found.filled);
      }
      await until('the draft is there', async () => (await room.pult('talk', 'show', 'x1', '--json')).json?.state === 'draft', { within: 60000, every: 500 });
      judgeTalk(t, join(data, 'drafts'), filled, (await room.pult('talk', 'show', 'x1', '--json')).json, join(data, 'program', show));
    } finally {
      follower.abandon();
    }
  });
});

// Every filled span that lies within the talk is within one of its gaps; and the file is as long as its marks, all of it decodable.
function judgeTalk(t, drafts, filled, talk, program) {
  const folder = join(drafts, talk.slug);
  const epoch = Number(/^epoch (\d+)$/m.exec(readFileSync(join(program, '360p', readdirSync(join(program, '360p')).find((file) => file.endsWith('.index'))), 'utf8'))[1]) / 1e9;
  const [begin, end] = [Date.parse(talk.marks.in) / 1000 - epoch, Date.parse(talk.marks.out) / 1000 - epoch];
  const { gaps } = JSON.parse(readFileSync(join(folder, 'talk.json'), 'utf8'));
  t.diagnostic(`${(end - begin).toFixed(1)} s, gaps: ${gaps.map((gap) => `${gap.kind} ${gap.begin.toFixed(2)}–${gap.end.toFixed(2)}`).join(', ')}`);
  const kSlack = 0.045; // a picture: marks move to the grid
  const inside = filled.map((span) => ({ begin: Math.max(span.begin, begin) - begin, end: Math.min(span.end, end) - begin })).filter((span) => span.end - span.begin > kSlack);
  for (const span of inside) assert.ok(gaps.some((gap) => gap.begin <= span.begin + kSlack && gap.end >= span.end - kSlack), `filled ${span.begin.toFixed(2)} to ${span.end.toFixed(2)} is in gaps`);
  assert.deepEqual(gaps.filter(({ kind }) => kind === 'missing'), [], 'nothing is missing');
  const file = join(folder, 'video.mp4');
  assert.ok(existsSync(file));
  const complaints = execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-xerror', '-i', file, '-f', 'null', '-'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  assert.equal(complaints, '');
  const { format } = JSON.parse(execFileSync('ffprobe', ['-v', 'error', '-of', 'json', '-show_format', file], { encoding: 'utf8' }));
  assert.ok(Math.abs(Number(format.duration) - (end - begin)) < 0.05, `${format.duration} s, not ${end - begin}`);
}
