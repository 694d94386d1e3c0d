// Talks from a schedule to a download: the real programs, a real camera, ffprobe and Chromium as judges. A talk is started, marked, outlives a
// killed packager and a killed pultd, is cut, trimmed, published, seen and withdrawn; one without consent leaves nothing on the disk.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { violations } from '../support/accessibility.mjs';
import { foreignRequests, launch } from '../support/browser.mjs';
import { recordedSegment } from '../support/recording.mjs';
import { withRoom } from '../support/room.mjs';
import { beepsAgainstFlashes } from '../support/rung_files.mjs';
import { sleep, until } from '../support/wait.mjs';
import { pictureAgeMs, readWallCode } from '../support/wall_code.mjs';

const kShots = process.env.PULT_SHOTS ?? '/tmp/pult-shots';
const kInStepMs = 20;
const kCameraLoopMs = 60000;
const kSlug = 'buergerdienste-daten-script';

// schedule.xml as pretalx exports it, with an offset that is not the named zone's and a room without a guid.
function scheduleXml(now, head = '') {
  const at = (minutes) => new Date(now + minutes * 60000).toISOString().replace(/\.\d+Z$/, '+00:00');
  const event = (id, title, minutes, optout, speaker) => `<event guid="g${id}" id="${id}"><room>Saal 1</room><title>${title}</title><subtitle/>
<date>${at(minutes)}</date><start>10:00</start><duration>00:45</duration><abstract>Worum es geht &amp; mehr.</abstract><persons><person id="1">${speaker}</person></persons>
<language>de</language><track>Verwaltung</track><recording><license/><optout>${optout}</optout></recording></event>`;
  return `<?xml version="1.0" encoding="utf-8"?>${head}<schedule><generator name="pretalx" version="2024.3.1"/><version>1</version>
<conference><title>Ortenau Digital</title><acronym>od26</acronym><time_zone_name>America/New_York</time_zone_name></conference>
<day index="1" date="${at(0).slice(0, 10)}" start="${at(0)}" end="${at(900)}"><room name="Saal 1" guid="">
${event(17, 'Bürgerdienste &amp; Daten &lt;script&gt;', -1, false, 'Ada Beispiel')}${event(18, 'Offene Runde', 50, true, 'Jo Muster')}${event(19, 'Netze für alle', 100, false, 'Ümit Probe')}</room>
<room name="Saal 2"><event id="90"><room>Saal 2</room><title>Anderswo</title><date>${at(0)}</date><duration>00:30</duration></event></room></day></schedule>`;
}

const probe = (file, entries, ...more) => JSON.parse(execFileSync('ffprobe', ['-v', 'error', '-of', 'json', '-show_entries', entries, ...more, file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));

function filesBelow(folder) {
  if (!existsSync(folder)) return {};
  return Object.fromEntries(readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => [join(entry.parentPath ?? entry.path, entry.name), statSync(join(entry.parentPath ?? entry.path, entry.name)).size]));
}

// Segments of a track that the window has published, with their bytes.
async function windowSegments(room, track) {
  const master = await (await fetch(`${room.url}/live/master.m3u8`)).text();
  const show = new RegExp(`^(\\S+)/${track}/index\\.m3u8$`, 'm').exec(master)[1];
  const text = await (await fetch(`${room.url}/live/${show}/${track}/index.m3u8`)).text();
  const names = [...text.matchAll(/^(\d+)\.m4s$/gm)].map(([, sequence]) => Number(sequence));
  return { show, segments: await Promise.all(names.map(async (sequence) => ({ sequence, bytes: Buffer.from(await (await fetch(`${room.url}/live/${show}/${track}/${sequence}.m4s`)).arrayBuffer()) }))) };
}

async function ok(room, ...words) {
  const done = await room.pult(...words);
  assert.equal(done.code, 0, `pult ${words.join(' ')}: ${done.stderr}`);
  return done;
}

const stateOf = async (room, id) => (await room.pult('talk', 'show', id, '--json')).json?.state;

