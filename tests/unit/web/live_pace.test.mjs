import assert from 'node:assert/strict';
import test from 'node:test';
import { follows, pace, Reserve } from '../../../packager/web/src/live_pace.js';

const at = (latency, ahead, rate = 1) => pace({ latency, target: 0.96, ahead }, rate);

test('who is behind catches up, however far', () => {
  assert.equal(at(1.8, 1.6), 1.05);
  assert.equal(at(9, 3), 1.05);
});

test('near enough, or with too little in hand, it plays as it is', () => {
  assert.equal(at(1.0, 1.5), 1);
  assert.equal(at(1.8, 0.9), 1);
  assert.equal(at(1.8, 0.9, 1.05), 1);
  assert.equal(pace({ latency: null, target: null, ahead: 5 }, 1.05), 1);
});

test('it does not switch to and fro with each part that comes', () => {
  assert.equal(at(1.4, 1.1, 1.05), 1.05);
  assert.equal(at(1.4, 1.1, 1), 1);
  assert.equal(at(1.4, 1.3, 1), 1.05);
});

test('a stop keeps it half a second further behind, two seconds at most, and for a minute each', () => {
  const reserve = new Reserve();
  assert.equal(reserve.at(5000), 0);
  reserve.stopped(10000);
  assert.equal(reserve.at(69000), 0.5);
  assert.equal(reserve.at(70000), 0);
  for (let i = 0; i < 7; i += 1) reserve.stopped(100000 + i * 1000);
  assert.equal(reserve.at(107000), 2);
  assert.equal(reserve.at(166000), 1.5);
  assert.equal(reserve.at(226000), 1);
  reserve.stopped(227000);
  assert.equal(reserve.at(286000), 1.5);
  assert.equal(reserve.at(1000000), 0);
});

test('who sought far back wants to see it as it was', () => {
  assert.equal(follows(2), true);
  assert.equal(follows(12), false);
  assert.equal(follows(null), false);
});
