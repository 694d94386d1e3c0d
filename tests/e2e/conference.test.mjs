// A whole day of a conference, its schedule a minute a second, its media in real time: talks begin and end by the clock from pretalx's export,
// one overruns, two swap, one is cancelled, one is not to be recorded, one is held for a moment; programs are killed; what comes of it is
// trimmed, published and withdrawn. ffprobe and Chromium judge the files and the pages, public parsers the feeds.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { violations } from '../support/accessibility.mjs';
import { foreignRequests, launch } from '../support/browser.mjs';
import { feedComplaints, sitemapComplaints } from '../support/feed_judge.mjs';
import { recordedParts } from '../support/recording.mjs';
import { withRoom } from '../support/room.mjs';
import { ScheduleServer } from '../support/schedule_server.mjs';
import { sleep, until } from '../support/wait.mjs';

const kShots = process.env.PULT_SHOTS ?? '/tmp/pult-shots';
const kDay = '2026-11-27';
const kClock = `${kDay}T08:58:00+01:00,60`;
const kLate = { within: 40000, every: 100 };
const kBase = 'https://stream.example.org';

// An event as pretalx writes it into schedule.json; exports of older versions lack `answers`, so this one does, too.
function event(id, start, duration, title, more = {}) {
  return {
    guid: `5f0e8b6c-0000-4000-8000-000000000${id}`, code: `C${id}`, id, logo: null, date: `${kDay}T${start}:00+01:00`, start, duration, room: 'Saal 1',
    slug: `od26-${id}`, url: `https://plan.example.org/${id}/`, title, subtitle: '', track: 'Verwaltung', type: 'Vortrag', language: 'de',
    abstract: 'Worum es geht.', description: null, recording_license: '', do_not_record: false,
    persons: [{ guid: null, id: 1, code: 'AAAAAA', public_name: 'Ada Beispiel', avatar: null, biography: null }], links: [], attachments: [], ...more,
  };
}

// Both rooms have no guid; the named zone is not the one of the offsets; the day ends at four in the morning.
function schedule(events, night) {
  const elsewhere = { ...event(900, '09:10', '00:10', 'Anderswo'), room: 'Saal 2' };
  return JSON.stringify({
    $schema: 'https://c3voc.de/schedule/schema.json', generator: { name: 'pretalx', version: '2024.3.1' },
    schedule: {
      url: 'https://plan.example.org/schedule/', version: '0.7', base_url: 'https://plan.example.org',
      conference: {
        acronym: 'od26', title: 'Ortenau Digital', start: kDay, end: '2026-11-28', daysCount: 2, timeslot_duration: '00:05', time_zone_name: 'America/New_York',
        rooms: [{ name: 'Saal 1', slug: '1-saal-1', guid: null, description: null, capacity: null }, { name: 'Saal 2', slug: '2-saal-2', guid: null }],
        tracks: [{ name: 'Verwaltung', slug: '1-verwaltung', color: '#123456' }],
        days: [{ index: 1, date: kDay, day_start: `${kDay}T04:00:00+01:00`, day_end: '2026-11-28T03:59:00+01:00', rooms: { 'Saal 1': [...events, night], 'Saal 2': [elsewhere] } }],
      },
    },
  });
}

const kNight = { ...event(109, '01:30', '00:30', 'Nachtgespräch'), date: '2026-11-28T01:30:00+01:00' };
const kEvents = [
  event(101, '09:10', '00:10', 'Eröffnung & <Grußworte>'),
  event(102, '09:22', '00:08', 'Offene Runde', { do_not_record: true }),
  event(103, '09:33', '00:07', 'Netze für alle'),
  event(104, '09:52', '00:07', 'Vorher', { persons: [] }),
  event(105, '10:01', '00:06', 'Nachher'),
  event(106, '10:09', '00:05', 'Fällt aus'),
];

async function ok(room, ...words) {
  const done = await room.pult(...words);
  assert.equal(done.code, 0, `pult ${words.join(' ')}: ${done.stderr}`);
  return done;
}

