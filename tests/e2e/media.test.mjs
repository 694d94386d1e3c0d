// Real media from Debian packages, sent by the senders that crews have: ffmpeg and GStreamer's srtsink. ffprobe agrees with every rung.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { withRoom } from '../support/room.mjs';
import { download, probe } from '../support/rung_files.mjs';
import { StreamFollower } from '../support/stream.mjs';
import { sleep } from '../support/wait.mjs';

const kSpeech = '/usr/share/openboard/library/videos/wannaworktogether.mp4';
const kHello = '/usr/share/forensics-samples/original-files/movie2/movie-hello.mp4';
const kFollowMs = 20000;
const kSegment = 48 / 25;

function ffmpeg(room, feed, file) {
  const url = room.srtUrl(feed, { escaped: true });
  return room.sender(`ffmpeg ${feed}`, ['ffmpeg', '-nostdin', '-loglevel', 'warning', '-re', '-stream_loop', '-1', '-i', file, '-c', 'copy', '-f', 'mpegts', url]);
}

function srtsink(room, feed, file) {
  const sink = `srtsink uri="${room.srtUrl(feed, { escaped: true })}" wait-for-connection=false`;
  const graph = `mpegtsmux name=ts alignment=7 ! ${sink} filesrc location=${file} ! qtdemux name=d d.video_0 ! queue ! h264parse config-interval=-1 ! ts. d.audio_0 ! queue ! aacparse ! ts.`;
  return room.sender(`srtsink ${feed}`, ['sh', '-c', `exec gst-launch-1.0 -q ${graph.replaceAll('!', '\\!')}`]);
}

function checkVideo(track, variant, { file, segments }) {
  const { streams, packets } = probe('-show_streams', '-show_packets', file);
  const [stream] = streams;
  assert.equal(stream.codec_name, 'h264');
  assert.equal(`${stream.width}x${stream.height}`, variant.RESOLUTION);
  assert.equal(stream.pix_fmt, 'yuv420p');
  assert.equal(stream.has_b_frames, 0);
  assert.equal(packets.length, segments * 48);
  packets.forEach((packet, i) => {
    assert.equal(packet.pts, packet.dts, 'no reordering');
    assert.equal(packet.pts - packets[0].pts, i * 3600, 'pictures stand on the grid');
    if (i % 48 === 0) assert.ok(packet.flags.startsWith('K'), `segment ${i / 48} of ${track.name} begins with a key frame`);
  });
  const bitrate = packets.reduce((sum, packet) => sum + Number(packet.size), 0) * 8 / (segments * kSegment);
  assert.ok(bitrate < Number(variant.BANDWIDTH), `${track.name}: ${bitrate} bit/s is over its BANDWIDTH`);
  return { bitrate, keys: packets.filter(({ flags }) => flags.startsWith('K')).map(({ pts }) => pts) };
}

// Where two rungs were both downloaded, they have key frames at the same pictures: a player may change over at each.
function checkAlignment(keys) {
  const from = Math.max(...keys.map((of) => of[0]));
  const to = Math.min(...keys.map((of) => of.at(-1)));
  const common = keys.map((of) => of.filter((pts) => pts >= from && pts <= to));
  assert.ok(common[0].length >= 3, 'the rungs overlap');
  for (const of of common) assert.deepEqual(of, common[0], 'key frames of all rungs are aligned');
}

function checkSound(track, { file, segments }) {
  const { streams, packets } = probe('-show_streams', '-show_packets', file);
  const [stream] = streams;
  assert.equal(stream.codec_name, 'aac');
  assert.equal(stream.sample_rate, '48000');
  assert.equal(stream.channels, 2);
  assert.equal(packets.length * 1024, segments * kSegment * 48000);
  packets.forEach((packet, i) => assert.equal(packet.pts - packets[0].pts, i * 1024, 'sound stands on the grid'));
}

// Mean volume in dB, as ffmpeg hears it.
function loudness(file) {
  const said = execFileSync('sh', ['-c', `ffmpeg -nostdin -hide_banner -i "${file}" -af volumedetect -f null - 2>&1`]).toString();
  return Number(/mean_volume: (-?[\d.]+) dB/.exec(said)[1]);
}

async function judgeLadder(t, room) {
  const folder = mkdtempSync(join(tmpdir(), 'pult-media-'));
  const follower = new StreamFollower(`${room.url}/live/master.m3u8`);
  try {
    await follower.start();
    await sleep(kFollowMs);
    const sound = follower.tracks.at(-1);
    const keys = [];
    for (const [i, { attributes }] of follower.variants.entries()) {
      const { bitrate, keys: found } = checkVideo(follower.tracks[i], attributes, await download(follower, follower.tracks[i], folder));
      t.diagnostic(`${attributes.RESOLUTION}: ${(bitrate / 1000).toFixed(0)} kbit/s, BANDWIDTH ${attributes.BANDWIDTH}`);
      keys.push(found);
    }
    checkAlignment(keys);
    const heard = await download(follower, sound, folder);
    checkSound(sound, heard);
    const level = loudness(heard.file);
    t.diagnostic(`sound: ${level} dB`);
    assert.ok(level > -60, 'there is sound');
    const { programs } = probe('-show_programs', `${room.url}/live/master.m3u8`);
    assert.equal(programs.length, follower.variants.length);
    await follower.stop();
  } finally {
    follower.abandon();
    rmSync(folder, { recursive: true });
  }
  assert.deepEqual(follower.faults, []);
}

test('real media by ffmpeg and srtsink; ffprobe agrees with every rung', { timeout: 240000 }, async (t) => {
  for (const file of [kSpeech, kHello]) assert.ok(existsSync(file), `${file} is missing (./dev deps installs it)`);
  await withRoom({}, async (room) => {
    ffmpeg(room, 'cam1', kHello); // short: in a loop
    srtsink(room, 'cam2', kSpeech);
    await room.untilFeed('cam1', 'live', { within: 30000, every: 200 });
    await room.untilFeed('cam2', 'live', { within: 30000, every: 200 });
    await room.untilOnAir();
    await judgeLadder(t, room);
    const taken = await room.pult('take', 'cam2');
    assert.equal(taken.code, 0, taken.stderr);
    await judgeLadder(t, room);
  });
});
