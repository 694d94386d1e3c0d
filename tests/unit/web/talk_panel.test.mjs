// What the desk says of a talk and of its recording.
import assert from 'node:assert/strict';
import test from 'node:test';

Object.defineProperty(globalThis, 'navigator', { value: { languages: ['en-GB'] }, configurable: true });
const { recordingOf, timeOf } = await import(new URL('../../../control/web/talk_panel.js', import.meta.url));
const { spanOf } = await import(new URL('../../../control/web/spans.js', import.meta.url));

test('spans of time', () => {
  assert.equal(spanOf(75.9), '1:15');
  assert.equal(spanOf(-5), '0:05');
  assert.equal(spanOf(3723), '1:02:03');
});

test('a talk has time left, or is over its time', () => {
  assert.deepEqual(timeOf({ runs_s: 60, left_s: 120 }), { words: 'for 1:00 · 2:00 left', tint: '' });
  assert.deepEqual(timeOf({ runs_s: 60, left_s: -90 }), { words: 'for 1:00 · 1:30 over', tint: 'warn' });
  assert.deepEqual(timeOf({ runs_s: 60, left_s: null }), { words: 'for 1:00', tint: '' });
});

test('the recording: runs, is held, is in trouble, is nearly full', () => {
  assert.deepEqual(recordingOf({ state: 'recording', free_minutes: 540 }, null), { words: 'Recording · room for 540 min', tint: 'good' });
  assert.equal(recordingOf({ state: 'recording', free_minutes: 9 }, null).tint, 'warn');
  assert.equal(recordingOf({ state: 'recording', free_minutes: 1 }, null).tint, 'bad');
  assert.deepEqual(recordingOf({ state: 'recording', free_minutes: 540 }, { stream: false, archive: true }), { words: 'Recording is held', tint: 'warn' });
  assert.equal(recordingOf({ state: 'recording', free_minutes: 540 }, { stream: true, archive: false }).tint, 'good');
  assert.deepEqual(recordingOf({ state: 'trouble', trouble: 'no space left' }, null), { words: 'RECORDING FAILS: no space left', tint: 'bad' });
  assert.equal(recordingOf(null, null).tint, 'quiet');
});
