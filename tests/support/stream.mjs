// Follows a room's stream as a careful HTTP client, beside whatever plays it: every media playlist by blocking reload, every part and
// segment fetched when it appears and once more later. What the stream promises is checked as it comes; what is broken is kept in
// `faults` (the test asserts that it stays empty). Arrival times are kept for measurements.
import { createHash } from 'node:crypto';
import { HttpClient } from './http_client.mjs';
import { readFragments, readInit } from './mp4.mjs';
import { readMedia, readMultivariant } from './playlist.mjs';
import { complaints } from './playlist_judges.mjs';
import { sleep, until } from './wait.mjs';

const kRetryMs = 100;
const kAttempts = 30;
const kRefetchAfterMs = 20000;
const kDateToleranceMs = 2;
const kMostFaults = 100; // more of them say nothing new

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

// What one track of the stream has promised so far.
class Track {
  constructor(name, url) {
    this.name = name;
    this.url = url;
    this.constants = null;
    this.segments = new Map(); // sequence → {lines, uri, parts: [line], date, duration}
    this.parts = []; // {sequence, part, arrived, start, duration, samples}, in order; times in seconds
    this.next = null; // [sequence, part] to ask for
    this.lastSequence = null;
    this.init = null;
    this.initUrl = null;
    this.end = null; // decode time that the next part must begin at, in ticks
    this.ended = false;
    this.playlists = 0;
  }
}

export class StreamFollower {
  constructor(master, { allowDiscontinuity = false } = {}) {
    this.master = master;
    this.allowDiscontinuity = allowDiscontinuity;
    this.client = new HttpClient();
    this.tracks = [];
    this.fetched = new Map(); // url → {hash, bytes, at, again}
    this.faults = [];
    this.running_ = false;
    this.loops_ = [];
  }

  fault(track, text) {
    if (this.faults.length < kMostFaults) this.faults.push(`${new Date().toISOString().slice(11, 23)} ${track?.name ?? 'stream'}: ${text}`);
  }

  async start() {
    const text = await this.text_(this.master);
    for (const complaint of complaints(text)) this.fault(null, `master: ${complaint}`);
    const { variants, media } = readMultivariant(text);
    const absolute = (uri) => new URL(uri, this.master).href;
    this.variants = variants;
    this.media = media;
    this.tracks = [
      ...variants.map(({ uri, attributes }) => new Track(attributes.RESOLUTION, absolute(uri))),
      ...media.filter(({ URI }) => URI).map(({ NAME, URI }) => new Track(NAME, absolute(URI))),
    ];
    this.running_ = true;
    this.loops_ = [...this.tracks.map((track) => this.follow_(track)), this.fetchAgain_()];
    await until('the follower has a part of each track', () => this.tracks.every((track) => track.parts.length > 0), { within: 15000 });
  }

  // Ends following; everything that is still listed is fetched once more and compared.
  async stop() {
    this.running_ = false;
    await Promise.all(this.loops_);
    await this.compareAll_();
    this.client.close();
  }

  // Lets go without a last look, so that a failed test ends at once. Harmless after stop().
  abandon() {
    this.running_ = false;
    this.client.close();
  }

  async text_(url) {
    const answer = await this.client.get(url, { headers: { 'accept-encoding': 'gzip' } });
    if (answer.status !== 200) throw new Error(`${url}: ${answer.status}`);
    return answer.body.toString('utf8');
  }

  async follow_(track) {
    while (this.running_ && !track.ended) {
      try {
        const url = new URL(track.url);
        if (track.next) {
          url.searchParams.set('_HLS_msn', track.next[0]);
          url.searchParams.set('_HLS_part', track.next[1]);
        }
        const answer = await this.client.get(url.href, { headers: { 'accept-encoding': 'gzip' } });
        if (answer.status !== 200) {
          this.fault(track, `${url.search || 'playlist'}: ${answer.status}`);
          await sleep(kRetryMs);
          continue;
        }
        await this.take_(track, answer.body.toString('utf8'), Date.now());
      } catch (error) {
        if (!error.code) this.fault(track, error.message); // of ours or of the playlist; a broken connection is kept by the client
        await sleep(kRetryMs);
      }
    }
  }

  async take_(track, text, arrived) {
    track.playlists += 1;
    for (const complaint of complaints(text)) this.fault(track, complaint);
    const list = readMedia(text);
    this.checkConstants_(track, list);
    this.checkSequence_(track, list);
    this.checkPartsAge_(track, list);
    for (const segment of list.segments) this.takeSegment_(track, segment);
    this.checkDates_(track, list);
    this.planNext_(track, list);
    track.ended = list.ended;
    await this.fetchNew_(track, list, arrived);
  }

