// Row 30 of the fault table (and 31 as far as the public port goes), against the real pult-packager on air: requests that are malformed,
// oversize or of ill will get a 4xx, what cannot be read on is closed, readers that take nothing and senders that give nothing are cut
// off, memory stays flat, and a viewer beside it notices nothing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import test from 'node:test';
import { flood } from '../support/flood.mjs';
import { get, speak } from '../support/raw_http.mjs';
import { withRoom } from '../support/room.mjs';
import { StreamFollower } from '../support/stream.mjs';
import { sleep, until } from '../support/wait.mjs';

const kFlood = 100; // of each kind
const kFlat = 24 << 20;
const kSlow = 200;
const kHeaderMs = 10000; // what a head may take
const kWriteMs = 30000; // what a reader may take nothing for
const kSlackMs = 15000; // a loaded machine

const head = 'GET / HTTP/1.1\r\nHost: room\r\n';
const kilo = (n, c = 'x') => c.repeat(n * 1024);

// [what, bytes, statuses that are right]; each must be answered and closed.
const kMalformed = [
  ['both Content-Length and Transfer-Encoding', `${head}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, [400]],
  ['the same, turned round', `${head}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc`, [400]],
  ['two lengths', `${head}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`, [400]],
  ['a length below zero', `${head}Content-Length: -1\r\n\r\n`, [400]],
  ['a length beyond 64 bits', `${head}Content-Length: 99999999999999999999999\r\n\r\n`, [400, 413]],
  ['a body of a gigabyte', `${head}Content-Length: 1073741824\r\n\r\n${kilo(64)}`, [413]],
  ['chunks without end', [`${head}Transfer-Encoding: chunked\r\n\r\n`, ...Array.from({ length: 40 }, () => `10000\r\n${kilo(64)}\r\n`)], [413]],
  ['a chunk size that is none', `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, [400]],
  ['a header of 200 kB', `${head}X-A: ${kilo(200)}`, [431]],
  ['ten thousand headers', head + Array.from({ length: 10000 }, (_, i) => `X-${i}: ${i}\r\n`).join(''), [431]],
  ['a target of 64 kB', `GET /${kilo(64, 'a')} HTTP/1.1\r\nHost: room\r\n\r\n`, [414, 431]],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', [400]],
  ['two Hosts', `${head}Host: other\r\n\r\n`, [400]],
  ['a space before the colon', `${head}X-A : b\r\n\r\n`, [400]],
  ['a folded header', `${head}X-A: b\r\n c: d\r\n\r\n`, [400, 200]], // obs-fold may be refused or read as a space (RFC 9112 5.2)
  ['a NUL in a header', `${head}X-A: b\0c\r\n\r\n`, [400]],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', [400]],
  ['HTTP/2 without having asked', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400, 505]],
  ['a version of the future', 'GET / HTTP/9.9\r\nHost: room\r\n\r\n', [400, 505]],
  ['a method without a target', 'GET HTTP/1.1\r\nHost: room\r\n\r\n', [400]],
  ['a broken escape', 'GET /live/%zz HTTP/1.1\r\nHost: room\r\n\r\n', [400]],
];

const kTraversals = [
  '/../../etc/passwd',
  '/live/../../etc/passwd',
  '/assets/../../manifest.json',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/%2E%2E%2Fetc%2Fpasswd',
  '/..%2f..%2fetc/passwd',
  '/live/..%5c..%5cetc/passwd',
  '/live/..\\..\\etc\\passwd',
  '/%252e%252e/etc/passwd',
  '/%c0%ae%c0%ae/etc/passwd',
  '/..%00/etc/passwd',
  '/index.html%00.m3u8',
  '//etc/passwd',
  '/./././etc/passwd',
  '/live/%2e%2e%2fstate.json',
  '/assets/%2e%2e/index.html.gz',
];

function residentBytes(pid) {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}

async function refusals(t, port) {
  for (const [what, bytes, statuses] of kMalformed) {
    const answer = await speak(port, bytes, { until: (text) => statuses.includes(200) && text.startsWith('HTTP/1.1 200') });
    assert.ok(statuses.includes(answer.status), `${what}: answered ${answer.status || 'nothing'}`);
    if (answer.status !== 200) assert.ok(answer.closed, `${what}: the connection stays open`);
    if (answer.status !== 200) assert.match(answer.text, /\r\nconnection: close\r\n/i, what);
  }
  t.diagnostic(`${kMalformed.length} kinds of malformed requests refused`);
}

async function traversals(port) {
  for (const target of kTraversals) {
    const answer = await get(port, target);
    assert.ok([400, 404].includes(answer.status), `${target}: ${answer.status}`);
    assert.doesNotMatch(answer.text, /root:|"files"/, target);
  }
}

