// Feeds as venues have them: in step, gone and back, unknown, full of garbage, and changing in mid-stream. The programme stays whole throughout.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { beepsAgainstFlashes, download } from '../support/rung_files.mjs';
import { kBin, withRoom } from '../support/room.mjs';
import { StreamFollower } from '../support/stream.mjs';
import { sleep, until } from '../support/wait.mjs';

const kInStepMs = 5;
const kBeepMs = 40; // of pult-cam's (cam/beep.hpp)
const kBeepWithinMs = 2;
const kPictureMs = 1000 / 25;
const kFollowMs = 14000; // a feed's clock settles in two seconds; the rest is judged
const kFilter = { within: 60000, every: 200 };

const fills = async (room) => {
  const { filled_pictures: pictures, filled_sounds: sounds } = await room.metrics('pult-packager');
  assert.ok(Number.isInteger(pictures) && Number.isInteger(sounds), 'the packager says what it filled');
  return { pictures, sounds };
};

async function onAir(room, feeds) {
  for (const feed of feeds) await room.untilFeed(feed, 'live', kFilter);
  await room.untilOnAir();
}

// What each full second of the programme's last segments sounds like against its picture: [{off, long}] in ms.
async function offsets(room) {
  const folder = mkdtempSync(join(tmpdir(), 'pult-feeds-'));
  const follower = new StreamFollower(`${room.url}/live/master.m3u8`);
  try {
    await follower.start();
    await sleep(kFollowMs);
    const [picture, sound] = await Promise.all([0, -1].map((track) => download(follower, follower.tracks.at(track), folder)));
    return beepsAgainstFlashes(picture.file, sound.file, 25);
  } finally {
    follower.abandon();
    rmSync(folder, { recursive: true });
  }
}

test('beep and flash come out in step', { timeout: 240000 }, async (t) => {
  await withRoom({}, async (room) => {
    room.camera('cam1');
    room.camera('cam2', { more: ['--fps', '30'] });
    await onAir(room, ['cam1', 'cam2']);
    for (const [feed, bound] of [['cam1', kInStepMs], ['cam2', kPictureMs / 2 + 1]]) {
      assert.equal((await room.pult('take', feed)).code, 0);
      const found = await offsets(room);
      t.diagnostic(`${feed}: sound less picture ${found.map(({ off }) => off.toFixed(1)).join(' ')} ms`);
      assert.ok(found.length >= 6, `${found.length} full seconds`);
      for (const { off, long } of found) {
        assert.ok(Math.abs(off) <= bound, `${feed}: sound is ${off.toFixed(1)} ms off its picture, at most ${bound}`);
        assert.ok(Math.abs(long - kBeepMs) <= kBeepWithinMs, `${feed}: a beep is ${long.toFixed(1)} ms long, not ${kBeepMs}`);
      }
    }
  });
});

test('a feed that is killed falls back and returns; nothing is filled', { timeout: 240000 }, async (t) => {
  const scenes = [{ name: 'stage', layout: 'full', feeds: ['cam1'], fallback: ['cam2'], audio: 'cam1' }];
  await withRoom({ scenes }, async (room) => {
    const ffmpeg = () =>
      room.sender('ffmpeg cam1', ['ffmpeg', '-nostdin', '-loglevel', 'warning', '-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25', '-f', 'lavfi', '-i', 'sine=440:sample_rate=48000', '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '25', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-f', 'mpegts', room.srtUrl('cam1', { escaped: true })]);
    let camera = ffmpeg();
    room.camera('cam2');
    await onAir(room, ['cam1', 'cam2']);
    const follower = new StreamFollower(`${room.url}/live/master.m3u8`);
    const mixer = async (state) => (await room.status()).feeds.find(({ name }) => name === 'cam1').mixer.state === state;
    try {
      await follower.start();
      const before = await fills(room);
      for (let round = 0; round < 2; round++) {
        await until('the mixer shows cam1', () => mixer('live'), { within: 20000, every: 50 });
        const killed = Date.now();
        camera.signal('SIGKILL');
        await until('cam1 has fallen back', () => mixer('lost'), { within: 10000, every: 20 });
        const gone = Date.now() - killed;
        await sleep(2000);
        const started = Date.now();
        camera = ffmpeg(); // a new socket, PTS from 0, while libsrt still holds the dead connection
        await until('cam1 is back', () => mixer('live'), { within: 20000, every: 20 });
        t.diagnostic(`round ${round}: seen lost after ${gone} ms, back ${Date.now() - started} ms after ffmpeg was started`);
      }
      assert.deepEqual(await fills(room), before, 'nothing was filled');
      await follower.stop();
      assert.deepEqual(follower.faults, []);
    } finally {
      follower.abandon();
    }
  });
});

// What a stranger or a broken encoder sends, as senders of ours.
function strangers(room, folder) {
  const noise = join(folder, 'noise.ts');
  const bytes = Buffer.alloc(4 << 20);
  let state = 12345;
  for (let i = 0; i < bytes.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    bytes[i] = state >> 16;
  }
  writeFileSync(noise, bytes);
  const srtsink = (feed, file) =>
    room.sender(`srtsink ${feed}`, ['sh', '-c', `exec gst-launch-1.0 -q filesrc location=${file} blocksize=1316 \\! identity sleep-time=2000 \\! srtsink uri="${room.srtUrl(feed, { escaped: true })}" wait-for-connection=false`]);
  const camera = (name, feed, passphrase) =>
    room.sender(`pult-cam ${name}`, [join(kBin, 'pult-cam'), room.srtUrl(feed, passphrase), '--size', '640x360', '--name', 'cam1']);
  return {
    unknown: () => camera('nobody', 'nobody'),
    second: () => camera('a second one', 'cam1'),
    wrongKey: () => camera('with a wrong key', 'noise', { passphrase: 'not-the-right-one' }),
    garbage: () => srtsink('noise', noise),
  };
}