async function importSchedule(room) {
  const file = join(room.dataDir, 'schedule.xml');
  writeFileSync(file, scheduleXml(Date.now()));
  const shown = await ok(room, 'schedule', 'import', file);
  assert.match(shown.stdout, /3 talks of this room, 1 of others/);
  assert.match(shown.stdout, /NOT RECORDED/);
  assert.equal((await room.pult('talks', '--json')).json.talks.length, 0, 'nothing is changed yet');
  await ok(room, 'schedule', 'import', file, '--apply');
  writeFileSync(file, scheduleXml(Date.now(), '<!DOCTYPE schedule [<!ENTITY x SYSTEM "file:///etc/passwd">]>'));
  const hostile = await room.pult('schedule', 'import', file, '--apply');
  assert.equal(hostile.code, 1);
  assert.match(hostile.stderr, /document type/);
  assert.equal((await room.pult('talks', '--json')).json.talks.length, 3, 'the old schedule stays');
}

async function aTalkOutlivesAKill(room, data) {
  await ok(room, 'talk', 'start');
  assert.equal((await room.status()).talk.id, '17', 'the one that should run');
  assert.deepEqual(await (await fetch(`${room.url}/live/state.json`)).json().then(({ talk }) => talk), { id: '17', title: 'Bürgerdienste & Daten <script>', speakers: 'Ada Beispiel' });
  await ok(room, 'lt', 'show', '--speaker', '1', '--for', '2');
  await sleep(2500);
  await ok(room, 'talk', 'mark', 'Fragen aus dem Saal');
  await room.killed('pult-packager');
  await sleep(2500);
  const stopped = performance.now();
  await ok(room, 'talk', 'stop');
  await until('the talk can be watched', () => existsSync(join(data, 'drafts', kSlug, 'index.m3u8')), { within: 6000, every: 20 });
  const watchable = performance.now() - stopped;
  await until('the draft is there', async () => (await stateOf(room, '17')) === 'draft', { within: 30000 });
  return watchable;
}

function judgeFile(file, expected) {
  const { format, streams, chapters } = probe(file, 'format=duration:format_tags:stream=codec_name,codec_type,start_time,duration:chapter_tags=title', '-show_chapters');
  assert.ok(Math.abs(Number(format.duration) - expected) < 0.05, `${format.duration} s, not ${expected}`);
  const media = streams.filter(({ codec_type }) => codec_type === 'video' || codec_type === 'audio');
  assert.deepEqual(media.map(({ codec_name }) => codec_name).sort(), ['aac', 'h264']);
  for (const stream of media) assert.ok(Math.abs(Number(stream.start_time)) < 0.022, `${stream.codec_type} begins at ${stream.start_time}`);
  assert.equal(format.tags.title, 'Bürgerdienste & Daten <script>');
  assert.equal(format.tags.artist, 'Ada Beispiel');
  const beeps = beepsAgainstFlashes(file, file, 25);
  assert.ok(beeps.length >= 2 && beeps.every(({ off }) => Math.abs(off) <= kInStepMs), `sound less picture: ${beeps.map(({ off }) => Math.round(off))} ms`);
  assert.ok(chapters.some(({ tags }) => tags.title === 'Fragen aus dem Saal'));
}

// The number that the camera burned into the picture at that second of a file.
function codeAt(file, seconds) {
  const strip = ['-vf', 'crop=iw:ih/12:0:0,scale=400:24:flags=area', '-frames:v', '1', '-pix_fmt', 'rgba', '-f', 'rawvideo', '-'];
  const data = execFileSync('ffmpeg', ['-nostdin', '-loglevel', 'error', '-i', file, '-ss', String(seconds), ...strip], { maxBuffer: 1 << 20 });
  return readWallCode({ data, width: 400, height: 24 });
}

// The same talk from the camera's own recording shows the same pictures at the same times.
async function cutFromTheFeed(room, data) {
  const file = join(data, 'drafts', kSlug, 'video.mp4');
  const times = [0.5, 2, 4];
  const onAir = times.map((seconds) => codeAt(file, seconds));
  await ok(room, 'archive', 'trim', '17', '--feed', 'cam1');
  await until('it is cut from the feed', async () => (await room.pult('archive', '--json')).json.talks.find(({ id }) => id === '17').job?.state === 'done' && existsSync(file), { within: 60000 });
  times.forEach((seconds, i) => {
    const later = pictureAgeMs(codeAt(file, seconds), (onAir[i] * 1000) / 25);
    const apart = Math.min(later, kCameraLoopMs - later);
    assert.ok(apart <= 80, `at ${seconds} s the feed's picture is ${apart} ms from the programme's`);
  });
  const unknown = await room.pult('archive', 'trim', '17', '--feed', 'cam7');
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /cam1/);
  await ok(room, 'archive', 'trim', '17', '--feed', 'programme');
}