async function badQuestions(port, media) {
  for (const query of ['_HLS_part=0', '_HLS_msn=x', '_HLS_msn=-1', '_HLS_msn=1e9', '_HLS_msn=99999999', '_HLS_msn=99999999999999999999', '_HLS_msn=&_HLS_part=', '_HLS_msn=0&_HLS_part=-1', `_HLS_msn=${kilo(8, '9')}`]) {
    const answer = await get(port, `${media}index.m3u8?${query}`);
    assert.equal(answer.status, 400, query.slice(0, 60));
    assert.match(answer.text, /access-control-allow-origin: \*/i, query.slice(0, 60));
  }
  const list = (await get(port, `${media}index.m3u8`)).text;
  const segment = media + /^\d+\.m4s$/m.exec(list)[0];
  const size = Number(/content-length: (\d+)/i.exec((await get(port, segment)).text)[1]);
  for (const range of ['bytes=5-2', 'bytes=x-y', 'bytes=-', 'bytes=', 'bytes=-0', `bytes=${size}-`, 'bytes=99999999999999999999-', 'bytes=1-2-3']) {
    const answer = await get(port, segment, `Range: ${range}\r\n`);
    assert.equal(answer.status, 416, range);
    assert.match(answer.text, new RegExp(`content-range: bytes \\*/${size}\r\n`, 'i'), range);
  }
  // Another unit and several ranges may be ignored (RFC 9110 14.2): whole, never a bit of each.
  for (const range of ['lines=1-2', `bytes=${'0-,'.repeat(2000)}0-`, 'bytes=0-1,5-6']) assert.equal((await get(port, segment, `Range: ${range}\r\n`)).status, 200, range.slice(0, 20));
}

// What comes in a flood, again and again: memory is what it was.
async function floods(t, port, pid) {
  const hostile = kMalformed.filter(([what]) => /200 kB|thousand|64 kB|gigabyte|both/.test(what)).map(([, bytes]) => bytes);
  const requests = [...hostile, 'GET /live/no-such-show/x/index.m3u8 HTTP/1.1\r\nHost: room\r\nConnection: close\r\n\r\n'];
  await flood(port, requests, kFlood); // what a first flood costs once: arenas, buffers
  const before = residentBytes(pid);
  const statuses = await flood(port, requests, 2 * kFlood);
  const grown = residentBytes(pid) - before;
  t.diagnostic(`resident: ${(before / 1048576).toFixed(1)} MB, ${(grown / 1048576).toFixed(1)} MB more after ${JSON.stringify(statuses)}`);
  assert.deepEqual(Object.keys(statuses).filter((status) => status < 400 || status > 499), []);
  assert.ok(grown < kFlat, `${grown} bytes more`);
}

// Heads that never end are cut off after their time, however steadily they drip.
async function slowloris(t, port) {
  const begun = performance.now();
  let open = kSlow;
  const sockets = Array.from({ length: kSlow }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('close', () => (open -= 1));
    socket.write('GET / HTTP/1.1\r\nHost: room\r\n');
    return socket;
  });
  const drip = setInterval(() => sockets.forEach((socket) => socket.writable && socket.write('X-A: b\r\n')), 1000);
  try {
    await until('all that drip are cut off', () => open === 0, { within: kHeaderMs + kSlackMs });
  } finally {
    clearInterval(drip);
    sockets.forEach((socket) => socket.destroy());
  }
  t.diagnostic(`${kSlow} dripping heads cut off within ${((performance.now() - begun) / 1000).toFixed(1)} s`);
}

// Readers that ask for a lot and take nothing.
async function slowReaders(t, port, media, pid) {
  const list = (await get(port, `${media}index.m3u8`)).text;
  const segment = media + /^\d+\.m4s$/m.exec(list)[0];
  const before = residentBytes(pid);
  const begun = performance.now();
  let open = kSlow;
  const sockets = Array.from({ length: kSlow }, () => {
    const socket = connect({ port, host: '127.0.0.1', onread: { buffer: Buffer.alloc(1), callback: () => false } }); // takes a byte, then stops
    socket.on('error', () => {});
    socket.on('close', () => (open -= 1));
    socket.write(`GET ${segment} HTTP/1.1\r\nHost: room\r\n\r\n`.repeat(200));
    return socket;
  });
  await sleep(kWriteMs / 2);
  const grown = residentBytes(pid) - before;
  t.diagnostic(`${kSlow} readers that take nothing: ${(grown / 1048576).toFixed(1)} MB more`);
  assert.ok(grown < kFlat, `${grown} bytes more`);
  const late = await until('the packager has cut them off', async () => {
    sockets.forEach((socket) => socket.writable && socket.write('\r\n')); // a closed peer shows when written to
    return open === 0;
  }, { within: kWriteMs + kSlackMs, every: 1000 });
  assert.ok(late);
  t.diagnostic(`cut off within ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  sockets.forEach((socket) => socket.destroy());
}

test('row 30: malformed, oversize and ill-willed requests cost nothing but their own connection', { timeout: 290000 }, async (t) => {
  await withRoom({ feeds: ['cam1'] }, async (room) => {
    room.camera('cam1');
    await room.untilOnAir({ within: 60000, every: 100 });
    const follower = new StreamFollower(`${room.url}/live/master.m3u8`);
    await follower.start();
    const { pid } = room.program('pult-packager');
    const { http: port } = room.ports;
    const media = new URL('.', follower.tracks[0].url).pathname;
    try {
      await refusals(t, port);
      await traversals(port);
      await badQuestions(port, media);
      await floods(t, port, pid);
      await slowloris(t, port);
      await slowReaders(t, port, media, pid);
      assert.equal(room.program('pult-packager').pid, pid, 'the packager that began still runs');
      assert.equal((await get(port, '/live/state.json')).status, 200);
      await follower.stop();
      assert.deepEqual(follower.faults, []);
      assert.deepEqual(follower.client.failures, [], 'the viewer beside it lost a request');
    } finally {
      follower.abandon();
    }
  });
});
