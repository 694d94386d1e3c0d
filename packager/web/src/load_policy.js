// How hls.js asks again: playlists and parts after 100 ms with jitter, twenty times, then the engine starts anew.
// Pure. A packager that was killed listens again within half a second, so patience of two seconds covers it without a fresh start;
// hls.js' own defaults (1 s, no retry at all on a broken connection) stall the picture.
const kRetryMs = 100;
const kRetries = 20;
const kNotFoundRetries = 2; // a part that has gone out of the window does not come back
const kFirstRestartMs = 250;
const kSlowestRestartMs = 5000;

export function retryDelay(random) {
  return kRetryMs * (0.5 + random);
}

// hls.js asks this for each failed load. Its own answer is no for connections that broke (status 0): ours is yes.
export function worthAsking(retry, count, isTimeout, response) {
  const status = response?.code ?? 0;
  if (isTimeout || status === 0 || status >= 500 || status === 408 || status === 429) return count < kRetries;
  return status === 404 ? count < kNotFoundRetries : false;
}

function policy(firstByteMs, wholeMs, random) {
  const again = {
    maxNumRetry: kRetries,
    // Read anew at each retry, so the jitter is drawn anew, too.
    get retryDelayMs() {
      return retryDelay(random());
    },
    maxRetryDelayMs: 2 * kRetryMs,
    backoff: 'linear', // in hls.js this means: constant
    shouldRetry: worthAsking,
  };
  return { default: { maxTimeToFirstByteMs: firstByteMs, maxLoadTimeMs: wholeMs, timeoutRetry: again, errorRetry: again } };
}

export function loadPolicies(random = Math.random) {
  return {
    manifestLoadPolicy: policy(5000, 10000, random),
    playlistLoadPolicy: policy(8000, 12000, random), // a blocking reload is held for up to three target durations
    fragLoadPolicy: policy(5000, 20000, random),
  };
}

// Before the n-th fresh start in a row (0 = the first): a quarter of a second, then twice as long each time, five seconds at most.
export function restartDelay(attempt, random) {
  return Math.min(kFirstRestartMs * 2 ** attempt, kSlowestRestartMs) * (0.5 + random);
}
