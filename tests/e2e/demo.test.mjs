// The demo as a newcomer runs it: a room on air with three cameras, takes and lower thirds, an end by itself and one by Ctrl-C.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { Child } from '../support/processes.mjs';
import { kBin } from '../support/room.mjs';
import { inTime, until } from '../support/wait.mjs';

const kDemo = fileURLToPath(new URL('../../demo/demo.mjs', import.meta.url));
const kOnAir = { within: 240000, every: 200 }; // the first time the cameras make their loops
const kEndsWithin = 60000;

class Demo {
  constructor(work, more) {
    this.log = join(work, 'demo.log');
    this.child = new Child('demo', [process.execPath, kDemo, '--bin', kBin, '--work', work, ...more], { log: this.log });
  }
  said() {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8') : '';
  }
  address(name) {
    return new RegExp(`^ +${name} +(\\S+)`, 'm').exec(this.said())?.[1];
  }
  async answers(url) {
    return fetch(url, { signal: AbortSignal.timeout(2000) }).then((answer) => answer.status, () => null);
  }
  ends() {
    return inTime('the demo ends', this.child.ended, kEndsWithin);
  }
}

async function inFolder(body) {
  const work = mkdtempSync(join(tmpdir(), 'pult-demo-'));
  let demo = null;
  try {
    await body((more) => (demo = new Demo(work, more)));
  } catch (error) {
    console.error(demo?.said().split('\n').slice(-80).join('\n'));
    throw error;
  } finally {
    await demo?.child.stop();
    rmSync(work, { recursive: true, force: true });
  }
}

test('the demo is on air with three cameras and ends by itself', { timeout: 360000 }, async () => {
  await inFolder(async (start) => {
    const demo = start(['--for', '12']);
    await until('the demo is on air', () => demo.address('viewers') || !demo.child.running, kOnAir);
    assert.equal(await demo.answers(demo.address('viewers')), 200, 'the viewer page');
    assert.equal(await demo.answers(demo.address('stream')), 200, 'the stream');
    assert.deepEqual(await demo.ends(), { code: 0, signal: null });
    assert.match(demo.said(), /good: 3 feeds live, segments served, \d+ takes and \d+ lower thirds seen/);
  });
});

test('Ctrl-C ends the demo cleanly', { timeout: 360000 }, async () => {
  await inFolder(async (start) => {
    const demo = start([]);
    await until('the demo is on air', () => demo.address('viewers') || !demo.child.running, kOnAir);
    const viewers = demo.address('viewers');
    demo.child.signal('SIGINT');
    assert.deepEqual(await demo.ends(), { code: 0, signal: null });
    assert.equal(await demo.answers(viewers), null, 'nobody listens any more');
    assert.match(demo.said(), /pult-transcode ended \(exit 0\)/);
  });
});

test('wrong usage is told, with what is right', { timeout: 20000 }, async () => {
  await inFolder(async (start) => {
    const demo = start(['--fro', '60']);
    assert.deepEqual(await demo.ends(), { code: 2, signal: null });
    assert.match(demo.said(), /no option "--fro"\nusage: .\/dev demo \[--for SECONDS\]/);
  });
});
