// The organiser's page: all talks, drafts to watch, marks to move, publish and withdraw. Talks to the room's API on the same address.
import Hls from 'hls.js/light';
import { call, follow, hasAccess, openSession } from '../room.js';
import { spanOf } from '../spans.js';
import { texts } from './texts.js';

const say = texts(navigator.languages);
document.documentElement.lang = say.language;
const $ = (id) => document.getElementById(id);
const kAround = 120; // seconds around the present marks that the handles reach
const kStep = 0.04; // a picture at 25
const kBetweenDownloadsMs = 700; // browsers drop what is pressed faster
const kMostSoundOffset = 5000; // ms, as the API takes
let chosen = null; // the slug or id of the talk that is shown
let shownState = ''; // what was drawn of it: drawn again only when it changed
let player = null;
let feeds = []; // names, for a cut from another camera
let ready = []; // talks whose files can be downloaded

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? '' : value);
  made.append(...children.filter((child) => child !== null && child !== ''));
  return made;
}

function button(text, act, style = '') {
  const made = element('button', { type: 'button', class: style }, text);
  made.addEventListener('click', act);
  return made;
}

function notice(text) {
  $('notice').textContent = text;
  $('notice').hidden = text === '';
}

const media = (talk, file) => `/organiser/media/${talk.state === 'published' ? 'public/talks' : 'drafts'}/${talk.slug}/${file}`;

function confirm(question, yes) {
  const dialog = $('confirm');
  $('question').textContent = question;
  const [no, go] = dialog.querySelectorAll('button');
  no.textContent = say.cancel;
  go.textContent = yes;
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener('close', () => done(dialog.returnValue === 'yes'), { once: true }));
}

async function order(path, body, question, yes) {
  if (question && !(await confirm(question, yes))) return;
  const { ok, answer } = await call(path, body);
  notice(ok ? '' : (answer.error?.message ?? say.failed));
  refresh();
}

// --- the list ---

function jobText(talk) {
  const { job } = talk;
  if (!job) return '';
  if (job.state === 'failed') return `${say.failedJob}: ${job.error}`;
  if (job.state === 'running' || job.state === 'waiting') return `${say.jobs[job.kind] ?? job.kind} ${Math.round(job.progress * 100)} %`;
  return '';
}

function drawList(talks) {
  const list = element('ul');
  for (const talk of talks) {
    const doing = jobText(talk);
    const line = button('', () => choose(talk.id));
    line.setAttribute('aria-current', String(talk.id === chosen));
    if (talk.id !== chosen) line.removeAttribute('aria-current');
    line.append(element('span', {}, (talk.in ?? talk.start ?? '').slice(11, 16)), element('span', {}, talk.title, talk.speakers.length ? element('span', { class: 'state' }, ` – ${talk.speakers.join(', ')}`) : ''),
      element('span', { class: `state ${talk.state} ${talk.job?.state === 'failed' ? 'failed' : ''}` }, doing || say.states[talk.state] || talk.state, talk.record || talk.state === 'unrecorded' ? '' : ` · ${say.notRecorded}`));
    list.append(element('li', {}, line));
  }
  ready = talks.filter((talk) => talk.state === 'published' || (talk.state === 'draft' && talk.job?.state === 'done'));
  $('all').hidden = ready.length === 0;
  $('all').textContent = say.downloadAll(ready.length);
  $('list').replaceChildren(talks.length ? list : element('p', {}, say.none));
}

// One after the other, as if each link were pressed; the browser asks once whether that is all right.
async function downloadAll() {
  for (const talk of [...ready]) {
    const link = element('a', { href: `${media(talk, 'video.mp4')}?download`, download: true });
    document.body.append(link);
    link.click();
    link.remove();
    await new Promise((done) => setTimeout(done, kBetweenDownloadsMs));
  }
}

async function get(path) {
  const response = await fetch(path, { credentials: 'same-origin', cache: 'no-store' });
  if (!response.ok) throw new Error((await response.json().catch(() => ({}))).error?.message ?? `${response.status}`);
  return response.json();
}

async function refresh() {
  try {
    const [{ talks: planned }, { talks: ran }] = await Promise.all([get('/api/v1/talks'), get('/api/v1/archive')]);
    const known = new Map(ran.map((talk) => [talk.id, talk]));
    drawList(planned.map((talk) => known.get(talk.id) ?? talk));
    if (chosen) await drawTalk();
  } catch (error) {
    notice(error.message);
  }
}

// --- one talk ---

async function choose(id) {
  chosen = id;
  shownState = '';
  await refresh();
  $('talk').scrollIntoView({ block: 'nearest' });
  $('talk').querySelector('h2')?.focus();
}

// The file where it is there, else the recorded fragments themselves.
function play(video, talk, files) {
  player?.destroy();
  player = null;
  if (files) {
    video.src = media(talk, 'video.mp4');
  } else if (Hls.isSupported()) {
    player = new Hls();
    player.loadSource(media(talk, 'index.m3u8'));
    player.attachMedia(video);
  } else {
    video.src = media(talk, 'index.m3u8');
  }
}

function drawWave(canvas, wave) {
  canvas.width = wave.peaks.length;
  canvas.height = 128;
  const context = canvas.getContext('2d');
  context.fillStyle = getComputedStyle(canvas).color;
  wave.peaks.forEach((peak, x) => context.fillRect(x, 64 - peak / 4, 1, Math.max(1, peak / 2)));
}

