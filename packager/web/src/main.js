// The viewer page: asks what the case is, tells it, and plays when the viewer wants it and there is something to play.
// The flow: ShowPoller → show → describe() → page; play pressed → wanted_ → engine; engine broken → poll → restart while live.
import videojs from 'video.js/core';
import german from 'video.js/dist/lang/de.json';
import { FreezeFrame } from './freeze_frame.js';
import { HlsEngine } from './hls_engine.js';
import { restartDelay } from './load_policy.js';
import './quality_menu.js';
import { keyHelp, listenToKeys } from './shortcuts.js';
import { ShowPoller } from './show_poller.js';
import { badge, describe, normalize } from './show_state.js';
import { fill, kTexts, pickLanguage } from './texts.js';

const kStream = { src: 'live/master.m3u8', type: 'application/vnd.apple.mpegurl' };
const kState = 'live/state.json';
const kSteadyMs = 10000; // after so long without trouble the next fresh start is quick again
const kNearLiveSeconds = 6;

const element = (id) => document.getElementById(id);

class Page {
  constructor(language) {
    this.language_ = language;
    this.texts_ = kTexts[language];
    this.show_ = null;
    this.reachable_ = true;
    this.wanted_ = false; // the viewer pressed play: whatever breaks, we go on by ourselves
    this.playing_ = false;
    this.played_ = false; // once at least
    this.opened_ = false; // the player has its source
    this.broken_ = false; // the engine gave up, or the stream ended: it must be started anew to play again
    this.attempt_ = 0; // fresh starts in a row
    this.restart_ = 0; // the timer of the next one
    this.engine_ = new HlsEngine(videojs);
    this.player_ = this.makePlayer_();
    this.video_ = this.player_.el().querySelector('video');
    this.engine_.element = this.video_;
    this.freeze_ = new FreezeFrame(this.player_.el());
    this.notice_ = this.makeNotice_();
    this.poller_ = new ShowPoller(kState, () => this.situation_(), (answer) => this.onAnswer_(answer));
    this.tellKeys_();
    this.listen_();
    this.poller_.poll();
  }

  makePlayer_() {
    videojs.addLanguage('de', german);
    const menu = { engine: this.engine_, texts: this.texts_ };
    return videojs('player', {
      controls: true,
      liveui: true,
      fill: true,
      preload: 'auto',
      language: this.language_,
      errorDisplay: false, // the notice says what is the case, in words that help
      controlBar: {
        children: [
          'playToggle', 'volumePanel', 'progressControl', 'liveDisplay', 'seekToLive', 'spacer', 'subsCapsButton', 'audioTrackButton',
          { name: 'qualityMenu', ...menu }, 'pictureInPictureToggle', 'fullscreenToggle',
        ],
        volumePanel: { inline: true },
      },
      liveTracker: { trackingThreshold: 0, liveTolerance: kNearLiveSeconds },
      html5: { nativeAudioTracks: false, nativeVideoTracks: false },
    });
  }

  makeNotice_() {
    const notice = document.createElement('div');
    notice.className = 'notice';
    notice.setAttribute('aria-hidden', 'true');
    notice.append(document.createElement('p'));
    this.player_.el().append(notice);
    return notice;
  }

  listen_() {
    this.player_.on('play', () => this.onPlay_());
    this.player_.on('pause', () => {
      // The end and an error pause the element, too; that was not the viewer.
      if (!this.video_.ended && !this.video_.error) this.wanted_ = false;
    });
    this.player_.on('playing', () => this.onPlaying_());
    this.player_.on('waiting', () => this.onWaiting_());
    this.player_.on('ended', () => this.onBroken_());
    this.player_.on('error', () => this.onBroken_()); // native HLS
    this.engine_.addEventListener('broken', () => this.onBroken_());
    document.addEventListener('visibilitychange', () => document.hidden || this.poller_.poll());
    window.addEventListener('online', () => this.poller_.poll());
    listenToKeys(this.player_, () => this.view_().playable);
  }

  onPlay_() {
    this.wanted_ = true;
    if (this.broken_) this.startAnew_();
    this.render_();
  }

  onPlaying_() {
    this.playing_ = true;
    this.played_ = true;
    this.broken_ = false;
    this.freeze_.release();
    clearTimeout(this.steady_);
    this.steady_ = setTimeout(() => (this.attempt_ = 0), kSteadyMs);
    this.render_();
  }