const talkOf = async (room, id) => (await room.pult('talk', 'show', id, '--json')).json;
const running = async (room) => (await room.status())?.talk?.id ?? null;
const untilRuns = (room, id) => until(`talk ${id} runs`, async () => (await running(room)) === id, kLate);
const untilEnded = (room, id) => until(`talk ${id} has ended`, async () => (await running(room)) !== id, kLate);

function sizesBelow(...folders) {
  return Object.fromEntries(folders.filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name))))
    .filter((path) => statSync(path).isFile()).map((path) => [path, statSync(path).size]));
}

async function theScheduleIsThere(room, server) {
  const { json } = await until('the schedule is read', async () => { const read = await room.pult('talks', '--json'); return read.json?.talks?.length === 7 ? read : null; }, kLate);
  const night = json.talks.find(({ id }) => id === '109');
  assert.equal(night.day, 1, 'after midnight it is still the first day');
  assert.equal(night.start.slice(0, 16), '2026-11-28T01:30', 'the offset counts, not the named zone');
  assert.equal(json.talks.find(({ id }) => id === '102').record, false);
  assert.match((await ok(room, 'talks')).stdout, /NOT RECORDED/);
  await ok(room, 'talk', 'edit', '105', '--title', 'Von Hand');
  for (const [path, words] of [['/loop', /redirect/i], ['/file', /protocol|http/i], ['/large', /20/]]) {
    const refused = await room.pult('schedule', 'import', `${server.url}${path}`, '--apply');
    assert.equal(refused.code, 1, path);
    assert.match(refused.stderr, words);
  }
  assert.equal((await room.pult('talks', '--json')).json.talks.length, 7, 'the old schedule stays');
}

async function firstTalk(room) {
  await untilRuns(room, '101');
  assert.equal((await (await fetch(`${room.url}/live/state.json`)).json()).talk.title, 'Eröffnung & <Grußworte>');
  await sleep(2000);
  await ok(room, 'talk', 'mark', 'Grußwort der Bürgermeisterin');
  await ok(room, 'talk', 'swap', '104', '105');
  await ok(room, 'talk', 'cancel', '106');
  await untilEnded(room, '101');
}

async function theOneWithoutConsent(room, data) {
  await untilRuns(room, '102');
  const folders = ['program', 'iso', 'window'].map((name) => join(data, name));
  await until('the recorder holds', async () => (await room.status()).recording?.state === 'held', kLate);
  await sleep(1500);
  const before = sizesBelow(...folders);
  await sleep(2500);
  assert.deepEqual(sizesBelow(...folders), before, 'nothing of it goes to the disk');
  assert.equal((await room.status()).talk.id, '102', 'it was running all the while');
  await untilEnded(room, '102');
  assert.equal((await talkOf(room, '102')).state, 'unrecorded');
}

// The planner moves the talk that runs, renames one that comes, and would undo what was changed by hand.
async function theOneThatOverruns(room, server) {
  await untilRuns(room, '103');
  const { start } = await talkOf(room, '103');
  server.text = schedule(kEvents.map((one) => {
    if (one.id === 103) return { ...one, date: `${kDay}T11:33:00+01:00` };
    if (one.id === 104) return { ...one, title: 'Vorher, anders' };
    return one.id === 105 ? { ...one, title: 'Titel des Planers' } : one;
  }), kNight);
  await ok(room, 'talk', 'extend', '9');
  await until('the recording goes on', async () => (await room.status()).recording?.state === 'recording', kLate);
  await sleep(1000);
  await ok(room, 'hold', '--all');
  assert.deepEqual((({ stream, archive }) => ({ stream, archive }))((await room.status()).hold), { stream: true, archive: true });
  await sleep(2000);
  await ok(room, 'hold', 'off');
  await until('the new schedule is read', async () => (await talkOf(room, '104')).title === 'Vorher, anders', kLate);
  assert.equal((await talkOf(room, '103')).start, start, 'a running talk never moves');
  assert.equal((await talkOf(room, '105')).title, 'Von Hand', 'what was changed by hand stays');
  await sleep(1000);
  assert.equal(await running(room), '103', 'it runs on after its planned end');
  await untilEnded(room, '103');
}