// Two handles over waveform and thumbnails; each also as a number, for exact times and keyboards.
async function trimmer(talk, video) {
  const wave = await get(media(talk, 'waveform.json')).catch(() => null);
  if (!wave) return '';
  const length = talk.files.length;
  const canvas = element('canvas', { 'aria-hidden': true });
  drawWave(canvas, wave);
  const strip = element('img', { src: media(talk, wave.thumbs.file), alt: '', style: 'width:100%' });
  const handle = (name, from, to, value) => {
    const range = element('input', { type: 'range', min: from, max: to, step: kStep, value, 'aria-label': name });
    const number = element('input', { type: 'number', min: from, max: to, step: kStep, value });
    const show = () => {
      if (Number(range.value) >= 0 && Number(range.value) <= length) video.currentTime = Number(range.value);
    };
    range.addEventListener('input', () => {
      number.value = range.value;
      show();
    });
    number.addEventListener('change', () => {
      range.value = number.value;
      show();
    });
    const here = button(say.here, () => {
      range.value = number.value = video.currentTime.toFixed(2);
    });
    return { range, number, row: element('div', { class: 'row' }, element('label', {}, name, number, say.seconds), here) };
  };
  const begin = handle(say.begin, -kAround, length, 0);
  const end = handle(say.end, 0, length + kAround, length);
  const camera = element('select', {}, element('option', { value: 'programme' }, say.asOnAir), ...feeds.map((name) => element('option', { value: name }, name)));
  camera.value = talk.source?.feed || 'programme';
  const later = element('input', { type: 'number', min: -kMostSoundOffset, max: kMostSoundOffset, step: 10, value: talk.source?.sound_offset_ms ?? 0 });
  const cut = button(say.cut, () => order('/api/v1/archive/trim', {
    id: talk.id, in_s: Number(begin.number.value), out_s: Number(end.number.value) - length, feed: camera.value, sound_offset_ms: Math.round(Number(later.value)),
  }), 'strong');
  return element('details', {}, element('summary', {}, say.trim), canvas, strip, begin.range, end.range, begin.row, end.row,
    element('div', { class: 'row' }, element('label', {}, say.picture, camera), element('label', {}, say.soundLater, later, 'ms'), cut));
}

async function drawTalk() {
  const talk = await get(`/api/v1/talks/${encodeURIComponent(chosen)}`);
  const job = talk.jobs.at(-1);
  const state = JSON.stringify([talk.state, talk.title, talk.watchable, job?.id, job?.state, talk.files]);
  const bar = $('talk').querySelector('progress');
  if (bar && job) bar.value = job.progress;
  if (state === shownState) return;
  shownState = state;
  const files = talk.state === 'published' || (talk.state === 'draft' && job?.state === 'done');
  const video = element('video', { controls: true, preload: 'metadata', playsinline: true, 'aria-label': talk.title });
  const parts = [element('h2', { id: 'talk-title', tabindex: -1 }, talk.title), element('p', {}, talk.speakers.join(', ')),
    element('p', { class: 'state' }, say.states[talk.state] ?? talk.state, talk.files.length ? ` · ${spanOf(talk.files.length)}` : '')];
  if (!talk.record) parts.push(element('p', { class: 'bad' }, say.notRecordedLong));
  if (job?.state === 'failed') parts.push(element('p', { class: 'failed' }, `${say.failedJob}: ${job.error}`), button(say.retry, () => order('/api/v1/archive/retry', { id: talk.id })));
  if (job && (job.state === 'running' || job.state === 'waiting')) parts.push(element('label', {}, say.jobs[job.kind] ?? job.kind, element('progress', { max: 1, value: job.progress })));
  if (talk.watchable && talk.state !== 'withdrawn') parts.push(video);
  for (const gap of talk.files.gaps ?? []) parts.push(element('p', { class: 'bad' }, say.gap(gap.kind, spanOf(gap.begin), spanOf(gap.end))));
  for (const line of talk.files.removed ?? []) parts.push(element('p', {}, `${say.removed}: ${line}`));
  if (talk.files.remains) parts.push(element('p', {}, talk.files.remains));
  const row = element('div', { class: 'row' });
  if (files) row.append(element('a', { class: 'button', href: `${media(talk, 'video.mp4')}?download` }, say.video), element('a', { class: 'button', href: `${media(talk, 'audio.m4a')}?download` }, say.audio));
  if (talk.state === 'draft') row.append(button(say.publish, () => order('/api/v1/archive/publish', { id: talk.id }, say.publishQuestion(talk.title), say.publish), 'strong'));
  if (['recorded', 'draft', 'published'].includes(talk.state)) row.append(button(say.withdraw, () => order('/api/v1/archive/withdraw', { id: talk.id }, say.withdrawQuestion(talk.title), say.withdraw), 'danger'));
  parts.push(row);
  $('talk').replaceChildren(...parts);
  $('talk').hidden = false;
  if (talk.watchable && talk.state !== 'withdrawn') play(video, talk, files);
  if (talk.state === 'draft' && files) $('talk').append(await trimmer(talk, video)); // what is public has no waveform
}

// --- begin ---

async function begin() {
  $('list-title').textContent = say.talks;
  $('all').addEventListener('click', downloadAll);
  await openSession();
  if ((await hasAccess()) === null) return notice(say.noAccess);
  let soon = null;
  const later = () => {
    soon ??= setTimeout(() => {
      soon = null;
      refresh();
    }, 300);
  };
  follow({
    told: (status) => {
      feeds = (status.feeds ?? []).map(({ name }) => name);
      $('title').textContent = [status.room, status.event].filter(Boolean).join(' · ');
      document.title = `${$('title').textContent} – ${say.organise}`;
      later();
    },
    happened: later,
    linked: (stands) => ($('link').textContent = stands ? '' : say.lost),
    refused: () => notice(say.noAccess),
  });
  setInterval(() => $('talk').querySelector('progress') && refresh(), 1000);
  await refresh();
  document.body.dataset.ready = 'yes';
}

begin().catch((error) => notice(error.message));
