// Many requests from a thread of its own, so that whoever judges beside it is not held up. In waves with a pause between them: the point is
// what the server keeps of them, not how fast this machine is.
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { speak } from './raw_http.mjs';
import { sleep } from './wait.mjs';

const kWave = 20;
const kPauseMs = 30;

// Sends each of `requests` `count` times. → how often each status was answered (0: none).
export function flood(port, requests, count) {
  return new Promise((done, failed) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { port, requests, count } });
    worker.once('message', done);
    worker.once('error', failed);
  });
}

async function run({ port, requests, count }) {
  const statuses = {};
  const send = async (bytes) => {
    const { status } = await speak(port, bytes);
    statuses[status] = (statuses[status] ?? 0) + 1;
  };
  for (const bytes of requests) {
    for (let sent = 0; sent < count; sent += kWave) {
      await Promise.all(Array.from({ length: Math.min(kWave, count - sent) }, () => send(bytes)));
      await sleep(kPauseMs);
    }
  }
  parentPort.postMessage(statuses);
}

if (!isMainThread) await run(workerData);