test('strangers are refused and seen; garbage costs only its own feed', { timeout: 240000 }, async (t) => {
  const feeds = ['cam1', 'noise'];
  const scenes = [{ name: 'stage', layout: 'full', feeds: ['cam1'], fallback: ['noise'] }];
  const folder = mkdtempSync(join(tmpdir(), 'pult-strangers-'));
  await withRoom({ feeds, scenes }, async (room) => {
    room.camera('cam1');
    await onAir(room, ['cam1']);
    const follower = new StreamFollower(`${room.url}/live/master.m3u8`);
    const event = (pattern) => until(`an event like ${pattern}`, async () => pattern.test((await room.pult('events')).stdout), { within: 20000, every: 200 });
    const noise = async () => (await room.status()).feeds.find(({ name }) => name === 'noise');
    try {
      await follower.start();
      const [before, pids] = [await fills(room), room.programs().map(({ name, pid }) => `${name} ${pid}`)];
      const { unknown, second, wrongKey, garbage } = strangers(room, folder);
      unknown();
      await event(/no feed "nobody".*1404/);
      second();
      await event(/cam1.*1409/);
      const wrong = wrongKey();
      await event(/noise.*1401/);
      await wrong.stop();
      garbage();
      const verdict = await until('the garbage has a verdict', async () => /no valid transport stream/.test((await noise()).verdict) && (await noise()).verdict, { within: 20000, every: 200 });
      t.diagnostic(`verdict: ${verdict}`);
      assert.notEqual((await noise()).mixer.state, 'live');
      await until('the garbage has been sent for a while', async () => (await noise()).ts.skipped_bytes > 500000, { within: 30000, every: 200 });
      assert.equal((await room.status()).feeds[0].state, 'live', 'cam1 does not notice');
      assert.deepEqual(room.programs().map(({ name, pid }) => `${name} ${pid}`), pids, 'no program ended');
      assert.deepEqual(await fills(room), before, 'nothing was filled');
      await follower.stop();
      assert.deepEqual(follower.faults, []);
    } finally {
      follower.abandon();
      rmSync(folder, { recursive: true });
    }
  });
});

// A file that an encoder would make whose crew changes its size twice: each its own pictures, the times going on.
function sizesInOneFile(folder) {
  const file = join(folder, 'sizes.ts');
  const pieces = ['640x360', '480x352', '320x180'].map((size, i) => {
    const piece = join(folder, `${size}.ts`);
    execFileSync('ffmpeg', ['-nostdin', '-loglevel', 'error', '-y', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${i === 1 ? 30 : 25}:duration=6`, '-f', 'lavfi', '-i', 'sine=440:sample_rate=48000:duration=6', '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '25', '-pix_fmt', i === 2 ? 'yuv422p' : 'yuv420p', '-c:a', 'aac', '-output_ts_offset', String(i * 6), '-f', 'mpegts', piece]);
    return readFileSync(piece);
  });
  writeFileSync(file, Buffer.concat(pieces));
  return file;
}

test('sizes, rates and codecs change in mid-stream; the programme stays as it was', { timeout: 240000 }, async (t) => {
  const scenes = [{ name: 'stage', layout: 'full', feeds: ['cam1'], fallback: ['cam2'], audio: 'cam1' }];
  const folder = mkdtempSync(join(tmpdir(), 'pult-sizes-'));
  await withRoom({ scenes }, async (room) => {
    const file = sizesInOneFile(folder);
    room.camera('cam2');
    const send = (...coding) => room.sender('ffmpeg cam1', ['ffmpeg', '-nostdin', '-loglevel', 'warning', '-re', ...coding, '-f', 'mpegts', room.srtUrl('cam1', { escaped: true })]);
    const decoded = async () => (await room.status()).feeds.find(({ name }) => name === 'cam1').decode;
    const follower = new StreamFollower(`${room.url}/live/master.m3u8`);
    try {
      await room.untilFeed('cam2', 'live', kFilter);
      await room.untilOnAir();
      await follower.start();
      const [before, pids] = [await fills(room), room.programs().map(({ name, pid }) => `${name} ${pid}`)];
      send('-i', file, '-c', 'copy');
      for (const size of ['640x360', '480x352', '320x180']) await until(`the decoder sees ${size}`, async () => (await decoded())?.size === size, { within: 40000, every: 100 });
      await room.untilFeed('cam1', 'lost', kFilter);
      const other = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'keyint=25:bframes=0:log-level=none', '-c:a', 'ac3'];
      send('-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25', '-f', 'lavfi', '-i', 'sine=440:sample_rate=44100', ...other);
      const { verdict, picture_codec: picture, sound_codec: sound } = await until('HEVC and AC-3 are decoded', async () => (await decoded())?.picture_codec === 'H.265' && (await decoded()).verdict === 'good' && decoded(), { within: 40000, every: 200 });
      t.diagnostic(`then ${picture} and ${sound}: ${verdict}`);
      assert.equal(sound, 'AC-3');
      await until('the mixer shows it', async () => (await room.status()).feeds[0].mixer.state === 'live', { within: 20000, every: 100 });
      assert.deepEqual(room.programs().map(({ name, pid }) => `${name} ${pid}`), pids, 'no program ended');
      assert.deepEqual(await fills(room), before, 'nothing was filled');
      await follower.stop();
      assert.deepEqual(follower.faults, []); // among them: another init section, a hole in the times
    } finally {
      follower.abandon();
      rmSync(folder, { recursive: true });
    }
  });
});
