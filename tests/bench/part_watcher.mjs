// A viewer's half of a take, without a browser: holds a request for the next part of a track, as the playlist's preload hint names it, and
// notes when each part's answer was whole.
import { HttpClient } from '../support/http_client.mjs';
import { readMedia, readMultivariant } from '../support/playlist.mjs';
import { sleep } from '../support/wait.mjs';

const kRetryMs = 50;
const kPartsPerSegment = 6; // at 25 pictures a second and the default lengths

// The part that comes after it: what the hint will be once this one is there.
export function partAfter(name) {
  const [sequence, part] = name.split('.').map(Number);
  return part + 1 < kPartsPerSegment ? `${sequence}.${part + 1}.m4s` : `${sequence + 1}.0.m4s`;
}

export class PartWatcher {
  // The first variant of the master playlist: the top rung.
  static async start(master) {
    const client = new HttpClient();
    const { variants } = readMultivariant((await client.get(master)).body.toString());
    const watcher = new PartWatcher(client, new URL(variants[0].uri, master).href);
    watcher.loop_ = watcher.run_();
    return watcher;
  }

  constructor(client, playlist) {
    this.client_ = client;
    this.playlist_ = playlist;
    this.answered = new Map(); // part's file name → wall clock, ms
    this.running_ = true;
  }

  async run_() {
    let next = null;
    while (this.running_) {
      try {
        next ??= readMedia((await this.client_.get(this.playlist_)).body.toString()).hint.URI;
        const { status } = await this.client_.get(new URL(next, this.playlist_).href);
        if (status === 200) this.answered.set(next, Date.now());
        next = status === 200 ? partAfter(next) : null;
      } catch {
        next = null;
        await sleep(kRetryMs);
      }
    }
  }

  async stop() {
    this.running_ = false;
    await this.loop_;
    this.client_.close();
  }
}
