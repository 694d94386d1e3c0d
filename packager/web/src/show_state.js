// What the viewer is told. Pure: the answer of /live/state.json and what the player is doing in, words out.
// Everything in the answer is somebody's text or may be missing: it is checked here and shown as text, never as markup.
import { fill, kTexts } from './texts.js';

const kStates = ['rehearsal', 'live', 'over'];
const kClock = /^\d{1,2}:\d{2}$/; // a time of day, as the crew typed it
const kLongestName = 300;

function text(value) {
  return typeof value === 'string' ? value.slice(0, kLongestName).trim() : '';
}

function time(value) {
  const date = value === null || value === undefined || value === '' ? NaN : new Date(value);
  return Number.isNaN(Number(date)) ? null : date;
}

function talk(value) {
  if (typeof value === 'string') return { title: text(value), speakers: [] };
  if (!value || typeof value !== 'object') return null;
  const speakers = Array.isArray(value.speakers) ? value.speakers : [];
  return { title: text(value.title), speakers: speakers.map((one) => text(one?.name ?? one)).filter(Boolean) };
}

function slate(value) {
  const kind = text(typeof value === 'object' ? value?.kind : value);
  return kind ? { kind, until: kClock.test(value.until) ? value.until : time(value.until) } : null;
}

export function normalize(answer) {
  const from = answer && typeof answer === 'object' ? answer : {};
  return {
    state: kStates.includes(from.state) ? from.state : 'rehearsal',
    startsAt: time(from.starts_at),
    talk: talk(from.talk),
    slate: slate(from.slate),
    room: text(from.room),
    event: text(from.event),
  };
}

export function clock(date, language) {
  return new Intl.DateTimeFormat(language === 'de' ? 'de' : 'en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(date);
}

function when(date, now, language) {
  const values = {
    time: clock(date, language),
    day: new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'long' }).format(date),
  };
  return fill(date.toDateString() === now.toDateString() ? kTexts[language].atTime : kTexts[language].atDay, values);
}

function before(show, now, language) {
  const texts = kTexts[language];
  if (!show.startsAt) return texts.before;
  return show.startsAt > now ? fill(texts.beforeAt, { when: when(show.startsAt, now, language) }) : texts.starting;
}

function duringSlate(slateNow, language) {
  const texts = kTexts[language];
  const { until } = slateNow;
  if (slateNow.kind === 'pause' && until) return fill(texts.slatePauseUntil, { time: until instanceof Date ? clock(until, language) : until });
  return { start: texts.slateStart, pause: texts.slatePause, fault: texts.slateFault, end: texts.slateEnd }[slateNow.kind] ?? texts.slatePause;
}

// player: 'idle' (not pressed yet), 'loading' (pressed, and the first picture is on its way), 'starting' (pressed, and there is nothing yet),
// 'playing', 'recovering' (played before). show: null while the server has never answered.
// → {notice: words over the picture or '', status: words below it, playable: whether play makes sense}
export function describe({ show, reachable, player, now, language }) {
  const texts = kTexts[language];
  if (!show) return { notice: reachable ? '' : texts.unreachable, status: '', playable: false };
  if (player === 'playing') {
    return { notice: '', status: show.slate ? duringSlate(show.slate, language) : texts.live, playable: true };
  }
  if (!reachable) return { notice: texts.unreachable, status: '', playable: false };
  if (show.state === 'rehearsal') return { notice: before(show, now, language), status: '', playable: false };
  if (show.state === 'over') return { notice: texts.over, status: '', playable: false };
  if (player === 'recovering') return { notice: texts.reconnecting, status: '', playable: true };
  if (player === 'starting') return { notice: texts.starting, status: '', playable: true };
  return { notice: '', status: show.slate ? duringSlate(show.slate, language) : texts.ready, playable: true };
}

// The word beside the room's name: what the show is doing, whatever this player is. → {kind: 'live', 'slate', 'closed' or '', text}
export function badge({ show, reachable, language }) {
  const texts = kTexts[language];
  if (!show || !reachable) return { kind: '', text: '' };
  if (show.state === 'over') return { kind: 'closed', text: texts.badgeOver };
  if (show.state === 'rehearsal') return { kind: 'closed', text: texts.badgeBefore };
  if (!show.slate) return { kind: 'live', text: texts.live };
  const words = { start: texts.badgeStart, pause: texts.badgePause, fault: texts.badgeFault, end: texts.badgeEnd };
  return { kind: 'slate', text: words[show.slate.kind] ?? texts.badgePause };
}
