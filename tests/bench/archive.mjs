// Five thousand talks: how soon the talks page shows them in Chromium, and how long `pult archive list` takes, the program's start included.
// One talk is recorded and published for real; the others are copies of it. The pages are made by pult-jobs when one more is published.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { launch } from '../support/browser.mjs';
import { kBin, withRoom } from '../support/room.mjs';
import { sleep, until } from '../support/wait.mjs';
import { figure, median } from './figures.mjs';

const run = promisify(execFile);
const kTalks = 5000;
const kTalkMs = 4000;
const kLoads = 5;
const kLists = 15;
const kPageWithin = 1000; // ms
const kListWithin = 50;
const kPatience = { within: 120000, every: 200 };

async function said(room, ...words) {
  const done = await room.pult(...words);
  if (done.code !== 0) throw new Error(`pult ${words.join(' ')}: ${done.stderr}`);
  return done;
}

// Records a talk of a few seconds and publishes it. → its id
async function aTalk(room) {
  await said(room, 'talk', 'start');
  await sleep(kTalkMs);
  const { json } = await said(room, 'talk', 'stop', '--json');
  const id = json.talk;
  const state = async () => (await room.pult('talk', 'show', id, '--json')).json?.state;
  await until('the draft', async () => (await state()) === 'draft', kPatience);
  const begun = performance.now();
  await said(room, 'archive', 'publish', id);
  await until('it is public', async () => (await state()) === 'published', kPatience);
  return { id, published: (performance.now() - begun) / 1000 };
}

async function onAir(room) {
  room.camera('cam1');
  await room.untilFeed('cam1', 'live', kPatience);
  await room.untilOnAir(kPatience);
}

// Milliseconds from the navigation until the list is drawn, in a browser that has nothing of it yet.
async function loadPage(url) {
  const chromium = await launch({ language: 'de-DE' });
  try {
    const page = await chromium.page();
    await page.goto(url, { waitUntil: 'domcontentloaded' });
    return await page.evaluate(() => new Promise((done) => {
      const look = () => (document.body.dataset.ready === 'list' && document.querySelector('.day li') ? requestAnimationFrame(() => setTimeout(() => done(performance.now()))) : requestAnimationFrame(look));
      look();
    }));
  } finally {
    await chromium.close();
  }
}

async function measure(room) {
  const data = join(room.dataDir, 'data');
  await onAir(room);
  const first = await aTalk(room);
  await room.run.stop();
  await run(join(kBin, 'pult-archive-filler'), [data, first.id, String(kTalks)], { maxBuffer: 1 << 20 });
  await room.startRun();
  await onAir(room);
  const { published } = await aTalk(room); // and the pages of all
  const index = join(data, 'public/talks/index.json');
  await until('the pages name all', () => existsSync(index) && JSON.parse(readFileSync(index, 'utf8')).talks.length > kTalks, kPatience);
  const loads = [];
  for (let i = 0; i < kLoads; i += 1) loads.push(await loadPage(`${room.url}/talks/`));
  const lists = [];
  let lines = 0;
  for (let i = 0; i < kLists; i += 1) {
    const begun = performance.now();
    const { stdout } = await run(join(kBin, 'pult'), ['--config', room.config, 'archive', 'list'], { maxBuffer: 64 << 20 });
    lists.push(performance.now() - begun);
    lines = stdout.trimEnd().split('\n').length;
  }
  return { published, loads, lists, lines, bytes: readFileSync(index).length };
}

export async function archive() {
  const { published, loads, lists, lines, bytes } = await withRoom({ feeds: ['cam1'] }, measure);
  return {
    title: `An archive of ${kTalks} talks`,
    about: 'A small room is on air meanwhile.',
    figures: [
      figure('the talks page is drawn, median', median(loads), 'ms', { most: kPageWithin, digits: 0, note: `of ${kLoads} loads, each in a fresh Chromium; index.json has ${(bytes / 1e6).toFixed(1)} MB` }),
      figure('the talks page is drawn, longest', Math.max(...loads), 'ms', { digits: 0 }),
      figure('`pult archive list`, median', median(lists), 'ms', { most: kListWithin, digits: 1, note: `of ${kLists}, from the start of the program to its end, ${lines} lines` }),
      figure('`pult archive list`, longest', Math.max(...lists), 'ms', { digits: 1 }),
      figure('one more is published, all pages made', published, 's', { note: 'at idle priority' }),
    ],
  };
}
