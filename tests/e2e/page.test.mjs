// The viewer page in Chromium on a real room: what it says before, during and after a show, in light and dark, on a phone and on a
// desktop; what a viewer can do with it; and that it comes back by itself when the origin was dead for ten seconds.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { violations } from '../support/accessibility.mjs';
import { Player } from '../support/player.mjs';
import { withRoom } from '../support/room.mjs';
import { sleep, until } from '../support/wait.mjs';

const kShots = process.env.PULT_SHOTS ?? '/tmp/pult-shots';
const kSizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const kDeadMs = 10000;
const kBackWithin = 30000;
const kSaysWithin = 40000; // a page that plays asks every ten seconds

// Both sizes in both schemes: a picture of each for people, and axe-core finds nothing.
async function lookAround({ page }, state) {
  mkdirSync(kShots, { recursive: true });
  for (const [size, viewport] of Object.entries(kSizes)) {
    await page.setViewport(viewport);
    for (const scheme of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      await page.screenshot({ path: join(kShots, `page-${state}-${size}-${scheme}.png`) });
      assert.deepEqual(await violations(page), [], `${state}, ${size}, ${scheme}`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${state}, ${size}: wider than the window`);
    }
  }
  await page.setViewport(kSizes.desktop);
}

const video = (page) => page.evaluate(() => {
  const { currentTime, paused, muted, volume, videoHeight, webkitAudioDecodedByteCount } = document.querySelector('video');
  const { player_: player } = window.pultPage;
  const seekable = player.seekable();
  return { currentTime, paused, muted, volume, videoHeight, heard: webkitAudioDecodedByteCount, live: player.liveTracker.atLiveEdge(), rewind: seekable.length ? seekable.end(0) - seekable.start(0) : 0 };
});

async function says(page, place, text) {
  let said = null;
  try {
    await until(text, async () => (said = await page.$eval(`#${place}`, (element) => element.textContent)).includes(text), { within: kSaysWithin });
  } catch (error) {
    const seen = await page.evaluate(() => ({ events: window.pultRecord.events.slice(-12), errors: window.pultRecord.errors.slice(-5), last: window.pultRecord.samples.at(-1) }));
    throw new Error(`the page's ${place} says "${said}", not "${text}"; ${JSON.stringify({ ...(await video(page)), ...seen, at: Date.now() })}`, { cause: error });
  }
}

async function keys(page) {
  const before = await video(page);
  assert.ok(before.rewind > 5, `${before.rewind} s to rewind`);
  await page.keyboard.press('m');
  assert.equal((await video(page)).muted, true);
  await page.keyboard.press('m');
  assert.equal((await video(page)).muted, false);
  await page.keyboard.press('ArrowDown');
  assert.ok((await video(page)).volume < before.volume);
  await page.keyboard.press('ArrowLeft');
  await until('ten seconds back', async () => (await video(page)).currentTime < before.currentTime - 3);
  await until('the page knows that it is behind', async () => !(await video(page)).live);
  await until('what is seen again is not hurried', () => page.evaluate(() => document.querySelector('video').playbackRate === 1));
  await page.keyboard.press('l');
  await until('live again', async () => (await video(page)).live && (await video(page)).currentTime > before.currentTime);
  await page.keyboard.press('f');
  await until('full screen', () => page.evaluate(() => document.fullscreenElement !== null));
  await page.keyboard.press('f');
  await until('a window again', () => page.evaluate(() => document.fullscreenElement === null));
  await page.keyboard.press(' ');
  await until('paused', async () => (await video(page)).paused);
  await page.keyboard.press(' ');
  await until('plays on', async () => !(await video(page)).paused);
}

async function quality(page) {
  await page.mouse.move(640, 400);
  await page.click('button.quality-menu');
  await page.waitForSelector('.quality-menu .vjs-menu-item', { visible: true });
  const names = await page.$$eval('.quality-menu .vjs-menu-item-text', (items) => items.map((item) => item.textContent));
  assert.match(names[0], /^Automatisch/);
  assert.deepEqual(names.slice(1), ['360p', '180p']);
  await page.screenshot({ path: join(kShots, 'page-quality.png') });
  await page.evaluate(() => [...document.querySelectorAll('.quality-menu .vjs-menu-item')].find((item) => item.textContent.startsWith('180p')).click());
  await until('the small picture', async () => (await video(page)).videoHeight === 180);
  await page.evaluate(() => [...document.querySelectorAll('.quality-menu .vjs-menu-item')].find((item) => item.textContent.startsWith('360p')).click());
  await until('the large picture', async () => (await video(page)).videoHeight === 360);
}

test('the page says what the case is, before, live, in a pause and after', { timeout: 280000 }, async () => {
  await withRoom({ autostart: false, feeds: ['cam1'] }, async (room) => {
    room.camera('cam1');
    await room.untilFeed('cam1', 'live', { within: 60000, every: 200 });
    const player = await Player.viewer(room.url, { language: 'de-DE', ...kSizes.desktop });
    const { page } = player;
    const badge = (text) => says(page, 'badge', text);
    const status = (text) => says(page, 'status', text);
    try {
      await badge('Noch nicht live');
      await status('noch nicht begonnen');
      await lookAround(player, 'before');
      assert.equal((await room.pult('show', 'start')).code, 0);
      await badge('Live');
      await room.untilOnAir();
      await lookAround(player, 'ready');
      await player.play();
      assert.ok((await video(page)).heard > 0, 'sound with the first picture');
      await lookAround(player, 'live');
      await until('something to rewind', async () => (await video(page)).rewind > 12, { within: 30000 });
      await keys(page);
      await quality(page);
      assert.equal((await room.pult('slate', 'pause')).code, 0);
      await badge('Pause');
      await status('Pause. Gleich geht es weiter.');
      await lookAround(player, 'pause');
      assert.equal((await room.pult('slate', 'off')).code, 0);
      await badge('Live');
      await page.keyboard.press('l'); // or a viewer who fell behind has more to see after the end
      await until('live', async () => (await video(page)).live);
      assert.equal((await room.pult('show', 'end')).code, 0);
      await badge('Beendet');
      await status('Danke fürs Zuschauen');
      await lookAround(player, 'after');
      assert.deepEqual(player.requests, [], 'requests to other hosts');
      assert.deepEqual(await page.cookies(), []);
    } finally {
      await player.close();
    }
  });
});

// Kills the origin and who would start it again at once; what else runs goes on. Then all as before.
async function withoutOrigin(room, body) {
  room.signal('pult run', 'SIGKILL');
  await room.run.ended;
  room.signal('pult-packager', 'SIGKILL');
  const answers = () => fetch(`${room.url}/live/state.json`).then((answer) => answer.ok, () => false);
  await until('nobody answers', async () => !(await answers()));
  await body();
  await room.startRun();
  await until('the origin answers', answers, { within: 20000 });
}

test('the page comes back by itself when the origin was dead for ten seconds', { timeout: 200000 }, async (t) => {
  await withRoom({ feeds: ['cam1'] }, async (room) => {
    room.camera('cam1');
    await room.untilFeed('cam1', 'live', { within: 60000, every: 200 });
    await room.untilOnAir();
    const player = await Player.viewer(room.url, { language: 'en-GB' });
    try {
      await player.play();
      await sleep(3000);
      let time = 0;
      await withoutOrigin(room, async () => {
        await sleep(kDeadMs);
        await player.screenshot(join(kShots, 'page-dead.png'));
        ({ time } = await player.now());
      });
      const begun = Date.now();
      await until('the picture moves again', async () => {
        const now = await player.now();
        return now.playing && now.time !== time && now.latency !== null && now.latency < 10;
      }, { within: kBackWithin, every: 100 });
      t.diagnostic(`plays ${Date.now() - begun} ms after the first answer`);
      const again = (await player.now()).time;
      await until('and goes on', async () => (await player.now()).time > again + 3, { within: 15000 });
    } finally {
      await player.close();
    }
  });
});

// iOS has no MSE for pages like ours; this browser is made to have none, and plays HLS by itself as well.
test('without MSE the browser plays the stream itself', { timeout: 200000 }, async () => {
  await withRoom({ feeds: ['cam1'] }, async (room) => {
    room.camera('cam1');
    await room.untilOnAir({ within: 60000, every: 100 });
    const player = await Player.viewer(room.url, { language: 'de-DE', prepare: () => ['MediaSource', 'ManagedMediaSource', 'WebKitMediaSource'].forEach((name) => delete window[name]) });
    const { page } = player;
    try {
      await player.play();
      assert.equal(await page.evaluate(() => window.pultPage.engine_.attached), false, 'hls.js has no part in it');
      assert.match(await page.$eval('video', (element) => element.currentSrc), /\/live\/master\.m3u8$/);
      const begun = (await video(page)).currentTime;
      await until('the picture goes on, with sound', async () => {
        const now = await video(page);
        return now.currentTime > begun + 5 && now.heard > 0;
      }, { within: 40000 });
      await withoutOrigin(room, async () => {
        // A browser's own player keeps more in hand than hls.js does.
        await until('it has nothing more', () => page.evaluate(() => {
          const element = document.querySelector('video');
          return element.error !== null || element.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
        }), { within: 40000 });
        await sleep(kDeadMs);
      });
      await until('the page began anew, and the picture moves', async () => (await player.now()).playing, { within: 30000 });
      const again = (await video(page)).currentTime;
      await until('and goes on', async () => (await video(page)).currentTime > again + 3, { within: 20000 });
    } finally {
      await player.close();
    }
  });
});
