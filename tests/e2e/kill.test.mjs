// No kill breaks the programme: Chromium with hls.js at its defaults plays for two minutes while every program of the room is killed or
// stopped in turn. Beside it a careful client follows every track.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Player } from '../support/player.mjs';
import { complaintsOf, judge, median, stills, summaryOf } from '../support/record.mjs';
import { withRoom } from '../support/room.mjs';
import { StreamFollower } from '../support/stream.mjs';
import { sleep, until } from '../support/wait.mjs';
import { pictureAgeMs } from '../support/wall_code.mjs';

const kShots = process.env.PULT_SHOTS ?? '/tmp/pult-shots';
const kBetweenMs = 11000; // longer than any of these faults lasts, and than the 10 s after which a restart counts as a first one again
const kSteadyMs = 8000;
const kWorstLatency = 2;
const kSlateAfterMs = 2500; // the packager's slate comes after 3 s
const kNoSignalAfterMs = 1500; // the mixer has "no signal" within 1 s where no feed is left, and it is seen more than a second later
const kLateMs = 550; // the packager publishes nothing more than 600 ms late

const pids = (room) => Object.fromEntries(room.programs().map(({ name, pid }) => [name, pid]));

// Each fault: what is done; from how many ms after it on a slate or "no signal" may show (never, when nothing is said).
function faults(room) {
  return [
    { name: 'pult-packager killed', act: () => room.killed('pult-packager') },
    { name: 'pult-transcode killed', act: () => room.killed('pult-transcode') },
    { name: 'pult-decode@cam1 killed', act: () => room.killed('pult-decode@cam1') },
    { name: 'pultd killed', act: () => room.killed('pultd') },
    {
      name: 'pult-transcode stopped for 0.5 s',
      act: async () => {
        room.signal('pult-transcode', 'SIGSTOP');
        await sleep(500);
        room.signal('pult-transcode', 'SIGCONT');
      },
    },
    {
      name: 'pult-transcode stopped for 3 s',
      goneAfter: kSlateAfterMs,
      act: async () => {
        const pid = room.signal('pult-transcode', 'SIGSTOP');
        await sleep(3000);
        if (room.program('pult-transcode')?.pid === pid) room.signal('pult-transcode', 'SIGCONT');
      },
    },
    { name: 'pult-packager and pult-transcode killed together', act: () => Promise.all([room.killed('pult-packager'), room.killed('pult-transcode')]) },
    {
      name: 'pult-packager killed during a fill',
      act: async () => {
        const pid = room.signal('pult-transcode', 'SIGSTOP');
        await sleep(1200);
        await room.killed('pult-packager');
        if (room.program('pult-transcode')?.pid === pid) room.signal('pult-transcode', 'SIGKILL');
      },
    },
    { name: 'pult-ingest killed', goneAfter: kNoSignalAfterMs, act: () => room.killed('pult-ingest') },
    {
      name: 'pult run killed, a new one adopts',
      act: async () => {
        const before = pids(room);
        room.signal('pult run', 'SIGKILL');
        await room.run.ended;
        await sleep(500);
        await room.startRun();
        await until('the new supervisor answers for the programs', () => room.programs().length === Object.keys(before).length);
        await sleep(1000);
        assert.deepEqual(pids(room), before, 'the programs went on under the new pult run');
      },
    },
  ];
}

// What each fault cost: the parts that came late (after their own end by the wall clock), and where the picture stood still.
function report(t, done, follower, codes) {
  for (const { name, from, to } of done) {
    const parts = follower.tracks.flatMap((track) => follower.lateness(track).map((part) => ({ ...part, track: track.name })));
    const within = parts.filter(({ arrived }) => arrived >= from && arrived < to);
    const worst = Math.max(...within.map(({ lateness }) => lateness));
    const late = within.filter(({ lateness }) => lateness > kLateMs).map(({ track, sequence, part, lateness, arrived, bytes }) => `${track} ${sequence}.${part} ${lateness.toFixed(0)} ms late ${((arrived - from) / 1000).toFixed(2)} s after, ${bytes} bytes`);
    const spans = stills(codes, { least: 250 }).filter((span) => span.to > from && span.from < to);
    t.diagnostic(`${name}: latest part ${worst.toFixed(0)} ms, ${spans.map(({ kind, ms }) => `${kind} ${ms} ms`).join(', ') || 'the picture moved on'}`);
    for (const line of late) t.diagnostic(`  ${line}`);
  }
}

test('no kill breaks the programme', { timeout: 380000 }, async (t) => {
  await withRoom({}, async (room) => {
    for (const feed of ['cam1', 'cam2']) room.camera(feed);
    await room.untilFeed('cam1', 'live', { within: 60000, every: 200 });
    await room.untilFeed('cam2', 'live', { within: 60000, every: 200 });
    await room.untilOnAir();
    const master = `${room.url}/live/master.m3u8`;
    const follower = new StreamFollower(master);
    await follower.start();
    const player = await Player.bare(master, { readCode: true });
    try {
      await player.play();
      const settled = await player.settle();
      await sleep(kSteadyMs);
      const done = [];
      for (const fault of faults(room)) {
        const from = Date.now();
        room.note(`fault: ${fault.name}`);
        await fault.act();
        await sleep(kBetweenMs);
        done.push({ ...fault, from, to: Date.now() });
      }
      await sleep(kSteadyMs);
      const record = await player.record();
      mkdirSync(kShots, { recursive: true });
      await player.screenshot(join(kShots, 'kill-end.png'));
      await follower.stop();
      const judged = judge(record);
      assert.ok(settled || !judged.undisturbed, 'the player came near to live');
      const ages = record.codes.filter(({ number }) => number !== null).map(({ number, at }) => pictureAgeMs(number, at));
      report(t, done, follower, record.codes);
      t.diagnostic(`${summaryOf(judged)}, glass to glass ${median(ages)} ms, ${follower.fetched.size} URLs compared`);

      assert.deepEqual(follower.faults, [], 'what the stream promises');
      assert.deepEqual(follower.client.failures.filter(({ code }) => code === 'ECONNREFUSED'), [], 'connections refused');
      const when = (event) => ({ ...event, during: done.findLast(({ from }) => from <= event.at)?.name ?? 'before the first fault' });
      assert.deepEqual(complaintsOf(judged, { worstLatency: settled ? kWorstLatency : Infinity, when: (event) => when(event).during }), []);
      assert.ok(judged.seconds >= 100, `${judged.seconds} s played`);
      const slates = stills(record.codes, { least: 40 }).filter(({ kind }) => kind === 'gone');
      const wrong = slates.filter((span) => !done.some(({ goneAfter, from, to }) => goneAfter && span.from >= from + goneAfter && span.from < to + kSteadyMs));
      assert.deepEqual(wrong.map((span) => when({ ...span, at: span.from })), [], 'no slate and no "no signal" where none is due');
    } finally {
      follower.abandon();
      await player.close();
    }
  });
});
