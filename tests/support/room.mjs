// A real room for a test: its own config, ports, run directory (in memory) and data, `pult run` on it, senders into it.
// Everything that was started is ended by pid at close(), also programs that have outlived their supervisor. On failure the logs tell.
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child, startTime } from './processes.mjs';
import { sleep, until } from './wait.mjs';

export const kBin = resolve(process.env.PULT_BIN ?? fileURLToPath(new URL('../../build/dev/bin', import.meta.url)));
export const kPassphrase = 'long-enough-for-srt';
const kStopMs = 15000;
const kLogTail = 80;
const kFetchMs = 3000;

const kRungs = [
  { name: '360p', size: '640x360', video_kbps: 700 },
  { name: '180p', size: '320x180', video_kbps: 250 },
];

function freePort(open) {
  return new Promise((done, failed) => {
    const socket = open();
    socket.once('error', failed);
    const take = () => {
      const { port } = socket.address();
      socket.close(() => done(port));
    };
    if (socket.listen) socket.listen(0, '127.0.0.1', take);
    else socket.bind(0, '127.0.0.1', take);
  });
}

async function freePorts() {
  return {
    http: await freePort(createServer),
    control: await freePort(createServer),
    srt: await freePort(() => createSocket('udp4')),
  };
}

function table(name, values) {
  return `[${name}]\n${Object.entries(values).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`).join('')}\n`;
}

function tables(name, list) {
  return list.map((values) => table(`[${name}]`, values)).join('');
}

// What a room is when the test says nothing else: two cameras, a scene for each, two small rungs, on air at once.
export function roomToml({ runDir, dataDir, ports, feeds = ['cam1', 'cam2'], scenes, rungs = kRungs, size = '640x360', fps = 25, autostart = true, more = '' }) {
  const full = (feed) => ({ name: feed, layout: 'full', feeds: [feed], audio: feed });
  return [
    table('room', { name: 'Saal 1', event: 'Ortenau Digital', language: 'de', data_dir: dataDir, run_dir: runDir }),
    table('show', { autostart }),
    table('srt', { listen: `127.0.0.1:${ports.srt}`, latency_ms: 200 }),
    tables('feed', feeds.map((name) => ({ name, passphrase: kPassphrase }))),
    tables('scene', scenes ?? feeds.map(full)),
    table('program', { size, fps }),
    tables('rendition', rungs),
    table('http', { listen: `127.0.0.1:${ports.http}` }),
    table('control', { listen: `127.0.0.1:${ports.control}` }),
    more,
  ].join('');
}

export class Room {
  // Options as of roomToml; `env`: what its programs have in their environment. Resolves when the supervisor runs; wait for what the test needs with the until… methods.
  static async start(options = {}) {
    const room = new Room(await freePorts(), options);
    await room.startRun();
    return room;
  }

  constructor(ports, options) {
    this.ports = ports;
    this.runDir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'pult-e2e-'));
    this.dataDir = mkdtempSync(join(tmpdir(), 'pult-e2e-data-'));
    this.config = join(this.dataDir, 'room.toml');
    this.logDir = join(this.dataDir, 'logs');
    mkdirSync(this.logDir);
    writeFileSync(this.config, roomToml({ ...options, ports, runDir: this.runDir, dataDir: join(this.dataDir, 'data') }), { mode: 0o600 });
    this.url = `http://127.0.0.1:${ports.http}`;
    this.env = options.env ?? {};
    this.run = null;
    this.senders = [];
    this.said = []; // what the test did, for the log
  }

  // What the log tells of the test: what it did, not each question it asked.
  note(text) {
    this.said.push(`${new Date().toISOString().slice(11, 23)} ${text}`);
  }

  async startRun() {
    this.note('pult run starts');
    this.run = new Child('pult run', [join(kBin, 'pult'), 'run', this.config], { log: join(this.logDir, 'run.log'), env: this.env });
    await until('pult run has started its programs', () => this.programs().length > 0 || !this.run.running, { within: 10000 });
    if (!this.run.running) throw new Error(`pult run ended at once\n${this.logs()}`);
  }

  // The records of the programs that run: [{name, pid, start, restarts}].
  programs() {
    const folder = join(this.runDir, 'programs');
    if (!existsSync(folder)) return [];
    const records = readdirSync(folder).filter((file) => file.endsWith('.json'));
    return records.flatMap((file) => this.record_(join(folder, file)) ?? []);
  }

  record_(path) {
    try {
      return JSON.parse(readFileSync(path, 'utf8'));
    } catch {
      return null; // just being replaced
    }
  }

  program(name) {
    const record = this.programs().find((one) => one.name === name);
    if (!record || startTime(record.pid) !== record.start) return null;
    return record;
  }

  // Signals a program by its contract name ('pult-packager', 'pult-decode@cam1', …), or 'pult run'. → its pid
  signal(name, signal) {
    const record = name === 'pult run' ? { pid: this.run.pid } : this.program(name);
    if (!record) throw new Error(`${name} does not run`);
    this.note(`${signal} to ${name} (${record.pid})`);
    process.kill(record.pid, signal);
    return record.pid;
  }

  // Kills a program and waits until another process has its name. → {pid, ms}
  async killed(name, { within = 10000 } = {}) {
    const old = this.signal(name, 'SIGKILL');
    const begun = performance.now();
    const record = await until(`${name} runs again`, () => {
      const now = this.program(name);
      return now && now.pid !== old ? now : null;
    }, { within, every: 10 });
    return { pid: record.pid, ms: performance.now() - begun };
  }

  // The CLI. → {code, stdout, stderr, json}
  pult(...args) {
    return new Promise((done) => {
      execFile(join(kBin, 'pult'), ['--config', this.config, ...args], { timeout: 15000 }, (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
        let json = null;
        if (args.includes('--json')) {
          try {
            json = JSON.parse(stdout);
          } catch {
            json = null;
          }
        }
        if (args[0] !== 'status') this.note(`pult ${args.join(' ')} → ${code}`);
        done({ code, stdout, stderr, json });
      });
    });
  }

  async status() {
    const { json } = await this.pult('status', '--json');
    return json;
  }

  // The numbers of one program, as Prometheus gets them: {name without pult_: value}.
  async metrics(program) {
    const text = await (await fetch(`http://127.0.0.1:${this.ports.control}/metrics`, { signal: AbortSignal.timeout(kFetchMs) })).text();
    const lines = [...text.matchAll(/^pult_(\w+)\{program="([^"]*)"\} (\S+)$/gm)];
    return Object.fromEntries(lines.filter(([, , of]) => of === program).map(([, name, , value]) => [name, Number(value)]));
  }

  untilFeed(name, state, options = { within: 20000, every: 200 }) {
    return until(`feed ${name} is ${state}`, async () => (await this.status())?.feeds?.find((feed) => feed.name === name)?.state === state, options);
  }

  // The multivariant playlist is there: three segments are.
  untilOnAir(options = { within: 30000, every: 100 }) {
    return until('the stream is on air', async () => (await fetch(`${this.url}/live/master.m3u8`, { signal: AbortSignal.timeout(kFetchMs) })).ok, options);
  }

  srtUrl(feed, { escaped = false, passphrase = kPassphrase } = {}) {
    const id = `#!::r=${feed},m=publish`;
    return `srt://127.0.0.1:${this.ports.srt}?streamid=${escaped ? encodeURIComponent(id) : id}&passphrase=${passphrase}&pbkeylen=16`;
  }

  // A simulated camera; options are of pult-cam. It stands for a box of its own, which no browser beside it starves.
  camera(feed, { size = '640x360', name = feed, more = [] } = {}) {
    const url = `srt://127.0.0.1:${this.ports.srt}?streamid=#!::r=${feed},m=publish`;
    return this.sender(`pult-cam ${feed}`, ['nice', '-n', '-10', join(kBin, 'pult-cam'), url, '--size', size, '--name', name, ...more], { PULT_CAM_PASSPHRASE: kPassphrase });
  }

  sender(name, argv, env = {}) {
    const child = new Child(name, argv, { log: join(this.logDir, `${name.replace(/\W+/g, '-')}.log`), env });
    this.note(`${name} starts (${child.pid})`);
    this.senders.push(child);
    return child;
  }

  // Ends everything. → how `pult run` ended.
  async close() {
    await Promise.all(this.senders.map((child) => child.stop(5000)));
    const end = this.run ? await this.run.stop(kStopMs) : null;
    await this.endOrphans_();
    rmSync(this.runDir, { recursive: true, force: true });
    if (!process.env.PULT_KEEP) rmSync(this.dataDir, { recursive: true, force: true });
    return end;
  }

  async endOrphans_() {
    const alive = () => this.programs().filter((record) => startTime(record.pid) === record.start);
    for (const signal of ['SIGTERM', 'SIGKILL']) {
      for (const { pid } of alive()) {
        process.kill(pid, signal);
        process.kill(pid, 'SIGCONT');
      }
      for (let i = 0; i < 50 && alive().length > 0; i++) await sleep(100);
    }
  }

  logs() {
    const tail = (file) => readFileSync(file, 'utf8').split('\n').slice(-kLogTail).join('\n');
    const files = readdirSync(this.logDir).map((name) => join(this.logDir, name));
    const programs = join(this.runDir, 'programs');
    if (existsSync(programs)) files.push(...readdirSync(programs).filter((name) => name.endsWith('.stderr')).map((name) => join(programs, name)));
    return [`== the test\n${this.said.join('\n')}`, ...files.map((file) => `== ${file}\n${tail(file)}`)].join('\n');
  }
}

// Runs body(room) in a room of its own; the room is closed whatever happens, and its logs are printed when body throws.
export async function withRoom(options, body) {
  const room = await Room.start(options);
  let failed = true;
  try {
    const value = await body(room);
    failed = false;
    return value;
  } finally {
    if (failed) console.error(room.logs());
    await room.close();
  }
}
