// A room with two cameras; a viewer presses play, hears and sees it; the crew takes the other camera and the viewer sees that.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { violations } from '../support/accessibility.mjs';
import { cameraOf } from '../support/cameras.mjs';
import { Player } from '../support/player.mjs';
import { complaintsOf, judge, median, summaryOf } from '../support/record.mjs';
import { withRoom } from '../support/room.mjs';
import { StreamFollower } from '../support/stream.mjs';
import { sleep } from '../support/wait.mjs';
import { pictureAgeMs } from '../support/wall_code.mjs';

const kShots = process.env.PULT_SHOTS ?? '/tmp/pult-shots';
const kWatchMs = 20000;
const kSeenWithin = { within: 5000, every: 20 };

function shot(name) {
  mkdirSync(kShots, { recursive: true });
  return join(kShots, `${name}.png`);
}

async function twoCameras(room) {
  for (const feed of ['cam1', 'cam2']) room.camera(feed);
  await room.untilFeed('cam1', 'live', { within: 60000, every: 200 });
  await room.untilFeed('cam2', 'live', { within: 60000, every: 200 });
  await room.untilOnAir();
}

test('a viewer presses play, sees both cameras and hears them', { timeout: 240000 }, async (t) => {
  await withRoom({}, async (room) => {
    await twoCameras(room);
    const follower = new StreamFollower(`${room.url}/live/master.m3u8`);
    await follower.start();
    const player = await Player.viewer(room.url, { language: 'de-DE', readCode: true });
    try {
      await player.play();
      const seen = await player.now();
      assert.equal(seen.muted, false);
      assert.ok(seen.volume > 0);
      await player.untilCode('cam1 in the picture', (code) => cameraOf(code.corner) === 'cam1', kSeenWithin);
      await player.screenshot(shot('play-cam1'));

      await sleep(kWatchMs / 2);
      const asked = Date.now();
      const taken = await room.pult('take', 'cam2', '--cut', '--json');
      assert.equal(taken.code, 0, taken.stderr);
      const shown = await player.untilCode('cam2 in the picture', (code) => cameraOf(code.corner) === 'cam2', kSeenWithin);
      t.diagnostic(`take to picture: ${shown.at - asked} ms`);
      await player.screenshot(shot('play-cam2'));
      await sleep(kWatchMs / 2);

      const record = await player.record();
      const judged = judge(record);
      const ages = record.codes.filter(({ number }) => number !== null).map(({ number, at }) => pictureAgeMs(number, at));
      t.diagnostic(`glass to glass ${median(ages)} ms, ${summaryOf(judged)}`);
      assert.deepEqual(complaintsOf(judged), []);
      if (judged.undisturbed) assert.ok(median(ages) < 3000, `glass to glass ${median(ages)} ms`);
      assert.deepEqual(player.requests, [], 'requests to other hosts');
      assert.deepEqual(player.console.filter((line) => /error/i.test(line)), []);
      assert.deepEqual(await player.page.cookies(), []);
      assert.equal(await player.page.$eval('html', (html) => html.lang), 'de');
      assert.match(await player.page.title(), /Saal 1 – Ortenau Digital/);
      assert.deepEqual(await violations(player.page), []);
      await follower.stop();
      assert.deepEqual(follower.faults, []);
    } finally {
      follower.abandon();
      await player.close();
    }
  });
});

test('before the show the page waits, plays when it starts and tells when it is over', { timeout: 240000 }, async () => {
  await withRoom({ autostart: false }, async (room) => {
    room.camera('cam1');
    await room.untilFeed('cam1', 'live', { within: 60000, every: 200 });
    assert.equal((await fetch(`${room.url}/live/master.m3u8`)).status, 404);
    const player = await Player.viewer(room.url, { language: 'en-GB', width: 360, height: 740 });
    const says = (text) => player.page.waitForFunction((wanted) => document.getElementById('status').textContent.includes(wanted), { timeout: 15000 }, text);
    try {
      await says('has not started yet');
      await player.screenshot(shot('page-before'));
      assert.deepEqual(await violations(player.page), []);
      assert.equal((await room.pult('show', 'start')).code, 0);
      await player.play();
      await says('Live');
      await player.screenshot(shot('page-live'));
      assert.equal((await room.pult('slate', 'pause')).code, 0);
      await says('Break');
      assert.equal((await room.pult('slate', 'off')).code, 0);
      assert.equal((await room.pult('show', 'end')).code, 0);
      await says('The stream is over');
      await player.screenshot(shot('page-over'));
      assert.deepEqual(await violations(player.page), []);
    } finally {
      await player.close();
    }
  });
});

test('the page comes back by itself when the whole room was away', { timeout: 240000 }, async () => {
  await withRoom({}, async (room) => {
    room.camera('cam1');
    await room.untilFeed('cam1', 'live', { within: 60000, every: 200 });
    await room.untilOnAir();
    const player = await Player.viewer(room.url, { language: 'en-GB' });
    try {
      await player.play();
      room.note('the room stops for 10 s');
      await room.run.stop();
      await sleep(10000);
      await player.screenshot(shot('page-away'));
      await room.startRun();
      const gone = (await player.now()).time;
      await player.page.waitForFunction((then) => {
        const video = document.querySelector('video');
        return !video.paused && video.readyState >= 3 && Math.abs(video.currentTime - then) > 1;
      }, { timeout: 30000 }, gone);
    } finally {
      await player.close();
    }
  });
});
