// Draws the room's status. Texts of strangers go in as text, never as markup.
import { text } from './texts.js';

export const byId = (id) => document.getElementById(id);

export function element(tag, { className = '', content = '', ...more } = {}, children = []) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = content;
  Object.assign(made, more);
  made.append(...children);
  return made;
}

export const clockOf = (iso) => (iso ?? '').slice(11, 19);

export function drawTexts() {
  for (const one of document.querySelectorAll('[data-text]')) one.textContent = text(one.dataset.text);
  byId('keys').textContent = text('keys');
  for (const id of ['take', 'fade', 'undo']) byId(id).textContent = text(id);
}

export function drawScenes(scenes, status, choose) {
  const tiles = scenes.map((scene, index) => {
    const onAir = scene.name === status.on_air?.scene;
    const preview = scene.name === status.preview;
    const where = onAir ? text('onAir') : preview ? text('preview') : scene.layout;
    return element('button', {
      className: `tile${onAir ? ' on-air' : ''}${preview ? ' preview' : ''}`, type: 'button', onclick: () => choose(scene.name),
    }, [
      element('strong', { content: `${index < 9 ? `${index + 1} ` : ''}${scene.name}` }),
      element('small', { content: where }),
      element('small', { content: scene.feeds.join(', ') }),
    ]);
  });
  replace(byId('scenes'), tiles);
}

// Keeps the focus where it was: the desk is driven by keyboard, too.
export function replace(box, children) {
  const focused = [...box.querySelectorAll('button')].indexOf(document.activeElement);
  box.replaceChildren(...children);
  if (focused >= 0) box.querySelectorAll('button')[focused]?.focus();
}

function levelOf(sound) {
  const peak = sound?.peak_db;
  const meter = element('meter', { min: -60, max: 0, low: -50, high: -6, optimum: -20, value: peak ?? -60 });
  const loudness = sound?.short_term_lufs > -90 ? `${sound.short_term_lufs.toFixed(1)} LUFS` : '';
  const words = peak === undefined ? '–' : peak <= -90 ? text('silent') : `${Math.round(peak)} dB ${loudness}`;
  meter.setAttribute('aria-label', words);
  return element('span', {}, [meter, element('small', { className: 'quiet', content: words })]);
}

const kStates = { waiting: ['waiting', 'quiet'], live: ['stateLive', 'good'], stale: ['stale', 'warn'], lost: ['lost', 'bad'] };

function feedRow(feed, mute) {
  const [state, tint] = kStates[feed.state] ?? ['lost', 'bad'];
  const health = feed.state === 'live' && feed.verdict === 'good' ? `${Math.round(feed.kbps)} kbit/s · ${Math.round(feed.rtt_ms)} ms` : feed.verdict;
  const sound = element('button', { type: 'button', content: text(feed.muted ? 'unmute' : 'mute'), onclick: () => mute(feed.name, !feed.muted) });
  return element('div', { className: 'feed' }, [
    element('strong', { content: feed.label && feed.label !== feed.name ? `${feed.name} · ${feed.label}` : feed.name }),
    element('span', { className: tint, content: text(state) }),
    element('span', { content: feed.muted ? `${text('muted')} · ${health}` : health }),
    levelOf(feed.mixer), sound,
  ]);
}

export function drawFeeds(status, mute) {
  const programme = element('div', { className: 'feed' }, [
    element('strong', { content: text('programme') }), element('span'), element('span'), levelOf(status.sound), element('span'),
  ]);
  replace(byId('feeds'), [programme, ...(status.feeds ?? []).map((feed) => feedRow(feed, mute))]);
}

export function drawHead(status) {
  byId('room').textContent = status.event ? `${status.room} · ${status.event}` : status.room;
  document.title = `${status.room} – Pult`;
  const state = status.show?.state ?? 'rehearsal';
  byId('show').textContent = text(state);
  byId('show').className = `badge${state === 'live' ? ' air' : ''}`;
  byId('show-start').disabled = state === 'live';
  byId('show-end').disabled = state !== 'live';
  const kind = status.slate?.kind;
  byId('slate-badge').hidden = !kind;
  if (kind) byId('slate-badge').textContent = text('slateOn', { kind: `${slateName(kind)}${status.slate.until ? ` ${text('until')} ${status.slate.until}` : ''}` });
}

export const kSlates = ['start', 'pause', 'fault', 'end', 'off'];
export const slateName = (kind) => text(`slate${kind[0].toUpperCase()}${kind.slice(1)}`);

export function drawSlates(status, put) {
  replace(byId('slates'), kSlates.map((kind) => element('button', {
    type: 'button', content: slateName(kind), onclick: () => put(kind), className: (status.slate?.kind ?? 'off') === kind ? 'strong warn' : '',
  })));
}

export function drawLowerThird(status) {
  const shown = status.lower_third;
  byId('lt-hide').disabled = !shown;
  if (!shown) return void (byId('lt-now').textContent = text('ltHidden'));
  const name = shown.function ? `${shown.name}, ${shown.function}` : shown.name;
  const until = shown.until ? ` (${text('ltUntil', { time: clockOf(shown.until) })})` : '';
  byId('lt-now').textContent = text(shown.shown ? 'ltShown' : 'ltWanted', { name }) + until;
}

export function drawAlarms(status) {
  const alarms = status.alarms ?? [];
  const lines = alarms.map((alarm) => element('li', { className: alarm.level === 'error' ? 'bad' : 'warn', content: alarm.text }));
  byId('alarms').replaceChildren(...(lines.length ? lines : [element('li', { className: 'quiet', content: text('none') })]));
}

export function drawEvents(events, anew) {
  const box = byId('events');
  if (anew) box.replaceChildren();
  for (const event of events) {
    const tint = event.level === 'error' ? 'bad' : event.level === 'warning' ? 'warn' : '';
    box.prepend(element('li', { className: tint }, [
      element('span', { className: 'quiet', content: clockOf(event.at) }),
      element('span', { className: 'quiet', content: event.program }),
      element('span', { content: event.text }),
    ]));
  }
  while (box.children.length > 200) box.lastChild.remove();
}
