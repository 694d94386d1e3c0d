// Whether this machine gave its programs the time that they asked for: a thread that wants to wake every 10 ms tells how often it was late.
// It sees what a stream cannot cause: cores taken by other machines on the same host, or by whoever comes before everybody.
import { Worker, isMainThread, parentPort } from 'node:worker_threads';

const kTickMs = 10;
const kLateMs = 25; // a tick that comes so much after its time is late

export class MachineWatch {
  constructor() {
    this.worker_ = new Worker(new URL(import.meta.url));
    this.worker_.unref();
  }

  // → the share of ticks that were late so far, 0 to 1
  lateShare() {
    return new Promise((done) => {
      this.worker_.once('message', done);
      this.worker_.postMessage('tell');
    });
  }

  stop() {
    return this.worker_.terminate();
  }
}

if (!isMainThread) {
  let ticks = 0;
  let late = 0;
  let due = performance.now() + kTickMs;
  const tick = () => {
    const now = performance.now();
    ticks += 1;
    if (now - due > kLateMs) late += 1;
    due = now + kTickMs;
    setTimeout(tick, kTickMs);
  };
  setTimeout(tick, kTickMs);
  parentPort.on('message', () => parentPort.postMessage(ticks === 0 ? 0 : late / ticks));
}
