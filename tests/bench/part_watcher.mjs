// A viewer's half of a take, without a browser: holds a request for the next part of a track, as the playlist's preload hint names it, and
// notes when each part's answer was whole.
import { HttpClient } from '../support/http_client.mjs';
import { readMedia, readMultivariant } from '../support/playlist.mjs';
import { sleep } from '../support/wait.mjs';

const kRetryMs = 50;

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
    while (this.running_) {
      try {
        const { hint } = readMedia((await this.client_.get(this.playlist_)).body.toString());
        const { status } = await this.client_.get(new URL(hint.URI, this.playlist_).href);
        if (status === 200) this.answered.set(hint.URI, Date.now());
      } catch {
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
