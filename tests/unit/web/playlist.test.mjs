import assert from 'node:assert/strict';
import test from 'node:test';
import { attributes, readMedia, readMultivariant } from '../../support/playlist.mjs';

const kMedia = `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.960
#EXT-X-PART-INF:PART-TARGET=0.320
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-MAP:URI="init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T10:00:00.000Z
#EXTINF:1.92000,
s7.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T10:00:01.920Z
#EXT-X-PART:DURATION=0.32000,URI="p8.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.32000,URI="p8.1.m4s"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="p8.2.m4s"
#EXT-X-RENDITION-REPORT:URI="../b/live.m3u8",LAST-MSN=8,LAST-PART=1
`;

test('a low-latency media playlist is read whole', () => {
  const list = readMedia(kMedia);
  assert.equal(list.mediaSequence, 7);
  assert.equal(list.segments.length, 2);
  assert.deepEqual([list.segments[0].sequence, list.segments[0].uri, list.segments[0].duration, list.segments[0].map], [7, 's7.m4s', 1.92, 'init.mp4']);
  assert.deepEqual([list.segments[1].sequence, list.segments[1].uri, list.segments[1].parts.length], [8, null, 2]);
  assert.equal(list.segments[1].date - list.segments[0].date, 1920);
  assert.equal(list.segments[1].parts[0].INDEPENDENT, 'YES');
  assert.equal(list.hint.URI, 'p8.2.m4s');
  assert.equal(list.reports[0]['LAST-MSN'], '8');
  assert.equal(list.ended, false);
});

test('skipped segments count', () => {
  const list = readMedia(kMedia.replace('#EXT-X-MAP:URI="init.mp4"\n', '#EXT-X-SKIP:SKIPPED-SEGMENTS=10\n'));
  assert.equal(list.segments[0].sequence, 17);
});

test('what does not belong is refused', () => {
  assert.throws(() => readMedia('#EXT-X-VERSION:9\n'), /EXTM3U/);
  assert.throws(() => readMedia('#EXTM3U\n#EXT-X-NONSENSE:1\n'), /unknown tag/);
  assert.throws(() => readMedia('#EXTM3U\n#EXTINF:1,'), /no end/);
  assert.throws(() => attributes('A=1,A=2'), /twice/);
  assert.throws(() => attributes('a=1'), /bad attribute list/);
});

test('a multivariant playlist gives variants and media', () => {
  const { variants, media } = readMultivariant(`#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="original",DEFAULT=YES,URI="a/live.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=100,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=640x360,AUDIO="a"
v/live.m3u8
`);
  assert.equal(variants[0].uri, 'v/live.m3u8');
  assert.equal(variants[0].attributes.CODECS, 'avc1.64001f,mp4a.40.2');
  assert.equal(media[0].URI, 'a/live.m3u8');
});
