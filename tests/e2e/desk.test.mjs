// The operator's desk in Chromium against a real pultd: opened by a link that is good once, driven by keys and forms,
// live by the WebSocket, in German and English, with no request to another host. A pultd that is killed is found again.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { foreignRequests, launch } from '../support/browser.mjs';
import { Child } from '../support/processes.mjs';
import { until } from '../support/wait.mjs';

const kBin = process.env.PULT_BIN ?? 'build/release/bin';
const kShots = process.env.PULT_SHOTS ?? '/tmp/pult-shots';
const kPatience = { within: 20000 };

const kConfig = `
[room]
name = "Saal 1"
event = "Ortenau Digital"
run_dir = "run"
timezone = "Etc/UTC"
[show]
autostart = false
[[feed]]
name = "cam1"
label = "Rednerpult"
open = true
[[feed]]
name = "cam2"
label = "Saal"
open = true
[[scene]]
name = "redner"
feeds = ["cam1"]
[[scene]]
name = "saal"
feeds = ["cam2"]
[[scene]]
name = "vortrag"
layout = "lecture"
feeds = ["cam2", "cam1"]
[control]
listen = "127.0.0.1:PORT"
`;

class Room {
  constructor() {
    this.folder = mkdtempSync('/dev/shm/pult-desk-');
    this.config = join(this.folder, 'room.toml');
    writeFileSync(this.config, kConfig.replace('PORT', '0'));
    this.start();
  }

  start() {
    this.pultd = new Child('pultd', [join(kBin, 'pultd'), '--config', this.config], { log: join(this.folder, 'pultd.log') });
  }

  async pult(...words) {
    const { stdout } = await promisify(execFile)(join(kBin, 'pult'), ['--config', this.config, ...words]);
    return stdout;
  }

  async status() {
    return JSON.parse(await this.pult('status', '--json'));
  }

  // The next pultd takes the same port, as in a room.
  async keepPort() {
    const { control } = await until('the control port', async () => ((await this.status()).control ? this.status() : null), kPatience);
    writeFileSync(this.config, kConfig.replace('PORT', control.split(':').pop()));
  }

