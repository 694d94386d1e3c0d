import assert from 'node:assert/strict';
import test from 'node:test';
import { follows, pace } from '../../../packager/web/src/live_pace.js';

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

test('who sought far back wants to see it as it was', () => {
  assert.equal(follows(2), true);
  assert.equal(follows(12), false);
  assert.equal(follows(null), false);
});
