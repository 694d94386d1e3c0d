// The crew switches scenes and shows a lower third for a minute; a viewer in Chromium sees each of them, without an error or a `waiting`.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { bounds, changed, grab, meanDifference, outside } from '../support/pixels.mjs';
import { Player } from '../support/player.mjs';
import { complaintsOf, judge, summaryOf } from '../support/record.mjs';
import { withRoom } from '../support/room.mjs';
import { StreamFollower } from '../support/stream.mjs';
import { sleep, until } from '../support/wait.mjs';

const kShots = process.env.PULT_SHOTS ?? '/tmp/pult-shots';
const kSize = { width: 640, height: 360 };
const kSceneMs = 5000;
const kPlaySeconds = 70; // hls.js may begin to drop what was seen after a minute
const kGoneWithinMs = 9000;
const kSeen = 40; // of 255: plain to see
const kSame = 24; // no more than coding noise

const kScenes = [
  { name: 'stage', layout: 'full', feeds: ['cam1'] },
  { name: 'pair', layout: 'side-by-side', feeds: ['cam1', 'cam2'], audio: 'cam1' },
  { name: 'corner', layout: 'picture-in-picture', feeds: ['slides', 'cam2'], audio: 'cam2' },
  { name: 'talk', layout: 'lecture', feeds: ['slides', 'cam1'], audio: 'cam1' },
  { name: 'signed', layout: 'trio', feeds: ['slides', 'cam1', 'cam2'], audio: 'cam1' },
  { name: 'still', layout: 'full', feeds: ['slides'], audio: 'cam1' },
];

// Slides that stand still, so that two pictures of them can be compared.
function slides(room) {
  const picture = `smptehdbars=size=${kSize.width}x${kSize.height}:rate=25`;
  const code = ['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-crf', '14', '-g', '25', '-pix_fmt', 'yuv420p'];
  return room.sender('ffmpeg slides', ['nice', '-n', '-10', 'ffmpeg', '-nostdin', '-loglevel', 'warning', '-re', '-f', 'lavfi', '-i', picture, ...code, '-f', 'mpegts', room.srtUrl('slides', { escaped: true })]);
}

async function screenshot(player, name) {
  mkdirSync(kShots, { recursive: true });
  await player.screenshot(join(kShots, `${name}.png`));
}

async function shown(player, name) {
  await screenshot(player, `scene-${name}`);
  return grab(player.page, kSize);
}

async function take(room, scene, ...how) {
  const answer = await room.pult('take', scene, ...how, '--json');
  assert.equal(answer.code, 0, answer.stderr);
  assert.ok(Date.parse(answer.json.shown_at) > 0, 'a take answers with the time at which it showed');
}

// The picture stands still: what was asked for has come all the way to the viewer, and moved in.
function untilStill(player, what, differsFrom = null) {
  let last = null;
  return until(what, async () => {
    const now = await grab(player.page, kSize);
    const still = last && changed(last, now, kSame).length === 0;
    last = now;
    return still && (!differsFrom || changed(differsFrom, now, kSeen).length > 200) ? now : null;
  }, { within: 20000, every: 500 });
}

// Runs in the page before anything else.
function countRemovals() {
  window.pultRemovals = 0;
  const remove = SourceBuffer.prototype.remove;
  SourceBuffer.prototype.remove = function (...range) {
    window.pultRemovals += 1;
    return remove.apply(this, range);
  };
}

async function judgeLowerThird(t, room, player) {
  await take(room, 'still', '--cut');
  const before = await untilStill(player, 'the still picture');
  const lt = await room.pult('lt', 'show', 'Jörg Müller-Lüdenscheidt & Söhne', 'Beauftragter <Digitales> für „Straßen“', '--json');
  assert.equal(lt.code, 0, lt.stderr);
  const during = await untilStill(player, 'the lower third has come in', before);
  await screenshot(player, 'lower-third');
  const box = bounds(changed(before, during, kSame));
  t.diagnostic(`lower third at ${JSON.stringify(box)}`);
  assert.ok(box.y > kSize.height * 0.6 && box.y + box.height < kSize.height, 'all that changes lies in the lower third');
  assert.ok(box.width * box.height > 0.03 * kSize.width * kSize.height, 'it is large enough to be read');
  assert.ok(changed(before, during, kSeen).length > 0.3 * box.width * box.height, 'its rectangle differs');
  assert.ok(meanDifference(outside(before, box), outside(during, box)) < 1, 'nothing else changes');
  assert.equal((await room.status()).lower_third?.name, 'Jörg Müller-Lüdenscheidt & Söhne');
  assert.equal((await room.pult('lt', 'hide')).code, 0);
  const after = await until('the lower third has gone', async () => {
    const now = await grab(player.page, kSize);
    return changed(before, now, kSame).length === 0 ? now : null;
  }, { within: kGoneWithinMs, every: 200 });
  assert.ok(meanDifference(before, after) < 2, 'the picture is as it was');
}

test('a minute of scenes, and a lower third that changes only its place', { timeout: 300000 }, async (t) => {
  await withRoom({ feeds: ['cam1', 'cam2', 'slides'], scenes: kScenes }, async (room) => {
    for (const feed of ['cam1', 'cam2']) room.camera(feed);
    slides(room);
    for (const feed of ['cam1', 'cam2', 'slides']) await room.untilFeed(feed, 'live', { within: 60000, every: 200 });
    await room.untilOnAir();
    const follower = new StreamFollower(`${room.url}/live/master.m3u8`);
    await follower.start();
    const player = await Player.viewer(room.url, { language: 'de-DE', width: 800, height: 600, prepare: countRemovals });
    try {
      await player.play();
      await player.chooseQuality(kSize.height); // pictures of two rungs are not alike
      await judgeLowerThird(t, room, player);
      await player.page.evaluate(() => (window.pultRemovals = 0)); // choosing a quality drops what was loaded of another
      let before = await shown(player, 'still');
      for (const [i, { name }] of [...kScenes, ...kScenes.slice(0, 4)].entries()) {
        await take(room, name, ...(i % 2 === 0 ? ['--fade', '400'] : ['--cut']));
        await sleep(kSceneMs);
        const now = await shown(player, name);
        assert.ok(meanDifference(before, now) > 5, `${name} looks different from the scene before`);
        before = now;
      }
      await until('more than a minute has been played', async () => judge(await player.record()).seconds >= kPlaySeconds, { within: 40000, every: 500 });
      const judged = judge(await player.record());
      t.diagnostic(summaryOf(judged));
      assert.equal(await player.page.evaluate(() => window.pultRemovals), 0, 'what was seen is left to the browser (see hls_engine.js)');
      assert.deepEqual(complaintsOf(judged), []);
      assert.deepEqual(player.console.filter((line) => /error/i.test(line)), []);
      const { filled_pictures: filled } = await room.metrics('pult-packager');
      assert.equal(filled, 0, 'nothing was filled');
      await follower.stop();
      assert.deepEqual(follower.faults, []);
    } finally {
      follower.abandon();
      await player.close();
    }
  });
});