async function noConsentLeavesNothing(room, data) {
  await ok(room, 'talk', 'next');
  const { talk, hold } = await room.status();
  assert.equal(talk.id, '18');
  assert.equal(hold.archive, true);
  await until('the recorder holds', async () => (await room.status()).recording?.state === 'held');
  await sleep(1200); // what was on its way before
  const before = { ...filesBelow(join(data, 'program')), ...filesBelow(join(data, 'iso')), ...filesBelow(join(data, 'window')) };
  await sleep(3000);
  const after = { ...filesBelow(join(data, 'program')), ...filesBelow(join(data, 'iso')), ...filesBelow(join(data, 'window')) };
  assert.deepEqual(after, before, 'nothing of it goes to the disk');
  await ok(room, 'talk', 'stop');
  assert.equal(await stateOf(room, '18'), 'unrecorded');
  await until('the recording goes on', async () => (await room.status()).recording?.state === 'recording');
}

async function anotherOutlivesAKilledPultd(room) {
  await ok(room, 'talk', 'start', '19');
  await sleep(1500);
  await room.killed('pultd');
  await until('pultd answers', async () => (await room.pult('talk', '--json')).json?.now?.id === '19');
  await ok(room, 'talk', 'stop');
  await until('its draft is there', async () => (await stateOf(room, '19')) === 'draft', { within: 30000 });
}

async function judgePublic(room) {
  const talks = `${room.url}/talks`;
  const { talks: listed } = await (await fetch(`${talks}/index.json`)).json();
  assert.deepEqual(listed.map(({ slug }) => slug), [kSlug]);
  const file = await fetch(`${talks}/${kSlug}/video.mp4?download`);
  assert.equal(file.headers.get('content-disposition'), `attachment; filename="od26-17-deu-${kSlug}_hd.mp4"`);
  const whole = Buffer.from(await file.arrayBuffer());
  const rest = await fetch(`${talks}/${kSlug}/video.mp4`, { headers: { Range: 'bytes=1000-', 'If-Range': file.headers.get('etag') } });
  assert.equal(rest.status, 206);
  assert.ok(Buffer.from(await rest.arrayBuffer()).equals(whole.subarray(1000)), 'a download that broke off goes on with the right bytes');
  const feed = await (await fetch(`${talks}/feed.xml`)).text();
  assert.match(feed, /<enclosure url="[^"]*video\.mp4" length="\d+" type="video\/mp4"\/>/);
  assert.ok(!feed.includes('<script>'), 'titles are escaped');
  return feed;
}