  checkConstants_(track, list) {
    const now = JSON.stringify(list.constants);
    track.constants ??= now;
    if (now !== track.constants) this.fault(track, `constants changed from ${track.constants} to ${now}`);
    if (list.discontinuitySequence !== 0 && !this.allowDiscontinuity) this.fault(track, `discontinuity sequence ${list.discontinuitySequence}`);
  }

  checkSequence_(track, list) {
    const last = list.segments.at(-1)?.sequence ?? 0;
    if (track.lastSequence !== null) {
      if (list.mediaSequence < track.mediaSequence) this.fault(track, `media sequence went back from ${track.mediaSequence} to ${list.mediaSequence}`);
      if (last < track.lastSequence) this.fault(track, `the last segment went back from ${track.lastSequence} to ${last}`);
      if (list.mediaSequence > track.lastSequence + 1) this.fault(track, `segments ${track.lastSequence + 1} to ${list.mediaSequence - 1} were never seen`);
    }
    track.mediaSequence = list.mediaSequence;
    track.lastSequence = last;
  }

  // Part lines leave once they are three target durations from the end, and none within that is missing.
  checkPartsAge_(track, list) {
    const oldest = 3 * Number(list.constants['#EXT-X-TARGETDURATION']);
    let age = list.segments.at(-1)?.uri ? 0 : list.segments.at(-1)?.parts.reduce((sum, part) => sum + Number(part.DURATION), 0);
    for (const segment of [...list.segments].reverse()) {
      if (!segment.uri) continue;
      if (segment.parts.length > 0 && age > oldest) this.fault(track, `parts of segment ${segment.sequence} are still listed ${age.toFixed(1)} s from the end`);
      if (segment.parts.length === 0 && age + segment.duration < oldest) this.fault(track, `segment ${segment.sequence} has no parts ${age.toFixed(1)} s from the end`);
      age += segment.duration;
    }
  }

  // A published line never changes: parts are only appended, a segment's own lines come once. Part lines leave the playlist with age.
  takeSegment_(track, segment) {
    const old = track.segments.get(segment.sequence);
    const bad = segment.tags.find((tag) => tag.startsWith('#EXT-X-GAP') || (tag.startsWith('#EXT-X-DISCONTINUITY') && !this.allowDiscontinuity));
    if (bad && !old?.bad) this.fault(track, `${bad} at segment ${segment.sequence}`);
    const parts = segment.parts.map((part) => part.line);
    if (old) {
      if (old.uri && segment.uri !== old.uri) this.fault(track, `segment ${segment.sequence} was ${old.uri}, is ${segment.uri}`);
      if (old.duration !== undefined && segment.duration !== old.duration) this.fault(track, `EXTINF of segment ${segment.sequence} was ${old.duration}, is ${segment.duration}`);
      if (old.date !== undefined && segment.date !== undefined && segment.date !== old.date) this.fault(track, `date of segment ${segment.sequence} changed`);
      parts.forEach((line, i) => {
        if (old.parts[i] && old.parts[i] !== line) this.fault(track, `part ${segment.sequence}.${i} was ${old.parts[i]}, is ${line}`);
      });
      if (!segment.uri && parts.length < old.parts.length) this.fault(track, `parts of segment ${segment.sequence} were taken back`);
    }
    track.segments.set(segment.sequence, {
      uri: segment.uri ?? old?.uri ?? null,
      duration: segment.duration ?? old?.duration,
      date: segment.date ?? old?.date,
      parts: parts.length >= (old?.parts.length ?? 0) ? parts : old.parts,
      bad: Boolean(bad),
    });
  }

  checkDates_(track, list) {
    for (const { sequence } of list.segments) {
      const [before, now] = [track.segments.get(sequence - 1), track.segments.get(sequence)];
      if (!before?.date || !now?.date || !before.duration || now.dateChecked) continue;
      now.dateChecked = true;
      const off = now.date - before.date - before.duration * 1000;
      if (Math.abs(off) > kDateToleranceMs) this.fault(track, `date of segment ${sequence} is ${off.toFixed(1)} ms off its predecessor's end`);
    }
  }

  planNext_(track, list) {
    const last = list.segments.at(-1);
    if (!last) return;
    track.next = last.uri ? [last.sequence + 1, 0] : [last.sequence, last.parts.length];
  }

  async fetchNew_(track, list, arrived) {
    for (const segment of list.segments) {
      if (segment.map) await this.takeInit_(track, segment.map);
      for (const [i, part] of segment.parts.entries()) await this.takePart_(track, segment.sequence, i, part, arrived);
      if (segment.uri) await this.takeWhole_(track, segment);
    }
  }

  async takeInit_(track, uri) {
    const url = new URL(uri, track.url).href;
    if (track.initUrl === url) return;
    if (track.initUrl && !this.allowDiscontinuity) this.fault(track, `init section changed from ${track.initUrl} to ${url}`);
    const bytes = await this.fetch_(track, url);
    if (!bytes) return;
    track.initUrl = url;
    track.init = readInit(bytes);
  }

