// A viewer in Chromium, and what happened to it: the room's own page, or a bare page with hls.js at its defaults (served by us from
// another port, so that the stream's CORS is needed, too). Everything is recorded with wall-clock times and judged afterwards.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { launch } from './browser.mjs';
import { MachineWatch } from './machine_watch.mjs';
import { sleep, until } from './wait.mjs';
import { readWallCode } from './wall_code.mjs';

const kPressWithin = 15000;
const kPlayWithin = 20000;
const kSettledLatency = 1.9;
const kSettleMs = 2500;
const kBehindSync = 0.4; // where a player on a quiet machine comes to play: 1.5 to 1.7 s behind
const kSettleWithin = 30000;

// Runs in the page before anything else: listens to the media element and samples it ten times a second. readCode: false, true (the
// wall-clock code of each picture is read), or N (of each N-th: reading pixels back costs as much as playing).
function recorder(readCode) {
  const kEvents = ['loadstart', 'emptied', 'play', 'pause', 'playing', 'waiting', 'stalled', 'seeking', 'seeked', 'ended', 'error', 'ratechange'];
  const record = { events: [], errors: [], samples: [], codes: [], levels: [] };
  window.pultRecord = record;
  const aheadOf = ({ buffered, currentTime }) => (buffered.length ? buffered.end(buffered.length - 1) - currentTime : 0);
  for (const name of kEvents) {
    document.addEventListener(name, (event) => {
      if (event.target instanceof HTMLMediaElement) record.events.push({ at: Date.now(), name, time: event.target.currentTime, ahead: aheadOf(event.target) });
    }, true);
  }
  const seen = new WeakSet();
  const engine = () => window.hls ?? window.pultPage?.engine_.hls;
  const listen = (hls) => {
    if (!hls || seen.has(hls)) return;
    seen.add(hls);
    hls.on('hlsError', (_, error) => record.errors.push({ at: Date.now(), details: error.details, fatal: error.fatal, status: error.response?.code, message: error.error?.message }));
    hls.on('hlsLevelSwitched', (_, { level }) => record.levels.push({ at: Date.now(), level, height: hls.levels[level]?.height }));
  };
  setInterval(() => {
    const video = document.querySelector('video');
    const hls = engine();
    listen(hls);
    if (!video) return;
    const quality = video.getVideoPlaybackQuality();
    const { currentTime: time, paused, readyState, playbackRate: rate } = video;
    record.samples.push({ at: Date.now(), time, paused, readyState, rate, ahead: aheadOf(video), latency: hls?.latency ?? null, dropped: quality.droppedVideoFrames, decoded: quality.totalVideoFrames });
  }, 100);
  if (readCode) watchCode();

  function watchCode() {
    const canvas = new OffscreenCanvas(400, 24);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    // The colour of the bottom right corner: simulated cameras are told apart by it.
    const corner = (video) => {
      const { videoWidth: width, videoHeight: height } = video;
      context.drawImage(video, width * 0.975, height * 0.96, width * 0.025, height * 0.04, 0, 0, 4, 4);
      return [...context.getImageData(1, 1, 1, 1).data].slice(0, 3);
    };
    let pictures = 0;
    const look = (video) => {
      const wait = () => video.requestVideoFrameCallback((now, frame) => {
        wait();
        if (pictures++ % readCode !== 0) return;
        context.drawImage(video, 0, 0, video.videoWidth, video.videoHeight / 12, 0, 0, 400, 24);
        const number = window.pultReadWallCode(context.getImageData(0, 0, 400, 24));
        record.codes.push({ at: Math.round(performance.timeOrigin + frame.expectedDisplayTime), number, time: frame.mediaTime, corner: corner(video) });
      });
      wait();
    };
    const find = setInterval(() => {
      const video = document.querySelector('video');
      if (video) {
        clearInterval(find);
        look(video);
      }
    }, 50);
  }
}

const kBarePage = `<!doctype html><meta charset="utf-8"><title>bare</title><link rel="icon" href="data:,">
<video width="640" height="360" playsinline controls></video><script src="/hls.js"></script><script>
const video = document.querySelector('video');
window.hls = new Hls({ lowLatencyMode: true });
hls.attachMedia(video);
// Loading begins with the press on play: hls.js chooses its place at the live edge when it loads, and keeps that distance.
window.pressPlay = () => {
  hls.loadSource(new URLSearchParams(location.search).get('stream'));
  return video.play();
};
</script>`;