async function lookAtPages(room, feed) {
  const chromium = await launch({ language: 'de-DE', autoplay: true });
  try {
    const page = await chromium.page();
    const foreign = foreignRequests(page, room.url);
    await page.goto(`${room.url}/talks/`);
    await page.waitForSelector('.day li');
    await page.screenshot({ path: join(kShots, 'talks-list.png') });
    assert.equal(await page.evaluate((text) => new DOMParser().parseFromString(text, 'application/xml').querySelectorAll('parsererror').length, feed), 0, 'the feed is XML');
    await page.type('#search', 'burgerdienste');
    assert.equal((await page.$$('.day li')).length, 1, 'found without its umlaut');
    await page.goto(`${room.url}/talks/${kSlug}/#t=1`);
    await page.waitForSelector('body[data-ready=talk] video');
    assert.equal(await page.title(), 'Bürgerdienste & Daten <script> – Ortenau Digital');
    await page.evaluate(() => document.querySelector('video').play());
    await until('the talk plays', () => page.evaluate(() => document.querySelector('video').currentTime > 1.5));
    await page.screenshot({ path: join(kShots, 'talks-talk.png'), fullPage: true });
    assert.deepEqual(foreign, []);
    const { json } = await room.pult('desk', '--role', 'organise', '--json');
    assert.match(json.url, /\/organiser\/#/, 'the link leads where the role is at home');
    await page.goto(json.url);
    await page.waitForSelector('body[data-ready] #list li');
    const [line] = await page.$$('#list li button');
    await line.click();
    await page.waitForSelector('#talk video');
    await until('its video loads', () => page.evaluate(() => document.querySelector('#talk video').readyState >= 1));
    const draft = (await page.$$('#list li button'))[2]; // 19: what is public is trimmed by the CLI
    await draft.click();
    await page.waitForSelector('#talk details summary');
    await page.click('#talk details summary');
    await page.waitForSelector('#talk select option[value=cam1]');
    assert.match(await page.$eval('#all', (button) => button.textContent), /Alle 2 Videos/);
    assert.deepEqual(await violations(page), []);
    await page.screenshot({ path: join(kShots, 'organiser.png'), fullPage: true });
    assert.equal((await page.evaluate(() => fetch('/organiser/media/pult.db').then(({ status }) => status))), 404, 'the room itself is not reached');
  } finally {
    await chromium.close();
  }
  const address = `http://127.0.0.1:${room.ports.control}/organiser/media/public/talks/${kSlug}/talk.json`;
  assert.equal((await fetch(address)).status, 401, 'nobody without a session gets files');
}

test('talks go from the schedule to a download, and away again', async (t) => {
  mkdirSync(kShots, { recursive: true });
  await withRoom({ feeds: ['cam1'], more: '[archive]\nacronym = "od26"\n' }, async (room) => {
    const data = join(room.dataDir, 'data');
    room.camera('cam1');
    await room.untilFeed('cam1', 'live');
    await room.untilOnAir();
    await importSchedule(room);
    const watchable = await aTalkOutlivesAKill(room, data);
    t.diagnostic(`watchable ${Math.round(watchable)} ms after the stop`);
    const { show, segments } = await windowSegments(room, '360p');
    assert.ok(segments.length >= 3);
    for (const { sequence, bytes } of segments.slice(0, -1)) assert.ok(recordedSegment(join(data, 'program', show, '360p'), sequence).equals(bytes), `segment ${sequence} is recorded byte for byte`);
    const talk = (await room.pult('talk', 'show', '17', '--json')).json;
    const length = (Date.parse(talk.marks.out) - Date.parse(talk.marks.in)) / 1000;
    judgeFile(join(data, 'drafts', kSlug, 'video.mp4'), length);
    await noConsentLeavesNothing(room, data);
    await anotherOutlivesAKilledPultd(room);
    const beyond = await room.pult('archive', 'trim', '17', '--in', '-1:00:00');
    assert.equal(beyond.code, 1);
    assert.match(beyond.stderr, /the recording goes from/);
    await cutFromTheFeed(room, data);
    await ok(room, 'archive', 'trim', '17', '--in', '+0:01');
    await until('it is cut anew', async () => Math.abs(((await room.pult('talk', 'show', '17', '--json')).json.files.length ?? 0) - (length - 1)) < 0.05, { within: 30000 });
    judgeFile(join(data, 'drafts', kSlug, 'video.mp4'), length - 1);
    const copy = mkdtempSync(join(tmpdir(), 'pult-copy-'));
    await ok(room, 'archive', 'publish', '17', '--to', copy);
    await until('it is public', async () => (await stateOf(room, '17')) === 'published', { within: 15000 });
    assert.equal((await room.pult('archive', 'publish', '17')).code, 1, 'twice is refused');
    await until('it is copied, too', () => existsSync(join(copy, kSlug, 'video.mp4')) && existsSync(join(copy, 'index.json')), { within: 15000 });
    rmSync(copy, { recursive: true });
    await lookAtPages(room, await judgePublic(room));
    const [iso] = Object.keys(filesBelow(join(data, 'iso', 'cam1'))).filter((file) => file.endsWith('.ts'));
    assert.deepEqual(probe(iso, 'stream=codec_name').streams.map(({ codec_name }) => codec_name).sort(), ['aac', 'h264'], 'the feed itself is kept, and plays');
    await ok(room, 'archive', 'withdraw', '17');
    await until('every copy is gone', async () => (await fetch(`${room.url}/talks/${kSlug}/video.mp4`)).status === 404 && !existsSync(join(data, 'drafts', kSlug)), { within: 15000 });
    await until('it says what was removed', async () => (await room.pult('talk', 'show', '17', '--json')).json.files.removed?.length >= 2);
    assert.deepEqual((await (await fetch(`${room.url}/talks/index.json`)).json()).talks, []);
  });
});