async function theSwappedOnes(room, server) {
  server.fails = true; // the planner is down: nothing changes
  await untilRuns(room, '105');
  await sleep(1500);
  await room.killed('pult-packager');
  await room.killed('pult-transcode');
  await untilEnded(room, '105');
  await untilRuns(room, '104');
  await sleep(1000);
  await room.killed('pultd');
  await until('pultd has the talk, and the clock goes on', async () => (await running(room)) === '104', kLate);
  await untilEnded(room, '104');
  await until('the cancelled one should run', async () => Date.parse((await room.pult('talks', '--json')).json.clock) > Date.parse(`${kDay}T10:11:00+01:00`), kLate);
  assert.equal(await running(room), null, 'a cancelled talk does not begin');
  assert.equal((await talkOf(room, '106')).state, 'cancelled');
}

const probe = (file, ...what) => JSON.parse(execFileSync('ffprobe', ['-v', 'error', '-of', 'json', ...what, file], { encoding: 'utf8' }));

async function judgeDraft(room, data, id) {
  const talk = await until(`the draft of ${id}`, async () => { const one = await talkOf(room, id); return one.state === 'draft' ? one : null; }, { within: 60000, every: 300 });
  const folder = join(data, 'drafts', talk.slug);
  const about = JSON.parse(readFileSync(join(folder, 'talk.json'), 'utf8'));
  const length = (Date.parse(talk.marks.out) - Date.parse(talk.marks.in)) / 1000;
  const { format, streams } = probe(join(folder, 'video.mp4'), '-show_format', '-show_streams');
  assert.ok(Math.abs(Number(format.duration) - length) < 0.05, `${id}: ${format.duration} s, not ${length}`);
  assert.deepEqual(streams.filter(({ codec_type }) => codec_type !== 'data').map(({ codec_name }) => codec_name).sort(), ['aac', 'h264']);
  assert.equal(format.tags.title, talk.title);
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-xerror', '-i', join(folder, 'video.mp4'), '-f', 'null', '-']);
  for (const name of ['audio.m4a', 'poster.jpg', 'contact.jpg']) assert.ok(statSync(join(folder, name)).size > 500, name);
  return { talk, about, folder, length };
}

async function publishAll(room, data) {
  const opening = await judgeDraft(room, data, '101');
  assert.ok(probe(join(opening.folder, 'video.mp4'), '-show_chapters').chapters.some(({ tags }) => tags.title === 'Grußwort der Bürgermeisterin'));
  const held = await judgeDraft(room, data, '103');
  assert.ok(held.length > 12 && held.length < 20, `with its overrun ${held.length} s`);
  const missing = held.about.gaps.filter(({ kind }) => kind === 'missing').reduce((sum, { begin, end }) => sum + end - begin, 0);
  assert.ok(missing > 1.5 && missing < 4, `what was held is missing: ${missing} s`);
  await judgeDraft(room, data, '104');
  await judgeDraft(room, data, '105');
  const { length } = opening;
  await ok(room, 'archive', 'trim', '101', '--out', '-0:02');
  const trimmed = await until('it is cut anew', async () => { const one = await talkOf(room, '101'); return one.state === 'draft' && Math.abs((one.files.length ?? 0) - (length - 2)) < 0.05 ? one : null; }, kLate);
  writeFileSync(join(data, 'drafts', trimmed.slug, 'de.vtt'), 'WEBVTT\n\n00:00:00.000 --> 00:00:03.000\nGuten Morgen, Offenburg!\n');
  for (const id of ['101', '103', '105']) await ok(room, 'archive', 'publish', id);
  for (const id of ['101', '103', '105']) await until(`${id} is public`, async () => (await talkOf(room, id)).state === 'published', kLate);
  return trimmed.slug;
}