  async close() {
    await this.pultd.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function withDesk(language, act) {
  const room = new Room();
  const chromium = await launch({ language });
  try {
    await room.keepPort();
    const page = await chromium.page();
    const errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    const url = (await room.pult('desk')).trim();
    const foreign = foreignRequests(page, new URL(url).origin);
    await page.goto(url);
    await page.waitForFunction(() => document.querySelectorAll('.tile').length === 3, { timeout: kPatience.within });
    await act(page, room, url, chromium);
    assert.deepEqual(foreign, []);
    assert.deepEqual(errors, []);
  } finally {
    await chromium.close();
    await room.close();
  }
}

async function shot(page, name) {
  mkdirSync(kShots, { recursive: true });
  await page.screenshot({ path: join(kShots, `${name}.png`), fullPage: true });
}

const textOf = (page, selector) => page.$eval(selector, (one) => one.textContent);

test('the crew drives a room from the desk', { timeout: 120000 }, async () => {
  await withDesk('de-DE', async (page, room, url, chromium) => {
    assert.equal(new URL(page.url()).hash, '', 'the secret has left the address line');
    assert.equal(await page.evaluate(() => document.cookie), '', 'no script reads the cookie');
    assert.match(await textOf(page, '#room'), /Saal 1 · Ortenau Digital/);
    assert.equal(await textOf(page, '#show'), 'Probe');

    await page.keyboard.press('2');
    await until('key 2 puts the second scene into preview', async () => (await room.status()).preview === 'saal', kPatience);
    await page.waitForSelector('.tile.preview', { timeout: kPatience.within });
    await page.keyboard.press(' ');
    await until('space takes it', async () => (await room.status()).on_air.scene === 'saal', kPatience);
    await page.waitForFunction(() => document.querySelector('.tile.on-air')?.textContent.includes('saal'), { timeout: kPatience.within });

    await page.keyboard.press('l');
    await page.keyboard.type('Dr. Ada Müller & <b>Söhne</b>');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Hochschule');
    await page.keyboard.press('Enter');
    await until('the lower third is wanted', async () => (await room.status()).lower_third?.name === 'Dr. Ada Müller & <b>Söhne</b>', kPatience);
    await page.waitForFunction(() => document.querySelector('#lt-now').textContent.includes('<b>Söhne</b>'), { timeout: kPatience.within });
    await shot(page, 'desk-de');

    await page.keyboard.press('Escape');
    await page.keyboard.press('p');
    await until('p shows the pause slate', async () => (await room.status()).slate?.kind === 'pause', kPatience);
    await page.waitForFunction(() => !document.querySelector('#slate-badge').hidden, { timeout: kPatience.within });

    await room.pult('token', 'add', 'somebody');
    await page.waitForFunction(() => document.querySelector('#events').textContent.includes('token somebody'), { timeout: kPatience.within });

    const second = await chromium.page();
    await second.deleteCookie({ name: 'pult_desk', url: page.url() });
    await second.goto(url);
    await second.waitForFunction(() => document.querySelector('#notice').textContent.includes('verbraucht'), { timeout: kPatience.within });
  });
});

// A schedule as a town hall writes it; the second talk is not to be recorded.
function schedule() {
  const at = (minutes) => new Date(Date.now() + minutes * 60000).toISOString();
  const line = (minutes, title, speakers, record) => `${at(minutes).slice(0, 10)};${at(minutes).slice(11, 16)};30;Saal 1;${title};${speakers};de;${record}`;
  return ['date;start;duration;room;title;speakers;language;record', line(-1, 'Netze <b>für alle</b>', 'Ada Beispiel, Jo Muster', 'ja'), line(35, 'Offene Runde', 'Ümit Probe', 'nein')].join('\n');
}

test('the desk shows the talk, starts and ends it, and holds', { timeout: 120000 }, async () => {
  await withDesk('de-DE', async (page, room) => {
    const says = (selector, words) => page.waitForFunction((where, what) => document.querySelector(where).textContent.includes(what), { timeout: kPatience.within }, selector, words);
    assert.match(await textOf(page, '#talks'), /Kein Programm geladen/);
    const file = join(room.folder, 'plan.csv');
    writeFileSync(file, schedule());
    await room.pult('schedule', 'import', file, '--apply');
    await says('#talks', 'Netze <b>für alle</b>');
    await page.click('#talk-start');
    await says('#notice', 'pult show start');
    await page.click('#show-start');
    await says('#show', 'AUF SENDUNG');
    await page.click('#talk-start');
    await until('the talk runs', async () => (await room.status()).talk?.title === 'Netze <b>für alle</b>', kPatience);
    await says('#talks', 'Läuft');
    await says('#talks', 'NICHT AUFZEICHNEN');
    assert.ok(await page.$eval('#talk-start', (button) => button.disabled));

    await page.waitForSelector('#speakers button:nth-child(2)', { timeout: kPatience.within });
    await page.click('#speakers button:nth-child(2)');
    await until('the second speaker is named', async () => (await room.status()).lower_third?.name === 'Jo Muster', kPatience);
    await page.type('#talk-mark', 'Fragen');
    await page.keyboard.press('Enter');
    await until('a chapter is marked', async () => (await room.status()).talk.marks === 1, kPatience);
    assert.equal(await page.$eval('#talk-mark', (input) => input.value), '');

    const planned = (await room.status()).talk.end;
    await page.click('#talk-extend');
    await until('it may run five minutes longer', async () => Date.parse((await room.status()).talk.end) === Date.parse(planned) + 300000, kPatience);

    await page.click('#hold-all');
    await until('both are held', async () => { const { hold } = await room.status(); return hold?.stream && hold?.archive; }, kPatience);
    await says('#held', 'ANGEHALTEN');
    await shot(page, 'desk-talk');
    await page.click('#hold-off');
    await page.waitForFunction(() => document.querySelector('#held').hidden, { timeout: kPatience.within });

    await page.click('#talk-next');
    await until('the next one runs', async () => (await room.status()).talk?.title === 'Offene Runde', kPatience);
    await until('it is not recorded', async () => (await room.status()).hold?.archive, kPatience);
    await says('#recording', 'angehalten');
    await page.waitForFunction(() => !document.querySelector('#talk-stop').disabled, { timeout: kPatience.within });
    await page.click('#talk-stop');
    await until('nothing runs', async () => !(await room.status()).talk?.id, kPatience);
  });
});

test('a desk finds a killed pultd again, and shows what was missed', { timeout: 120000 }, async () => {
  await withDesk('en-GB', async (page, room) => {
    assert.equal(await textOf(page, '#show'), 'Rehearsal');
    room.pultd.signal('SIGKILL');
    await room.pultd.ended;
    await page.waitForFunction(() => document.querySelector('#link').classList.contains('bad'), { timeout: kPatience.within });
    room.start();
    await until('pultd is back', () => room.status(), kPatience);
    await room.pult('preview', 'vortrag');
    await page.waitForFunction(() => document.querySelector('.tile.preview')?.textContent.includes('vortrag'), { timeout: kPatience.within });
    await page.waitForFunction(() => !document.querySelector('#link').classList.contains('bad'), { timeout: kPatience.within });
    await shot(page, 'desk-en');
  });
});
