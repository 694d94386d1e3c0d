// Judges what a player recorded (support/player.mjs). Pure.

// What a record says, in the words of the tests.
export function judge(record) {
  const playingAt = record.events.find((event) => event.name === 'playing');
  const first = playingAt && { at: Math.max(playingAt.at, record.settledAt ?? 0) };
  const after = first ? record.events.filter((event) => event.at >= first.at) : [];
  const playing = record.samples.filter((sample) => first && sample.at >= first.at + 1000);
  const [begin, end] = [playing[0], playing.at(-1)];
  const latencies = playing.map((sample) => sample.latency).filter((latency) => latency > 0);
  return {
    firstPlaying: first?.at ?? null,
    waiting: after.filter((event) => event.name === 'waiting'),
    stalled: after.filter((event) => event.name === 'stalled' || event.name === 'error'),
    fatal: record.errors.filter((error) => error.fatal),
    progress: begin ? (end.time - begin.time) / ((end.at - begin.at) / 1000) : 0,
    seconds: begin ? (end.at - begin.at) / 1000 : 0,
    worstLatency: latencies.length ? Math.max(...latencies) : null,
    medianLatency: latencies.length ? median(latencies) : null,
    dropped: end ? end.dropped - begin.dropped : 0,
    decoded: end ? end.decoded - begin.decoded : 0,
  };
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
