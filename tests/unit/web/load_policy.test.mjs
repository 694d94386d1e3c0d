import assert from 'node:assert/strict';
import test from 'node:test';
import { loadPolicies, restartDelay, retryDelay, worthAsking } from '../../../packager/web/src/load_policy.js';

test('retries come about 100 ms apart, with jitter', () => {
  assert.equal(retryDelay(0), 50);
  assert.equal(retryDelay(0.5), 100);
  assert.ok(retryDelay(0.999) < 150);
});

test('a broken connection, a timeout and a server fault are asked again twenty times', () => {
  for (const response of [undefined, { code: 0 }, { code: 503 }, { code: 502 }, { code: 429 }]) {
    assert.equal(worthAsking({}, 19, false, response), true, JSON.stringify(response));
    assert.equal(worthAsking({}, 20, false, response), false, JSON.stringify(response));
  }
  assert.equal(worthAsking({}, 19, true, { code: 200 }), true);
});

test('what is gone is not asked for long, what is refused not at all', () => {
  assert.equal(worthAsking({}, 1, false, { code: 404 }), true);
  assert.equal(worthAsking({}, 2, false, { code: 404 }), false);
  assert.equal(worthAsking({}, 0, false, { code: 400 }), false);
  assert.equal(worthAsking({}, 0, false, { code: 403 }), false);
});

test('the jitter is drawn anew at each retry', () => {
  let n = 0;
  const retry = loadPolicies(() => (n += 0.1)).playlistLoadPolicy.default.errorRetry;
  assert.notEqual(retry.retryDelayMs, retry.retryDelayMs);
  assert.ok(retry.retryDelayMs <= retry.maxRetryDelayMs);
});

test('fresh starts slow down to five seconds', () => {
  const delays = [0, 1, 2, 3, 4, 5, 20].map((attempt) => restartDelay(attempt, 0.5));
  assert.deepEqual(delays, [250, 500, 1000, 2000, 4000, 5000, 5000]);
});