function serveBarePage() {
  const library = readFileSync(createRequire(import.meta.url).resolve('hls.js/dist/hls.js'));
  const server = createServer((request, answer) => {
    const script = request.url.startsWith('/hls.js');
    answer.writeHead(200, { 'content-type': script ? 'text/javascript' : 'text/html' });
    answer.end(script ? library : kBarePage);
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

export class Player {
  // The room's own viewer page, with the browser's own autoplay rule. `prepare` runs in the page before anything of it.
  static async viewer(roomUrl, options = {}) {
    const player = new Player(roomUrl, await launch(options));
    await player.open_(`${roomUrl}/`, options.readCode ?? false, options.prepare);
    return player;
  }

  // hls.js at its defaults with lowLatencyMode.
  static async bare(stream, options = {}) {
    const server = await serveBarePage();
    const player = new Player(new URL(stream).origin, await launch({ autoplay: true, ...options }), server);
    await player.open_(`http://127.0.0.1:${server.address().port}/?stream=${encodeURIComponent(stream)}`, options.readCode ?? false);
    return player;
  }

  constructor(origin, chromium, server = null) {
    this.origin = origin;
    this.chromium = chromium;
    this.server = server;
    this.machine_ = new MachineWatch();
    this.console = [];
    this.requests = []; // URLs to other hosts
    this.failed = []; // requests of ours that failed
  }

  async open_(url, readCode, prepare = null) {
    this.page = await this.chromium.page();
    this.page.on('console', (message) => this.console.push(`${message.type()}: ${message.text()}`));
    this.page.on('pageerror', (error) => this.console.push(`pageerror: ${error.message}`));
    this.page.on('request', (request) => this.judgeRequest_(request.url()));
    this.page.on('requestfailed', (request) => this.failed.push({ at: Date.now(), url: request.url(), why: request.failure()?.errorText }));
    await this.page.evaluateOnNewDocument(
      `const kCells = 20, kLeastContrast = 80, kUnsureBand = 1 / 6; window.pultReadWallCode = ${readWallCode.toString()}; (${recorder.toString()})(${readCode});`,
    );
    if (prepare) await this.page.evaluateOnNewDocument(prepare);
    await this.page.goto(url, { waitUntil: 'domcontentloaded' });
  }

  judgeRequest_(url) {
    if (/^(blob|data):/.test(url)) return;
    const own = [this.origin, this.server && `http://127.0.0.1:${this.server.address().port}`];
    if (!own.includes(new URL(url).origin)) this.requests.push(url);
  }

  // Presses play as a viewer does, and waits until the picture moves.
  async play() {
    if (this.server) await this.page.evaluate(() => window.pressPlay());
    else {
      await this.page.waitForSelector('.vjs-big-play-button', { visible: true, timeout: kPressWithin });
      await this.page.click('.vjs-big-play-button');
    }
    await until('the player plays', async () => (await this.now()).playing, { within: kPlayWithin, every: 100 });
  }

  // hls.js starts as far behind as its first requests took, which is this machine's speed, and at its defaults it never catches up. Where
  // that is more than the bar allows, jump to live as a viewer would; what is judged begins then (record().settledAt). → whether it came
  // that near: a machine whose time others take does not let it.
  async settle(latency = kSettledLatency) {
    let jumped = false;
    const giveUp = Date.now() + kSettleWithin;
    await sleep(kSettleMs);
    while ((await this.now()).latency >= latency && Date.now() < giveUp) {
      jumped = true;
      await this.page.evaluate((behind) => {
        const video = document.querySelector('video');
        video.currentTime = (window.hls ?? window.pultPage.engine_.hls).liveSyncPosition - behind;
      }, kBehindSync);
      await sleep(kSettleMs);
    }
    if (jumped) await this.page.evaluate(() => (window.pultRecord.settledAt = Date.now()));
    return (await this.now()).latency < latency;
  }

  // The viewer chooses a quality by its height, and keeps it; waits until it is what is seen.
  async chooseQuality(height) {
    await this.page.evaluate((wanted) => {
      const { hls } = window.pultPage.engine_;
      hls.nextLevel = hls.levels.findIndex((level) => level.height === wanted);
    }, height);
    await until(`${height} lines are seen`, () => this.page.evaluate((wanted) => document.querySelector('video').videoHeight === wanted, height), { within: kPlayWithin, every: 200 });
  }

  now() {
    return this.page.evaluate(() => {
      const video = document.querySelector('video');
      const last = window.pultRecord.samples.at(-1);
      return { time: video.currentTime, playing: !video.paused && video.readyState >= 3 && video.currentTime > 0, muted: video.muted, volume: video.volume, width: video.videoWidth, height: video.videoHeight, ...last, code: window.pultRecord.codes.at(-1) ?? null };
    });
  }

  // What the page recorded, and `lateShare`: how this machine treated its programs meanwhile (machine_watch.mjs).
  async record() {
    const [record, lateShare] = await Promise.all([this.page.evaluate(() => window.pultRecord), this.machine_.lateShare()]);
    return { ...record, lateShare };
  }

  untilCode(what, predicate, options = { within: 10000, every: 50 }) {
    return until(what, async () => {
      const { code } = await this.now();
      return code && predicate(code) ? code : null;
    }, options);
  }

  screenshot(path) {
    return this.page.screenshot({ path });
  }

  async close() {
    await this.machine_.stop();
    await this.chromium.close();
    this.server?.close();
  }
}
