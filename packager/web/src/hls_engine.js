// hls.js as the engine of video.js: a source handler of its Html5 tech. One engine a page.
// It loads nothing but the multivariant playlist until play is pressed, and when the stream breaks for good it starts anew on the same
// video element, at the live edge, for as long as the page wants to play. Without MSE the tech plays HLS natively and `restart` reloads it.
// Events: 'broken' (a fatal error or a stall; the page decides when to call restart), 'levels' (what the quality menu shows has changed).
import Hls from 'hls.js';
import { follows, pace, Reserve } from './live_pace.js';
import { loadPolicies } from './load_policy.js';

const kHlsType = /^application\/(vnd\.apple\.mpegurl|x-mpegurl)$/i;
const kStalledMs = 10000;
const kWatchMs = 1000;
const kPaceMs = 500;

function config() {
  return {
    ...loadPolicies(),
    lowLatencyMode: true,
    autoStartLoad: false,
    enableWorker: false, // fragments are MP4 already: there is nothing to transmux
    liveDurationInfinity: true, // or video.js sees no live stream
    capLevelToPlayerSize: true,
    // What was seen is the browser's to drop, as it needs room. Where hls.js 1.7.4 drops it (after so many seconds, on each playlist's update)
    // while a sound playlist comes in, it asks for sound that it has, takes that as lost, and loads none for six seconds: the picture stops.
    backBufferLength: Infinity,
    liveSyncOnStallIncrease: 0, // see Reserve
  };
}

export class HlsEngine extends EventTarget {
  constructor(videojs) {
    super();
    this.hls = null;
    this.video_ = null;
    this.url_ = '';
    this.element = null; // what plays when we are not asked, for the look-out for stalls
    this.createTimeRanges_ = videojs.time.createTimeRanges;
    this.mediaErrors_ = 0;
    this.watch_ = { time: -1, since: 0 };
    this.reserve_ = new Reserve();
    this.following_ = true; // the live edge; else the viewer went back to see something again
    this.chosen_ = false; // the viewer has just chosen a place
    setInterval(() => this.lookForStall_(), kWatchMs);
    setInterval(() => this.keepPace_(), kPaceMs);
    if (Hls.isSupported()) videojs.getTech('Html5').registerSourceHandler(this.sourceHandler_(), 0);
  }

  static playable(video) {
    return Hls.isSupported() || video.canPlayType('application/vnd.apple.mpegurl') !== '';
  }

  // Whether hls.js plays here, and `restart` therefore means something.
  get attached() {
    return this.video_ !== null;
  }

  sourceHandler_() {
    return {
      canPlayType: (type) => (kHlsType.test(type) ? 'probably' : ''),
      canHandleSource: (source) => (kHlsType.test(source.type) ? 'probably' : ''),
      handleSource: (source, tech) => {
        this.open_(source.src, tech.el());
        return { dispose: () => this.close_(), seekable: () => this.seekable_() };
      },
    };
  }

  open_(url, video) {
    this.url_ = url;
    this.video_ = video;
    this.onPlay_ ??= () => this.hls?.startLoad();
    this.onChosen_ ??= () => (this.chosen_ = true);
    video.addEventListener('play', this.onPlay_);
    for (const event of ['seeked', 'pause']) video.addEventListener(event, this.onChosen_);
    this.hls = this.makeHls_();
  }

  makeHls_() {
    const hls = new Hls(config());
    hls.on(Hls.Events.ERROR, (_, error) => this.onError_(hls, error));
    for (const event of [Hls.Events.MANIFEST_PARSED, Hls.Events.LEVEL_SWITCHED]) hls.on(event, () => this.dispatchEvent(new Event('levels')));
    hls.attachMedia(this.video_);
    hls.loadSource(this.url_);
    return hls;
  }

  close_() {
    this.hls?.destroy();
    this.hls = null;
    this.video_?.removeEventListener('play', this.onPlay_);
    for (const event of ['seeked', 'pause']) this.video_?.removeEventListener(event, this.onChosen_);
  }

  onError_(hls, error) {
    if (hls !== this.hls) return;
    if (error.details === Hls.ErrorDetails.BUFFER_STALLED_ERROR) this.reserve_.stopped(performance.now());
    if (!error.fatal) return;
    if (error.type === Hls.ErrorTypes.MEDIA_ERROR && this.mediaErrors_++ === 0) {
      hls.recoverMediaError();
      return;
    }
    hls.stopLoad(); // and stay: what lies in the buffer plays on
    this.dispatchEvent(new Event('broken'));
  }

  // Anew from the multivariant playlist; plays at once if the viewer had pressed play.
  restart(play) {
    this.mediaErrors_ = 0;
    this.watch_.since = 0;
    this.following_ = true;
    if (!this.video_) return;
    this.hls?.destroy();
    this.hls = this.makeHls_();
    if (play) {
      this.hls.startLoad();
      this.video_.play()?.catch(() => {});
    }
  }

  // hls.js (and a browser's own player) sees errors, not silence: when the picture should move and has not for ten seconds, something is broken, whatever it is.
  lookForStall_() {
    const video = this.video_ ?? this.element;
    const nothing = !video || (this.attached && !this.hls);
    if (nothing || video.paused || video.ended || video.seeking || video.currentTime !== this.watch_.time) {
      this.watch_ = { time: video?.currentTime ?? -1, since: performance.now() };
      return;
    }
    if (this.watch_.since === 0) this.watch_.since = performance.now();
    if (performance.now() - this.watch_.since < kStalledMs) return;
    this.watch_.since = performance.now();
    this.dispatchEvent(new Event('broken'));
  }

  keepPace_() {
    const { hls, video_: video } = this;
    if (!hls || video.paused || video.seeking || video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA) return;
    const live = hls.latestLevelDetails?.live ?? false;
    if (live && this.chosen_) this.following_ = follows(hls.latency);
    this.chosen_ = false;
    const target = hls.targetLatency === null ? null : hls.targetLatency + this.reserve_.at(performance.now());
    const now = { latency: live && this.following_ ? hls.latency : null, target, ahead: hls.mainForwardBufferInfo?.len ?? 0 };
    const rate = pace(now, video.playbackRate);
    if (video.playbackRate !== rate) video.playbackRate = rate;
  }

  // The end is where live playback should be, not the last byte published: a jump there would play into an empty buffer.
  seekable_() {
    const details = this.hls?.latestLevelDetails;
    if (!details) return this.createTimeRanges_();
    const end = details.live ? (this.hls.liveSyncPosition ?? details.edge) : details.edge;
    return this.createTimeRanges_(details.fragmentStart, Math.max(end, details.fragmentStart));
  }
}
