// A whole room on air with simulated cameras, for people who want to see it work: `./dev demo [--for SECONDS]`.
//
// Writes a room's configuration with fresh passphrases into a work folder, runs `pult run` on it, sends it two cameras
// over real SRT, takes a scene now and then by the CLI, and prints the addresses. With --for it ends by itself: exit 0
// when every feed was live, segments were served and a take was seen on air, else 1 with what was missing.
import { spawn, execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { createServer } from 'node:net';
import { createSocket } from 'node:dgram';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const kCameras = [
  { feed: 'cam1', label: 'Rednerpult', name: 'Kamera 1 · Rednerpult' },
  { feed: 'cam2', label: 'Saal', name: 'Kamera 2 · Saal' },
];
const kReadyMs = 120_000; // the cameras make their loop first, on whatever machine this is
const kTakeEveryMs = 8_000;

function usage(message) {
  console.error(`demo: ${message}\nusage: ./dev demo [--for SECONDS]`);
  process.exit(2);
}

function parseOptions(argv) {
  const options = { bin: 'build/release/bin', work: 'build/demo', seconds: 0 };
  for (let i = 0; i < argv.length; i += 2) {
    const value = argv[i + 1];
    if (value === undefined) usage(`${argv[i]} wants a value`);
    if (argv[i] === '--bin') options.bin = value;
    else if (argv[i] === '--work') options.work = value;
    else if (argv[i] === '--for') options.seconds = Number(value);
    else usage(`no option "${argv[i]}"`);
  }
  if (!(options.seconds >= 0)) usage('--for wants a number of seconds');
  return options;
}

// The wished port when it is free, else one that the system chooses.
function freePort(wished, open) {
  const attempt = (port) =>
    new Promise((done) => {
      const socket = open();
      socket.once('error', () => done(0));
      socket.once('listening', () => {
        const chosen = socket.address().port;
        socket.close(() => done(chosen));
      });
      if (socket.listen) socket.listen(port, '127.0.0.1');
      else socket.bind(port, '127.0.0.1');
    });
  return attempt(wished).then((port) => port || attempt(0));
}

// What two cores encode beside a browser; more cores get the default ladder.
function ladder() {
  if (cpus().length >= 6) return { size: '1920x1080', cameras: '1920x1080', rungs: '' };
  const rung = (name, size, kbps) => `[[rendition]]\nname = "${name}"\nsize = "${size}"\nvideo_kbps = ${kbps}\n`;
  return {
    size: '1280x720',
    cameras: '1280x720',
    rungs: rung('720p', '1280x720', 2500) + rung('360p', '640x360', 700),
  };
}

async function writeRoom(work) {
  mkdirSync(join(work, 'secrets'), { recursive: true, mode: 0o700 });
  const ports = {
    http: await freePort(8080, createServer),
    control: await freePort(8081, createServer),
    srt: await freePort(9000, () => createSocket('udp4')),
  };
  const shape = ladder();
  const feeds = kCameras.map(({ feed, label }) => {
    const file = join(work, 'secrets', feed);
    writeFileSync(file, randomBytes(12).toString('hex') + '\n', { mode: 0o600 });
    chmodSync(file, 0o600);
    return `[[feed]]\nname = "${feed}"\nlabel = "${label}"\npassphrase_file = "secrets/${feed}"\n`;
  });
  const scene = (name, feed, fallback) =>
    `[[scene]]\nname = "${name}"\nlayout = "full"\nfeeds = ["${feed}"]\nfallback = ["${fallback}"]\naudio = "cam1"\n`;
  const toml = [
    '[room]\nname = "Saal 1"\nevent = "Ortenau Digital"\nlanguage = "de"\ndata_dir = "data"\n',
    '[show]\nautostart = true\n',
    `[srt]\nlisten = "127.0.0.1:${ports.srt}"\n`,
    ...feeds,
    scene('pult', 'cam1', 'cam2'),
    scene('saal', 'cam2', 'cam1'),
    `[program]\nsize = "${shape.size}"\nfps = 25\n`,
    shape.rungs,
    `[http]\nlisten = "127.0.0.1:${ports.http}"\n`,
    `[control]\nlisten = "127.0.0.1:${ports.control}"\n`,
  ].join('\n');
  const config = join(work, 'room.toml');
  writeFileSync(config, toml, { mode: 0o600 });
  return { config, ports, cameras: shape.cameras };
}

const children = [];

function start(program, args, name) {
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  child.ended = new Promise((done) => child.on('exit', (code, signal) => done({ code, signal })));
  child.on('error', (error) => console.error(`demo: ${name}: ${error.message}`));
  children.push(child);
  return child;
}

async function endAll() {
  for (const child of children.slice().reverse()) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await Promise.race([child.ended, pause(15_000)]);
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
}

function pult(bin, config, ...args) {
  return new Promise((done) => {
    execFile(join(bin, 'pult'), ['--config', config, ...args], { timeout: 5000 }, (error, stdout, stderr) =>
      done({ ok: !error, stdout, stderr: stderr || (error ? error.message : '') }),
    );
  });
}

async function status(bin, config) {
  const { ok, stdout } = await pult(bin, config, 'status', '--json');
  try {
    return ok ? JSON.parse(stdout) : null;
  } catch {
    return null;
  }
}

async function segmentsServed(address) {
  try {
    const master = await fetch(`${address}/live/master.m3u8`);
    if (!master.ok) return 0;
    const line = (await master.text()).split('\n').find((l) => l && !l.startsWith('#'));
    const playlist = await fetch(new URL(line, `${address}/live/master.m3u8`));
    const base = playlist.url;
    const segment = (await playlist.text()).split('\n').filter((l) => l && !l.startsWith('#')).pop();
    const body = await fetch(new URL(segment, base));
    return body.ok ? (await body.arrayBuffer()).byteLength : 0;
  } catch {
    return 0;
  }
}

async function watch(bin, room, address, seen, until) {
  let nextTake = 0;
  const scenes = ['saal', 'pult'];
  while (until()) {
    const now = await status(bin, room.config);
    for (const feed of now?.feeds ?? []) if (feed.state === 'live') seen.live.add(feed.name);
    seen.bytes = Math.max(seen.bytes, await segmentsServed(address));
    if (!seen.told && seen.live.size === kCameras.length && seen.bytes > 0) tell(room, address, seen);
    if (seen.told && Date.now() >= nextTake) {
      const taken = await pult(bin, room.config, 'take', scenes[seen.takes % 2], '--fade', '400');
      if (taken.ok) seen.takes += 1;
      else console.error(`demo: take: ${taken.stderr.trim()}`);
      nextTake = Date.now() + kTakeEveryMs;
    }
    await pause(500);
  }
}

function tell(room, address, seen) {
  seen.told = true;
  console.log(`
  On air. ${kCameras.length} cameras, one programme.

    viewers   ${address}/
    stream    ${address}/live/master.m3u8
    crew      build/release/bin/pult --config ${room.config} status --watch
              build/release/bin/pult --config ${room.config} take saal --fade 400
    cameras   srt://127.0.0.1:${room.ports.srt}  (stream id cam1 or cam2, passphrases in build/demo/secrets/)

  Ctrl-C ends it.
`);
}

function missing(seen) {
  const wrong = kCameras.filter((c) => !seen.live.has(c.feed)).map((c) => `feed ${c.feed} was never live`);
  if (seen.bytes === 0) wrong.push('no segment was served');
  if (seen.takes === 0) wrong.push('no take was seen on air');
  return wrong;
}

async function main() {
  const options = parseOptions(process.argv.slice(2));
  const bin = resolve(options.bin);
  const work = resolve(options.work);
  const room = await writeRoom(work);
  const address = `http://127.0.0.1:${room.ports.http}`;
  const seen = { live: new Set(), bytes: 0, takes: 0, told: false };
  let running = true;
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => (running = false));

  const supervisor = start(join(bin, 'pult'), ['run', room.config], 'pult run');
  supervisor.ended.then(() => (running = false));
  for (const { feed, name } of kCameras) {
    const url = `srt://127.0.0.1:${room.ports.srt}?streamid=#!::r=${feed},m=publish`;
    const more = ['--passphrase-file', join(work, 'secrets', feed), '--size', room.cameras, '--name', name, '--loop', '10'];
    start(join(bin, 'pult-cam'), [url, ...more], `pult-cam ${feed}`);
  }
  // The time runs from when the room is on air, so that a slow first start is not held against it.
  const begun = Date.now();
  const over = () => {
    if (options.seconds === 0) return false;
    if (!seen.told) return Date.now() - begun > kReadyMs + options.seconds * 1000;
    seen.since ??= Date.now();
    return Date.now() - seen.since > options.seconds * 1000;
  };
  await watch(bin, room, address, seen, () => running && !over());
  await endAll();
  if (options.seconds === 0) return 0;
  const wrong = missing(seen);
  for (const line of wrong) console.error(`demo: ${line}`);
  if (wrong.length === 0) console.log(`demo: good: ${seen.live.size} feeds live, segments served, ${seen.takes} takes seen`);
  return wrong.length === 0 ? 0 : 1;
}

process.exit(await main());