  async takePart_(track, sequence, number, part, arrived) {
    const last = track.parts.at(-1);
    if (last && (sequence < last.sequence || (sequence === last.sequence && number <= last.part))) return;
    const bytes = await this.fetch_(track, new URL(part.URI, track.url).href, part.BYTERANGE);
    if (!bytes || !track.init) return;
    const fragments = readFragments(bytes, track.init);
    for (const fragment of fragments) {
      if (track.end !== null && fragment.start !== track.end) {
        this.fault(track, `part ${sequence}.${number} begins at ${fragment.start}, its predecessor ends at ${track.end}`);
      }
      track.end = fragment.start + fragment.duration;
    }
    const seconds = (ticks) => ticks / track.init.timescale;
    const duration = seconds(fragments.reduce((sum, fragment) => sum + fragment.duration, 0));
    if (Math.abs(duration - Number(part.DURATION)) > 0.001) this.fault(track, `part ${sequence}.${number} lasts ${duration}, its line says ${part.DURATION}`);
    track.parts.push({
      sequence,
      part: number,
      arrived,
      start: seconds(fragments[0].start),
      duration,
      samples: fragments.reduce((sum, fragment) => sum + fragment.samples, 0),
      bytes: bytes.length,
      independent: part.INDEPENDENT === 'YES',
      hash: sha256(bytes),
      url: new URL(part.URI, track.url).href,
    });
  }

  // A segment is its parts, one after the other, byte for byte.
  async takeWhole_(track, segment) {
    const known = track.segments.get(segment.sequence);
    if (known.fetched) return;
    known.fetched = true;
    const url = new URL(segment.uri, track.url).href;
    const bytes = await this.fetch_(track, url);
    if (!bytes) return;
    const urls = known.parts.map((line) => new URL(/URI="([^"]*)"/.exec(line)[1], track.url).href);
    const parts = urls.map((one) => this.fetched.get(one)?.bytes);
    if (parts.length > 0 && parts.every(Boolean) && !urls.includes(url)) {
      if (sha256(Buffer.concat(parts)) !== sha256(bytes)) this.fault(track, `segment ${segment.sequence} is not its parts`);
    }
    for (const one of urls) if (this.fetched.has(one)) this.fetched.get(one).bytes = null; // only the hash is needed from here on
    this.fetched.get(url).bytes = null;
  }

  // → the bytes, or null when it could not be had (which is a fault). Connections that break are tried again.
  async fetch_(track, url, byteRange) {
    for (let attempt = 0; attempt < kAttempts && this.running_; attempt++) {
      try {
        const headers = byteRange ? { range: rangeOf(byteRange) } : {};
        const answer = await this.client.get(url, { headers });
        if (answer.status !== (byteRange ? 206 : 200)) {
          this.fault(track, `${url}: ${answer.status}`);
          return null;
        }
        this.fetched.set(url, { hash: sha256(answer.body), bytes: answer.body, at: Date.now(), again: 0, track, byteRange });
        return answer.body;
      } catch {
        await sleep(kRetryMs);
      }
    }
    if (this.running_) this.fault(track, `${url}: could not be fetched`);
    return null;
  }

  async fetchAgain_() {
    while (this.running_) {
      const due = [...this.fetched].find(([, one]) => one.again === 0 && Date.now() - one.at > kRefetchAfterMs);
      if (due) await this.compare_(...due);
      else await sleep(200);
    }
  }

  async compare_(url, one) {
    one.again += 1;
    try {
      const answer = await this.client.get(url, { headers: one.byteRange ? { range: rangeOf(one.byteRange) } : {} });
      if (answer.status !== 200 && answer.status !== 206) this.fault(one.track, `${url}: ${answer.status} when asked again`);
      else if (sha256(answer.body) !== one.hash) this.fault(one.track, `${url}: other bytes when asked again`);
    } catch {
      one.again -= 1;
      await sleep(kRetryMs);
    }
  }

  async compareAll_() {
    for (const [url, one] of this.fetched) await this.compare_(url, one);
  }

  // How far behind the wall clock each part of a track was when its playlist line was seen, in ms: {sequence, part, lateness}.
  lateness(track) {
    return track.parts.flatMap((part) => {
      const { date } = track.segments.get(part.sequence);
      const first = track.parts.find((one) => one.sequence === part.sequence && one.part === 0);
      if (!date || !first) return [];
      return [{ ...part, lateness: part.arrived - (date + (part.start - first.start + part.duration) * 1000) }];
    });
  }
}

function rangeOf(byteRange) {
  const [length, offset] = byteRange.split('@').map(Number);
  return `bytes=${offset}-${offset + length - 1}`;
}
