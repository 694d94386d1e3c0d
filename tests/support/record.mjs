// Judges what a player recorded (support/player.mjs). Pure.
// A browser whose processor time others take is no judge of smoothness: it drops pictures that it has, and stops for lack of decoded ones
// while seconds of the stream lie in its buffer. Whether they were taken is measured beside it, by what no stream can cause.
const kInHand = 0.25; // s in the buffer: whoever waits with less lacks the stream, with more the time to decode it
const kMostLate = 0.005; // of the watch's ticks (machine_watch.mjs). Measured: 0 when quiet, 0.003 beside four busy loops, 0.01 to 0.09 with cores taken

// What a record says, in the words of the tests.
export function judge(record) {
  const playingAt = record.events.find((event) => event.name === 'playing');
  const first = playingAt && { at: Math.max(playingAt.at, record.settledAt ?? 0) };
  const after = first ? record.events.filter((event) => event.at >= first.at) : [];
  const playing = record.samples.filter((sample) => first && sample.at >= first.at + 1000);
  const [begin, end] = [playing[0], playing.at(-1)];
  const latencies = playing.map((sample) => sample.latency).filter((latency) => latency > 0);
  const waiting = after.filter((event) => event.name === 'waiting');
  const dropped = end ? end.dropped - begin.dropped : 0;
  const decoded = end ? end.decoded - begin.decoded : 0;
  return {
    firstPlaying: first?.at ?? null,
    waiting,
    starved: waiting.filter(({ ahead }) => !(ahead >= kInHand)), // unknown counts as starved
    undisturbed: (record.lateShare ?? 0) <= kMostLate,
    stalled: after.filter((event) => event.name === 'stalled' || event.name === 'error'),
    fatal: record.errors.filter((error) => error.fatal),
    progress: begin ? (end.time - begin.time) / ((end.at - begin.at) / 1000) : 0,
    seconds: begin ? (end.at - begin.at) / 1000 : 0,
    worstLatency: latencies.length ? Math.max(...latencies) : null,
    medianLatency: latencies.length ? median(latencies) : null,
    dropped,
    decoded,
  };
}

// What a viewer would complain of, each a line. What the stream did counts always; how smoothly it was played, on a machine that was left
// alone.
export function complaintsOf(judged, { progress = 0.98, worstLatency = Infinity, when = () => '' } = {}) {
  const tell = (what) => (event) => `${what} at ${event.time ?? event.at}${event.ahead === undefined ? '' : `, ${event.ahead.toFixed(2)} s in hand`} ${when(event)}`;
  const stopped = judged.undisturbed ? judged.waiting : judged.starved;
  const lines = [...stopped.map(tell('waiting')), ...judged.stalled.map(tell('stalled')), ...judged.fatal.map(tell('fatal error'))];
  if (!judged.undisturbed) return lines;
  if (judged.progress < progress) lines.push(`currentTime went at ${judged.progress} of wall time`);
  if (judged.worstLatency >= worstLatency) lines.push(`${judged.worstLatency} s behind at the worst`);
  return lines;
}

// How it went, for the test's report.
export function summaryOf(judged) {
  const seconds = (value) => value?.toFixed(2) ?? '?';
  const verdict = judged.undisturbed ? '' : ': others took this machine\'s time, how smoothly it played is not judged';
  return `${judged.seconds.toFixed(0)} s played, progress ${judged.progress.toFixed(3)}, latency median ${seconds(judged.medianLatency)} worst ${seconds(judged.worstLatency)} s, ${judged.waiting.length} waiting, dropped ${judged.dropped} of ${judged.decoded}${verdict}`;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

// The spans of a record's pictures in which the wall-clock code did not go on: 'frozen' (the same number again and again) or 'gone' (no code:
// a slate, "no signal", or a fade), longer than `least` ms. → [{kind, from, to, ms}]
export function stills(codes, { least = 200, end = codes.at(-1)?.at } = {}) {
  const spans = [];
  let from = codes[0];
  for (const code of [...codes.slice(1), { at: end, number: -1 }]) {
    if (code.number === from?.number) continue;
    if (from && code.at - from.at >= least) spans.push({ kind: from.number === null ? 'gone' : 'frozen', from: from.at, to: code.at, ms: code.at - from.at });
    from = code;
  }
  return spans;
}
