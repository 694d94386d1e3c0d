// The pure parts of the talks page: what is found, and times and sizes as text.
import assert from 'node:assert/strict';
import test from 'node:test';
import { byDay, clock, found, matches, normal, sizeText, timeInHash } from '../../../packager/web/talks/talks_list.js';

const search = (talk, text) => matches(found(talk), normal(text).split(' ').filter(Boolean));

test('talks are found with and without their umlauts, by all words', () => {
  const talk = { title: 'Bürgerdienste & Straßen', persons: ['Ümit Probe'], track: 'Verwaltung' };
  for (const text of ['bürger', 'BURGER', 'buerger', 'strassen', 'ümit', 'umit verwaltung', '']) assert.ok(search(talk, text), text);
  for (const text of ['meister', 'bürger meister']) assert.ok(!search(talk, text), text);
});

test('times and sizes read as people write them', () => {
  assert.equal(clock(45 * 60), '45:00');
  assert.equal(clock(3723.9), '1:02:03');
  assert.equal(clock(undefined), '');
  assert.equal(sizeText(1_550_000_000, 'de'), '1,6 GB');
  assert.equal(sizeText(23_400_000, 'en'), '23 MB');
  assert.equal(timeInHash('#t=90'), 90);
  assert.equal(timeInHash('#t=1:02:03'), 3723);
  assert.equal(timeInHash('#other'), null);
});

test('talks stand in the order of their days', () => {
  const talks = [{ title: 'b', date: '2026-11-27T10:00' }, { title: 'c' }, { title: 'a', date: '2026-11-26T10:00' }];
  assert.deepEqual(byDay(talks).map(({ title }) => title), ['c', 'a', 'b']);
});
