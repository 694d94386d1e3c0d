// How fast live playback runs: a little faster while it is further behind than it need be. Pure.
// hls.js could do it itself, but switches three times a second once it is near (121 times in 40 s), and gives up for good when a slow machine
// fell more than a segment behind. Five per cent are not heard; the player keeps a second in hand, for parts that are late.
const kCatchUp = 1.05;
const kNear = 0.05; // s behind the target: there
const kLeastAhead = 1.0; // s in the buffer: no faster below this,
const kEnoughAhead = 1.3; // and not again before that
const kReserveEach = 0.5; // s: so much further behind after each stop,
const kReserveMost = 2; // no more than that,
const kForgivenMs = 60000; // and given back, one after the other, while nothing stops
const kFollows = 6; // s behind the end: who sought to a place nearer than that wants to see it live

// now: {latency, target, ahead} in seconds, null where unknown; rate: at which it plays.
export function pace({ latency, target, ahead }, rate) {
  if (latency === null || target === null) return 1;
  if (latency - target <= kNear || ahead <= kLeastAhead) return 1;
  return rate > 1 || ahead >= kEnoughAhead ? kCatchUp : 1;
}

// How much further behind it stays after the picture stopped, because the line or the machine needs it. hls.js' own answer is a second for each
// stop and for good: three hiccups in a morning, and the afternoon is seen two seconds later.
export class Reserve {
  constructor() {
    this.seconds_ = 0;
    this.since_ = 0; // ms, of the last change
  }

  stopped(nowMs) {
    this.seconds_ = Math.min(this.at(nowMs) + kReserveEach, kReserveMost);
    this.since_ = nowMs;
  }

  // In seconds.
  at(nowMs) {
    while (this.seconds_ > 0 && nowMs - this.since_ >= kForgivenMs) {
      this.seconds_ -= kReserveEach;
      this.since_ += kForgivenMs;
    }
    return this.seconds_;
  }
}

// Whether a viewer who has just chosen a place wants to follow the live edge, or to see something again.
export function follows(latency) {
  return latency !== null && latency < kFollows;
}