  onAnswer_({ reachable, answer }) {
    this.reachable_ = reachable;
    if (reachable) this.show_ = normalize(answer);
    if (this.view_().playable && !this.opened_) this.open_();
    else if (this.wanted_ && this.broken_) this.startAnew_();
    this.render_();
  }

  // Not asked of the player: the engine's coming and going empties the element's source.
  open_() {
    this.opened_ = true;
    this.player_.src(kStream);
  }

  // The stream broke or ended. Ask first what the case is: the answer decides whether there is anything to come back to.
  onBroken_() {
    if (!this.opened_) return;
    this.broken_ = true;
    this.playing_ = this.playing_ && this.hasMore_(); // what was fetched still plays
    clearTimeout(this.steady_);
    this.render_();
    this.poller_.poll();
  }

  hasMore_() {
    return !this.video_.ended && !this.video_.error && this.video_.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  onWaiting_() {
    if (!this.broken_) return;
    this.playing_ = false;
    this.render_();
  }

  startAnew_() {
    if (this.restart_ || !this.reachable_ || this.show_?.state !== 'live') return;
    this.restart_ = setTimeout(() => {
      this.engineAnew_();
      this.restart_ = 0;
    }, restartDelay(this.attempt_++, Math.random()));
  }

  engineAnew_() {
    this.broken_ = false;
    this.freeze_.hold(this.video_);
    if (this.engine_.attached) this.engine_.restart(this.wanted_);
    else {
      this.player_.src(kStream);
      if (this.wanted_) this.player_.play()?.catch(() => {});
    }
  }

  situation_() {
    return { playing: this.playing_, hidden: document.hidden, urgent: this.wanted_ && this.broken_ };
  }

  view_() {
    if (!HlsEngine.playable(this.video_)) return { notice: this.texts_.unsupported, status: '', playable: false };
    return describe({ show: this.show_, reachable: this.reachable_, player: this.playerState_(), now: new Date(), language: this.language_ });
  }

  playerState_() {
    if (this.playing_) return 'playing';
    if (!this.wanted_) return 'idle';
    if (this.played_) return 'recovering';
    return this.broken_ || this.restart_ ? 'starting' : 'loading';
  }

  render_() {
    const view = this.view_();
    this.notice_.firstChild.textContent = view.notice;
    this.notice_.hidden = !view.notice;
    this.player_.toggleClass('stage-closed', !view.playable);
    this.player_.toggleClass('stage-wanted', this.wanted_);
    // No show, no picture; in an outage the last one stays, dimmed.
    this.player_.toggleClass('stage-resting', !view.playable && this.show_?.state !== 'live');
    // Told once to the eye, over the picture; screen readers hear the status line.
    element('status').textContent = view.notice || view.status;
    element('status').classList.toggle('for-ears', Boolean(view.notice) || view.status === this.texts_.live);
    this.tellBadge_();
    this.tellNames_();
  }

  tellBadge_() {
    const { kind, text } = badge({ show: this.show_, reachable: this.reachable_, language: this.language_ });
    const place = element('badge');
    place.textContent = text;
    place.dataset.kind = kind;
    place.hidden = !text;
  }

  tellNames_() {
    const { room, event, talk } = this.show_ ?? {};
    element('room').textContent = room || this.texts_.title;
    element('event').textContent = event || '';
    const names = talk?.speakers.length ? fill(this.texts_.speaker, { names: talk.speakers.join(', ') }) : '';
    element('talk').textContent = [talk?.title, names].filter(Boolean).join(' ');
    element('talk').hidden = !talk?.title;
    document.title = [room, event].filter(Boolean).join(' – ') || this.texts_.title;
  }

  tellKeys_() {
    element('keys-title').textContent = this.texts_.keysTitle;
    for (const [key, does] of keyHelp(this.texts_)) {
      const row = document.createElement('div');
      row.append(Object.assign(document.createElement('dt'), { textContent: key }));
      row.append(Object.assign(document.createElement('dd'), { textContent: does }));
      element('keys').append(row);
    }
  }
}

const language = pickLanguage(navigator.languages);
document.documentElement.lang = language;
window.pultPage = new Page(language);
