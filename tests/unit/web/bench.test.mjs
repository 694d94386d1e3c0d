// The pure parts of the bench: what a counter's course says, what reaches a bar, what the report shows.
import assert from 'node:assert/strict';
import test from 'node:test';
import { judgeCounter } from '../../bench/counter_feed.mjs';
import { figure, median, reached } from '../../bench/figures.mjs';
import { partAfter } from '../../bench/part_watcher.mjs';
import { markdown, missedFigures } from '../../bench/report.mjs';

test('a counter that runs through its loop has no fault', () => {
  assert.deepEqual(judgeCounter([3, 4, 0, 1, 2, 3], 5), { pictures: 6, unreadable: 0, repeats: 0, holes: 0, lost: 0 });
});

test('holes, repeats and what cannot be read are told apart', () => {
  assert.deepEqual(judgeCounter([0, 1, 1, 4, null, 6], 10), { pictures: 6, unreadable: 1, repeats: 1, holes: 1, lost: 2 });
  assert.equal(judgeCounter([9, 1], 10).lost, 1, 'a hole across the loop\'s seam');
});

test('a figure without a bar is reached, one that could not be had is not', () => {
  assert.ok(reached(figure('a', 5, '')));
  assert.ok(reached(figure('a', 2, 's', { most: 2 })));
  assert.ok(!reached(figure('a', 2.01, 's', { most: 2 })));
  assert.ok(!reached(figure('a', 0.99, '', { least: 1 })));
  assert.ok(!reached(figure('a', null, 's', { most: 2 })));
  assert.ok(!reached(figure('a', NaN, 's', { least: 0 })));
  assert.ok(!reached(figure('a', -Infinity, 'ms', { most: 2 })));
});

test('a part is followed by the next one, a segment\'s last by the next segment\'s first', () => {
  assert.equal(partAfter('12.4.m4s'), '12.5.m4s');
  assert.equal(partAfter('12.5.m4s'), '13.0.m4s');
});

test('the median of nothing is nothing', () => {
  assert.equal(median([]), null);
  assert.equal(median([3, 1, 2]), 2);
});

const section = (figures) => ({ name: 'glass', title: 'Glass', date: '2026-11-25 20:00', load: 0.1, busy: 0.02, about: 'About.', warnings: [], figures });
const report = (figures) => ({ machine: { cpu: '2 × x', memory: '4 GB', kernel: '6' }, sections: [section(figures)], failed: [] });

test('the report shows each figure beside its bar and the reference', () => {
  const now = report([figure('median', 2.5, 's', { most: 2 }), figure('takes', 50, '', { digits: 0 })]);
  const text = markdown(now, report([figure('median', 1.9, 's', { most: 2 })]));
  assert.match(text, /\| median \| 2\.50 s \| ≤ 2\.00 s \| \*\*missed\*\* \| 1\.90 s \|/);
  assert.match(text, /\| takes \| 50 \| {2}\| {2}\| {2}\|/);
  assert.deepEqual(missedFigures(now), ['Glass: median']);
});

test('a section that could not be measured is told', () => {
  assert.match(markdown({ ...report([]), failed: ['origin'] }, null), /Could not be measured: origin/);
});
