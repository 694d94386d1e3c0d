import assert from 'node:assert/strict';
import test from 'node:test';
import { complaintsOf, judge, stills } from '../../support/record.mjs';

const event = (at, name) => ({ at, name });
const sample = (at, time, latency = 1.2) => ({ at, time, latency, dropped: 0, decoded: Math.round(time * 25) });

test('waiting before the first playing does not count, after it it does', () => {
  const samples = [sample(2000, 1), sample(12000, 10.9)];
  const clean = judge({ events: [event(900, 'waiting'), event(1000, 'playing')], samples, errors: [] });
  assert.deepEqual(clean.waiting, []);
  const stalled = judge({ events: [event(1000, 'playing'), event(5000, 'waiting')], samples, errors: [] });
  assert.equal(stalled.waiting.length, 1);
  assert.equal(stalled.waiting[0].at, 5000);
});

test('what happened before the player settled does not count', () => {
  const events = [event(1000, 'playing'), event(3000, 'waiting'), event(9000, 'waiting')];
  const judged = judge({ events, samples: [sample(2000, 1, 3), sample(7000, 5), sample(12000, 10)], errors: [], settledAt: 5000 });
  assert.deepEqual(judged.waiting.map(({ at }) => at), [9000]);
  assert.equal(judged.worstLatency, 1.2);
});

test('progress is played time over wall time', () => {
  const record = { events: [event(1000, 'playing')], samples: [sample(1500, 0.5), sample(2000, 1), sample(12000, 10.5, 1.9)], errors: [] };
  const judged = judge(record);
  assert.equal(judged.progress, 0.95);
  assert.equal(judged.worstLatency, 1.9);
  assert.equal(judged.seconds, 10);
});

test('a record of nothing judges as not playing', () => {
  assert.deepEqual(judge({ events: [], samples: [], errors: [] }).progress, 0);
});

test('stills tell a frozen picture from one that is gone', () => {
  const codes = [];
  const show = (number, at) => codes.push({ number, at });
  for (let i = 0; i < 10; i++) show(i, i * 40);
  for (let i = 0; i < 25; i++) show(9, 400 + i * 40);
  for (let i = 0; i < 50; i++) show(null, 1400 + i * 40);
  show(90, 3400);
  show(91, 3440);
  assert.deepEqual(stills(codes), [
    { kind: 'frozen', from: 360, to: 1400, ms: 1040 },
    { kind: 'gone', from: 1400, to: 3400, ms: 2000 },
  ]);
  assert.deepEqual(stills(codes, { least: 1500 }).map(({ kind }) => kind), ['gone']);
  assert.deepEqual(stills([]), []);
});

test('who waits with the stream in hand lacked the time to decode it, and is heard unless others took it', () => {
  const record = (ahead, lateShare) => ({
    events: [event(1000, 'playing'), { ...event(5000, 'waiting'), time: 4, ahead }],
    samples: [sample(2000, 1), sample(12000, 11)], errors: [], lateShare,
  });
  assert.equal(complaintsOf(judge(record(1.2, 0))).length, 1, 'it had its time');
  assert.equal(complaintsOf(judge(record(1.2, undefined))).length, 1, 'nobody says otherwise');
  assert.deepEqual(complaintsOf(judge(record(1.2, 0.05))), [], 'it had not');
  assert.equal(complaintsOf(judge(record(0.1, 0.05))).length, 1, 'the stream was not there');
  const slow = { events: [event(1000, 'playing')], samples: [sample(2000, 1), sample(12000, 10)], errors: [] };
  assert.match(complaintsOf(judge(slow))[0], /went at 0.9 /);
  assert.match(complaintsOf(judge(slow), { progress: 0.8, worstLatency: 1 })[0], /1.2 s behind/);
});
