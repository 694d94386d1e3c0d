// A whole room on air with simulated cameras, for people who want to see it work: `./dev demo [--for SECONDS]`.
//
// Writes a room's configuration with fresh passphrases into a work folder, runs `pult run` on it, sends it three cameras
// over real SRT (speaker, slides, hall), takes scenes and shows lower thirds by the CLI as a crew would, and prints the
// addresses. With --for it ends by itself: exit 0 when every feed was live, segments were served, and a take and a lower
// third were seen on air, else 1 with what was missing.
import { spawn, execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { createServer } from 'node:net';
import { createSocket } from 'node:dgram';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const kCameras = [
  { feed: 'pult', label: 'Rednerpult', motif: 'speaker' },
  { feed: 'folien', label: 'Folien', motif: 'slides' },
  { feed: 'saal', label: 'Saal', motif: 'hall' },
];
const kScenes = [
  { name: 'redner', layout: 'full', feeds: ['pult'], fallback: ['saal'] },
  { name: 'vortrag', layout: 'lecture', feeds: ['folien', 'pult'] },
  { name: 'totale', layout: 'full', feeds: ['saal'], fallback: ['pult'] },
  { name: 'bild-im-bild', layout: 'picture-in-picture', feeds: ['folien', 'pult'] },
];
// What the crew does, over and over, a step each kStepMs.
const kShow = [
  { take: 'redner', more: ['--fade', '400'], lowerThird: 0 },
  { take: 'vortrag', more: ['--fade', '400'] },
  { take: 'totale', more: ['--cut'] },
  { take: 'redner', more: ['--cut'], lowerThird: 1 },
  { take: 'bild-im-bild', more: ['--fade', '600'] },
  { take: 'vortrag', more: ['--cut'], lowerThird: 2 },
];
const kLowerThirds = [
  ['Jördis Kammerlander', 'Offene Daten, Landkreis Achertal'],
  ['Benno Achtfeld', 'Bürgernetz Kinzig & Söhne'],
  ['Dr. Thea Rohrwasser-Lindenmaier', 'Beauftragte für Barrierefreiheit'],
];
const kLowerThirdSeconds = 5;
const kLoopSeconds = 30; // three slides
const kReadyMs = 180_000; // the cameras make their loops first, on whatever machine this is
const kStepMs = 8_000;

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

// What this machine encodes in real time beside a browser: two cores two rungs, six the whole default ladder.
function ladder() {
  const rung = (name, size, kbps) => `[[rendition]]\nname = "${name}"\nsize = "${size}"\nvideo_kbps = ${kbps}\n`;
  const small = rung('720p', '1280x720', 2500) + rung('360p', '640x360', 700);
  const cores = cpus().length;
  if (cores >= 6) return { size: '1920x1080', rungs: '', told: '1080p, 720p, 480p, 360p' };
  if (cores >= 4) return { size: '1920x1080', rungs: rung('1080p', '1920x1080', 4500) + small, told: '1080p, 720p, 360p' };
  return { size: '1280x720', rungs: small, told: '720p, 360p' };
}

function sceneToml({ name, layout, feeds, fallback }) {
  const list = (names) => `[${names.map((one) => `"${one}"`).join(', ')}]`;
  const instead = fallback ? `fallback = ${list(fallback)}\n` : '';
  return `[[scene]]\nname = "${name}"\nlayout = "${layout}"\nfeeds = ${list(feeds)}\n${instead}audio = "pult"\n`;
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
  const toml = [
    '[room]\nname = "Ortenau Digital"\nevent = "Demo mit drei Kameras"\nlanguage = "de"\ndata_dir = "data"\n',
    '[show]\nautostart = true\n',
    `[srt]\nlisten = "127.0.0.1:${ports.srt}"\n`,
    ...feeds,
    ...kScenes.map(sceneToml),
    `[program]\nsize = "${shape.size}"\nfps = 25\n`,
    shape.rungs,
    `[http]\nlisten = "127.0.0.1:${ports.http}"\n`,
    `[control]\nlisten = "127.0.0.1:${ports.control}"\n`,
  ].join('\n');
  const config = join(work, 'room.toml');
  writeFileSync(config, toml, { mode: 0o600 });
  return { config, ports, shape };
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

// One step of the show. What was refused is told; what showed is counted.
async function step(bin, room, seen) {
  const { take, more, lowerThird } = kShow[seen.steps % kShow.length];
  seen.steps += 1;
  const taken = await pult(bin, room.config, 'take', take, ...more);
  if (taken.ok) seen.takes += 1;
  else console.error(`demo: take ${take}: ${taken.stderr.trim()}`);
  if (lowerThird === undefined) return;
  const [name, role] = kLowerThirds[lowerThird];
  const shown = await pult(bin, room.config, 'lt', 'show', name, role, '--for', String(kLowerThirdSeconds));
  if (shown.ok) seen.lowerThirds += 1;
  else console.error(`demo: lower third: ${shown.stderr.trim()}`);
}

async function watch(bin, room, address, seen, until) {
  let nextStep = 0;
  while (until()) {
    const now = await status(bin, room.config);
    for (const feed of now?.feeds ?? []) if (feed.state === 'live') seen.live.add(feed.name);
    seen.bytes = Math.max(seen.bytes, await segmentsServed(address));
    if (!seen.told && seen.live.size === kCameras.length && seen.bytes > 0) await tell(bin, room, address, seen);
    if (seen.told && Date.now() >= nextStep) {
      await step(bin, room, seen);
      nextStep = Date.now() + kStepMs;
    }
    await pause(500);
  }
}

// The desk's one-time link, where this version has a desk.
async function deskLine(bin, room) {
  const desk = await pult(bin, room.config, 'desk');
  const link = desk.ok ? /https?:\/\/\S+/.exec(desk.stdout)?.[0] : null;
  return link ? `\n    desk      ${link}` : '';
}

async function tell(bin, room, address, seen) {
  seen.told = true;
  const crew = `build/release/bin/pult --config ${room.config}`;
  console.log(`
  On air: ${kCameras.length} cameras, one programme, ${room.shape.told}.

    viewers   ${address}/
    stream    ${address}/live/master.m3u8${await deskLine(bin, room)}
    crew      ${crew} status --watch
              ${crew} take totale --fade 400
              ${crew} lt show 'Erika Beispiel' 'Moderation'
    API       http://127.0.0.1:${room.ports.control}/api/v1/status  (with a token: pult token add NAME)
    cameras   srt://127.0.0.1:${room.ports.srt}  (stream ids ${kCameras.map(({ feed }) => feed).join(', ')}; passphrases in build/demo/secrets/)

  Ctrl-C ends it.
`);
}

function missing(seen) {
  const wrong = kCameras.filter((c) => !seen.live.has(c.feed)).map((c) => `feed ${c.feed} was never live`);
  if (seen.bytes === 0) wrong.push('no segment was served');
  if (seen.takes === 0) wrong.push('no take was seen on air');
  if (seen.lowerThirds === 0) wrong.push('no lower third was seen on air');
  return wrong;
}

function startCameras(bin, work, room) {
  for (const { feed, label, motif } of kCameras) {
    const url = `srt://127.0.0.1:${room.ports.srt}?streamid=#!::r=${feed},m=publish`;
    const picture = ['--motif', motif, '--size', room.shape.size, '--name', `Kamera · ${label}`, '--loop', String(kLoopSeconds)];
    start(join(bin, 'pult-cam'), [url, '--passphrase-file', join(work, 'secrets', feed), ...picture], `pult-cam ${feed}`);
  }
}

function verdict(seen) {
  const wrong = missing(seen);
  for (const line of wrong) console.error(`demo: ${line}`);
  if (wrong.length > 0) return 1;
  console.log(`demo: good: ${seen.live.size} feeds live, segments served, ${seen.takes} takes and ${seen.lowerThirds} lower thirds seen`);
  return 0;
}

async function main() {
  const options = parseOptions(process.argv.slice(2));
  const bin = resolve(options.bin);
  const work = resolve(options.work);
  const room = await writeRoom(work);
  const address = `http://127.0.0.1:${room.ports.http}`;
  const seen = { live: new Set(), bytes: 0, steps: 0, takes: 0, lowerThirds: 0, told: false };
  let running = true;
  let interrupted = false;
  for (const name of ['SIGINT', 'SIGTERM']) {
    process.on(name, () => {
      interrupted = true;
      running = false;
    });
  }
  const supervisor = start(join(bin, 'pult'), ['run', room.config], 'pult run');
  supervisor.ended.then(() => (running = false));
  startCameras(bin, work, room);
  // The time runs from when the room is on air, so that a slow first start is not held against it.
  const begun = Date.now();
  const over = () => {
    if (options.seconds === 0) return false;
    if (!seen.told) return Date.now() - begun > kReadyMs + options.seconds * 1000;
    seen.since ??= Date.now();
    return Date.now() - seen.since > options.seconds * 1000;
  };
  await watch(bin, room, address, seen, () => running && !over());
  const ended = !running && !interrupted;
  await endAll();
  if (ended) console.error('demo: pult run has ended by itself; what it said stands above');
  if (ended) return 1;
  return options.seconds === 0 || interrupted ? 0 : verdict(seen);
}

process.exit(await main());
