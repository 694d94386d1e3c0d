// Asks /live/state.json again and again and hands on each answer. Often while the viewer waits for something, seldom while the stream
// runs or nobody looks; always with jitter, so that a thousand pages that lost their server together do not come back together.
const kUrgentMs = 1000; // the viewer pressed play and the stream is broken
const kWaitingMs = 3000;
const kPlayingMs = 10000;
const kHiddenMs = 30000;
const kTimeoutMs = 8000;

export function pause({ playing, hidden, urgent }, random) {
  const base = urgent ? kUrgentMs : hidden ? kHiddenMs : playing ? kPlayingMs : kWaitingMs;
  return base * (0.75 + random * 0.5);
}

export class ShowPoller {
  // report({reachable, answer}) is called after each attempt; situation() → {playing, hidden, urgent}.
  constructor(url, situation, report) {
    this.url_ = url;
    this.situation_ = situation;
    this.report_ = report;
    this.timer_ = 0;
    this.asking_ = null;
  }

  // Asks at once, and from then on by itself. While an answer is awaited, the same promise is handed out again.
  poll() {
    clearTimeout(this.timer_);
    this.asking_ ??= this.ask_().finally(() => {
      this.asking_ = null;
      this.timer_ = setTimeout(() => this.poll(), pause(this.situation_(), Math.random()));
    });
    return this.asking_;
  }

  async ask_() {
    const abort = new AbortController();
    const timeout = setTimeout(() => abort.abort(), kTimeoutMs);
    try {
      const response = await fetch(this.url_, { cache: 'no-store', credentials: 'omit', signal: abort.signal });
      if (!response.ok) throw new Error(`state: ${response.status}`);
      this.report_({ reachable: true, answer: await response.json() });
    } catch {
      this.report_({ reachable: false });
    } finally {
      clearTimeout(timeout);
    }
  }
}
