import assert from 'node:assert/strict';
import test from 'node:test';
import { badge, describe, normalize } from '../../../packager/web/src/show_state.js';
import { pause } from '../../../packager/web/src/show_poller.js';

const kNow = new Date(2026, 10, 23, 9, 0);

function told(answer, more = {}) {
  return describe({ show: normalize(answer), reachable: true, player: 'idle', now: kNow, language: 'de', ...more });
}

test('a rehearsal is closed, and says when it begins', () => {
  assert.deepEqual(told({ state: 'rehearsal' }), { notice: 'Die Übertragung hat noch nicht begonnen.', status: '', playable: false });
  assert.equal(told({ state: 'rehearsal', starts_at: new Date(2026, 10, 23, 10, 5).toISOString() }).notice, 'Die Übertragung beginnt um 10:05 Uhr.');
  assert.match(told({ state: 'rehearsal', starts_at: new Date(2026, 10, 24, 10, 5).toISOString() }).notice, /am Dienstag, 24\. November um 10:05 Uhr/);
  assert.equal(told({ state: 'rehearsal', starts_at: new Date(2026, 10, 23, 8, 59).toISOString() }).notice, 'Gleich geht es los.');
});

test('a live show is playable and nothing lies over the picture', () => {
  assert.deepEqual(told({ state: 'live' }), { notice: '', status: 'Die Übertragung läuft.', playable: true });
  assert.deepEqual(told({ state: 'live' }, { player: 'playing' }), { notice: '', status: 'Live', playable: true });
});

test('a slate is told in words, too', () => {
  assert.equal(told({ state: 'live', slate: 'pause' }, { player: 'playing' }).status, 'Pause. Gleich geht es weiter.');
  const until = new Date(2026, 10, 23, 10, 30).toISOString();
  assert.equal(told({ state: 'live', slate: { kind: 'pause', until } }, { player: 'playing' }).status, 'Pause. Weiter geht es um 10:30 Uhr.');
  assert.equal(told({ state: 'live', slate: { kind: 'pause', until: '10:45' } }, { player: 'playing' }).status, 'Pause. Weiter geht es um 10:45 Uhr.');
  assert.equal(told({ state: 'live', slate: { kind: 'fault' } }, { language: 'en' }).status, 'A short disturbance. Back in a moment.');
  assert.equal(told({ state: 'live', slate: '' }, { player: 'playing' }).status, 'Live');
});

test('the badge says in a word what the show is doing, whatever the player does', () => {
  const word = (answer, more = {}) => badge({ show: normalize(answer), reachable: true, language: 'de', ...more });
  assert.deepEqual(word({ state: 'rehearsal' }), { kind: 'closed', text: 'Noch nicht live' });
  assert.deepEqual(word({ state: 'live' }), { kind: 'live', text: 'Live' });
  assert.deepEqual(word({ state: 'live', slate: { kind: 'pause' } }), { kind: 'slate', text: 'Pause' });
  assert.deepEqual(word({ state: 'live', slate: 'fault' }, { language: 'en' }), { kind: 'slate', text: 'Disturbance' });
  assert.deepEqual(word({ state: 'live', slate: 'of another version' }), { kind: 'slate', text: 'Pause' });
  assert.deepEqual(word({ state: 'over', slate: 'pause' }), { kind: 'closed', text: 'Beendet' });
  assert.deepEqual(word({ state: 'live' }, { reachable: false }), { kind: '', text: '' }); // what we knew may be wrong by now
  assert.deepEqual(badge({ show: null, reachable: true, language: 'de' }), { kind: '', text: '' });
});

test('what still plays is never covered, whatever the server says', () => {
  for (const state of ['rehearsal', 'over']) assert.equal(told({ state }, { player: 'playing' }).notice, '');
  assert.equal(told({ state: 'live' }, { player: 'playing', reachable: false }).notice, '');
});

test('a first press is not told of a connection that it never had', () => {
  assert.equal(told({ state: 'live' }, { player: 'loading' }).notice, '');
  assert.equal(told({ state: 'live' }, { player: 'starting' }).notice, 'Gleich geht es los.'); // the show has no three segments yet
});

test('an outage and the end are told apart', () => {
  assert.match(told({ state: 'live' }, { player: 'recovering', reachable: false }).notice, /Keine Verbindung/);
  assert.match(told({ state: 'live' }, { player: 'recovering' }).notice, /wiederhergestellt/);
  assert.match(told({ state: 'over' }, { player: 'recovering' }).notice, /beendet/);
  assert.match(describe({ show: null, reachable: false, player: 'idle', now: kNow, language: 'en' }).notice, /No connection/);
});

test('hostile and broken answers become text or nothing', () => {
  const hostile = normalize({ state: 'LIVE', room: '<script>', event: 7, talk: { title: 'x'.repeat(1000), speakers: [{ name: 'A' }, null, 5] }, starts_at: 'soon' });
  assert.equal(hostile.state, 'rehearsal');
  assert.equal(hostile.room, '<script>');
  assert.equal(hostile.event, '');
  assert.equal(hostile.talk.title.length, 300);
  assert.deepEqual(hostile.talk.speakers, ['A']);
  assert.equal(hostile.startsAt, null);
  for (const answer of [null, undefined, 5, 'x', []]) assert.equal(normalize(answer).state, 'rehearsal');
});

test('the page asks seldom while it plays or is hidden, often when it waits', () => {
  assert.equal(pause({ playing: true }, 0.5), 10000);
  assert.equal(pause({ playing: false }, 0.5), 3000);
  assert.equal(pause({ playing: true, hidden: true }, 0.5), 30000);
  assert.equal(pause({ playing: false, hidden: true, urgent: true }, 0.5), 1000);
  assert.ok(pause({ playing: true }, 0) < pause({ playing: true }, 0.99));
});
