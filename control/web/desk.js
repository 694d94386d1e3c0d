// The operator's desk: what the crew does becomes a call, what the room says is drawn.
import { call, follow, hasAccess, openSession } from './room.js';
import { drawTalk } from './talk_panel.js';
import { kLanguage, text } from './texts.js';
import * as view from './view.js';

const { byId } = view;
let scenes = [];
let status = {};
let clockOffset = null; // the room's wall clock beside this browser's
let zone = '';

let noticeTimer;
function notice(words) {
  byId('notice').textContent = words;
  byId('notice').hidden = words === '';
  clearTimeout(noticeTimer);
  if (words) noticeTimer = setTimeout(() => notice(''), 8000);
}

// Refusals are told in the server's own words: they name the reason and the nearest right name. → whether it was done
async function order(path, body) {
  try {
    const { ok, answer } = await call(path, body);
    notice(ok ? '' : answer.error?.message ?? text('tooManyFaults'));
    return ok;
  } catch {
    notice(text('tooManyFaults'));
    return false;
  }
}

const choose = (scene) => order('/api/v1/preview', { scene });
const take = (fade_ms) => order('/api/v1/take', { fade_ms });
const fadeMs = () => Number(byId('fade-ms').value) || 400;
const mute = (feed, muted) => order('/api/v1/audio', { feed, muted });
const hide = () => order('/api/v1/lower-third/hide');

function slate(kind) {
  const until = byId('slate-until').value;
  order('/api/v1/slate', kind !== 'off' && until ? { kind, until } : { kind });
}

function lowerThird(event) {
  event.preventDefault();
  const body = { name: byId('lt-name').value };
  if (byId('lt-function').value) body.function = byId('lt-function').value;
  if (byId('lt-for').value) body.for_s = Number(byId('lt-for').value);
  order('/api/v1/lower-third', body);
}

const talkActs = {
  start: () => order('/api/v1/talks/start'),
  stop: () => order('/api/v1/talks/stop'),
  next: () => order('/api/v1/talks/next'),
  speaker: (speaker) => order('/api/v1/lower-third', { speaker }),
};
const hold = (what) => order('/api/v1/hold', what);

async function mark(event) {
  event.preventDefault();
  if (await order('/api/v1/talks/mark', { text: byId('talk-mark').value })) byId('talk-mark').value = '';
}

function draw(now) {
  status = now;
  clockOffset = Date.parse(status.time) - Date.now();
  zone = status.time.slice(23);
  view.drawHead(status);
  view.drawScenes(scenes, status, choose);
  drawTalk(status, talkActs);
  view.drawSlates(status, slate);
  view.drawLowerThird(status);
  view.drawFeeds(status, mute);
  view.drawAlarms(status);
}

// "+01:00" of the room, whatever the browser's own zone is.
function tick() {
  if (clockOffset === null) return;
  const sign = zone.startsWith('-') ? -1 : 1;
  const minutes = sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6)));
  byId('clock').textContent = new Date(Date.now() + clockOffset + minutes * 60000).toISOString().slice(11, 19);
}

const kKeys = {
  ' ': () => take(0), Enter: () => take(0), f: () => take(fadeMs()), u: () => order('/api/v1/undo', { fade_ms: 0 }),
  l: () => byId('lt-name').focus(), h: hide, p: () => slate('pause'), o: () => slate('off'),
};

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.key === 'Escape') return document.activeElement.blur();
  const inField = event.target.matches('input');
  const onButton = event.target.matches('button') && (event.key === ' ' || event.key === 'Enter');
  if (inField || onButton) return;
  const scene = scenes[Number(event.key) - 1];
  const act = scene ? () => choose(scene.name) : kKeys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

function listen() {
  byId('take').onclick = () => take(0);
  byId('fade').onclick = () => take(fadeMs());
  byId('undo').onclick = kKeys.u;
  byId('talk-start').onclick = talkActs.start;
  byId('talk-stop').onclick = talkActs.stop;
  byId('talk-extend').onclick = () => order('/api/v1/talks/extend');
  byId('talk-next').onclick = talkActs.next;
  byId('talk-chapter').onsubmit = mark;
  byId('hold-all').onclick = () => hold({ stream: true, archive: true });
  byId('hold-stream').onclick = () => hold({ stream: true });
  byId('hold-archive').onclick = () => hold({ archive: true });
  byId('hold-off').onclick = () => order('/api/v1/hold/off');
  byId('lower-third').onsubmit = lowerThird;
  byId('lt-hide').onclick = hide;
  byId('show-start').onclick = () => order('/api/v1/show/start');
  byId('show-end').onclick = () => confirm(text('confirmEnd')) && order('/api/v1/show/end');
  document.addEventListener('keydown', onKey);
}

function linked(well) {
  byId('link').textContent = text(well ? 'connected' : 'reconnecting');
  byId('link').className = well ? 'badge' : 'badge bad';
}

function locked(words) {
  byId('desk').hidden = true;
  byId('notice').textContent = words;
  byId('notice').hidden = false;
}

async function start() {
  document.documentElement.lang = kLanguage;
  view.drawTexts();
  const session = await openSession();
  const known = await hasAccess();
  if (known === null) return locked(text(session === 'used' ? 'usedUp' : 'noAccess'));
  if (session === 'used') notice(text('usedUp'));
  scenes = known;
  byId('desk').hidden = false;
  listen();
  setInterval(tick, 200);
  follow({ told: draw, happened: view.drawEvents, linked, refused: () => locked(text('noAccess')) });
}

start();