async function judgePages(room, slug) {
  const get = async (path) => (await fetch(`${room.url}/talks/${path}`)).text();
  assert.deepEqual(feedComplaints(await get('feed.xml'), 'video/mp4'), []);
  assert.deepEqual(feedComplaints(await get('feed-audio.xml'), 'audio/mp4'), []);
  assert.deepEqual(sitemapComplaints(await get('sitemap.xml')), []);
  const { talks } = JSON.parse(await get('index.json'));
  assert.deepEqual(talks.map(({ id }) => id).sort(), ['101', '103', '105'].sort());
  const chromium = await launch({ language: 'de-DE', autoplay: true });
  try {
    const page = await chromium.page();
    const foreign = foreignRequests(page, room.url);
    await page.goto(`${room.url}/talks/`);
    await page.waitForFunction(() => document.querySelectorAll('.day li').length === 3);
    assert.deepEqual(await violations(page), []);
    await page.screenshot({ path: join(kShots, 'conference-talks.png'), fullPage: true });
    await page.goto(`${room.url}/talks/${slug}/#t=2`);
    await page.waitForSelector('body[data-ready=talk] video');
    await page.evaluate(async () => {
      const video = document.querySelector('video');
      video.muted = true;
      [...video.textTracks].filter(({ kind }) => kind === 'captions').forEach((track) => (track.mode = 'showing'));
      await video.play();
    });
    await until('it plays, with its captions', () => page.evaluate(() => {
      const video = document.querySelector('video');
      const captions = [...video.textTracks].find(({ kind }) => kind === 'captions');
      return video.currentTime > 2.5 && captions?.language === 'de' && captions.label === 'Deutsch' && captions.activeCues?.[0]?.text === 'Guten Morgen, Offenburg!';
    }));
    assert.deepEqual(await violations(page), []);
    await page.screenshot({ path: join(kShots, 'conference-talk.png'), fullPage: true });
    assert.deepEqual(foreign, []);
  } finally {
    await chromium.close();
  }
}

// Whatever the first disk has of the programme, the second one has, byte for byte.
function judgeSecondDisk(data, second) {
  for (const show of readdirSync(join(data, 'program')).filter((name) => existsSync(join(data, 'program', name, '360p')))) {
    for (const track of ['360p', '180p', 'original']) {
      const [ours, theirs] = [data, second].map((disk) => recordedParts(join(disk, 'program', show, track)));
      const known = new Map(theirs.map((part) => [part.begin, part]));
      const settled = ours.slice(0, -20); // the newest may not have come yet
      assert.ok(settled.length > 50);
      for (const part of settled) assert.ok(known.get(part.begin)?.bytes().equals(part.bytes()), `${track} ${part.sequence}.${part.number} is on both disks`);
    }
  }
}

test('a day of a conference, from the first talk to the last download', { timeout: 400000 }, async (t) => {
  mkdirSync(kShots, { recursive: true });
  const server = await ScheduleServer.start();
  server.text = schedule(kEvents, kNight);
  const second = mkdtempSync(join(tmpdir(), 'pult-second-'));
  const more = `[archive]\nacronym = "od26"\nsecond_dir = "${second}"\nbase_url = "${kBase}"\n[schedule]\nsource = "${server.url}/schedule.json"\npoll_s = 10\nauto_start = true\nauto_stop = true\n`;
  try {
    await withRoom({ feeds: ['cam1'], more, env: { PULT_SCHEDULE_CLOCK: kClock } }, async (room) => {
      const data = join(room.dataDir, 'data');
      room.camera('cam1');
      await theScheduleIsThere(room, server);
      await firstTalk(room);
      await theOneWithoutConsent(room, data);
      await theOneThatOverruns(room, server);
      await theSwappedOnes(room, server);
      t.diagnostic(`the planner was asked ${server.asked} times, ${server.unchanged} times nothing was new`);
      assert.ok(server.unchanged >= 2, 'who has it already is told so');
      const slug = await publishAll(room, data);
      judgeSecondDisk(data, second);
      await judgePages(room, slug);
      await ok(room, 'archive', 'withdraw', '101');
      await until('it is gone', async () => (await fetch(`${room.url}/talks/${slug}/video.mp4`)).status === 404, kLate);
      await until('the pages do not name it', async () => JSON.parse(await (await fetch(`${room.url}/talks/index.json`)).text()).talks.length === 2, kLate);
      assert.equal((await room.pult('archive', 'trim', '101', '--in', '+0:01')).code, 1, 'nothing of it is left to cut');
    });
  } finally {
    server.close();
    rmSync(second, { recursive: true, force: true });
  }
});
