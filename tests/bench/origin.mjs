// The origin beside nginx: the same playlist and the same part, in turns, each server on the first core and wrk on the second; requests
// for each second of processor time that the server used. And 2,000 viewers who wait for one part.
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { createServer } from 'node:net';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { kBin } from '../support/room.mjs';
import { until } from '../support/wait.mjs';
import { figure, median } from './figures.mjs';
import { cpuWithChildren } from './machine.mjs';

const run = promisify(execFile);
const kRounds = 2; // each server, each object
const kConnections = 64;
const kBlocked = 2000;
const kBlockedMs = 50;
const kSegments = 1875; // of the show that pult-origin-bench serves
const kPaths = {
  playlists: `/live/s1/720p/index.m3u8?_HLS_msn=${kSegments - 1}&_HLS_part=5&_HLS_skip=YES`,
  parts: `/live/s1/720p/${kSegments - 1}.3.m4s`,
};

function find(program, more = []) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', ...more];
  const found = folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
  if (!found) throw new Error(`${program} is not installed (./dev bench installs it)`);
  return found;
}

const onCore = (core, argv) => (cpus().length < 2 ? argv : ['taskset', '-c', String(core), ...argv]);

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

// → {child, url}
async function startOurs() {
  const [program, ...args] = onCore(0, [join(kBin, 'pult-origin-bench'), 'serve']);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise((done, failed) => {
    child.stdout.once('data', (data) => done(Number(data.toString())));
    child.once('exit', (code) => failed(new Error(`pult-origin-bench ended with ${code}`)));
    child.once('error', failed);
  });
  return { child, url: `http://127.0.0.1:${port}`, paths: kPaths };
}

// The bytes that ours answers with, as files of nginx.
async function writeFiles(folder, url) {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  for (const [name, path] of Object.entries(kPaths)) {
    const answer = await fetch(url + path, { headers: { 'accept-encoding': 'identity' } });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
    writeFileSync(join(folder, name), Buffer.from(await answer.arrayBuffer()));
  }
}

function nginxConfig(folder, port) {
  return `daemon off; master_process off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 1000000000; keepalive_timeout 600s;
  open_file_cache max=100 inactive=600s; open_file_cache_valid 600s; default_type application/octet-stream;
  client_body_temp_path ${folder}/t1; proxy_temp_path ${folder}/t2; fastcgi_temp_path ${folder}/t3; uwsgi_temp_path ${folder}/t4; scgi_temp_path ${folder}/t5;
  server { listen 127.0.0.1:${port}; root ${folder}/files; }
}
`;
}

async function startNginx(folder, work) {
  const port = await freePort();
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, nginxConfig(folder, port));
  const [program, ...args] = onCore(0, [find('nginx', [join(resolve(work), 'nginx/usr/sbin')]), '-c', config, '-e', join(folder, 'error.log')]);
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  await until('nginx answers', async () => (await fetch(`${url}/parts`)).ok, { within: 5000 });
  return { child, url, paths: { playlists: '/playlists', parts: '/parts' } };
}

async function sameBytes(ours, theirs) {
  for (const name of Object.keys(kPaths)) {
    const [a, b] = await Promise.all([ours, theirs].map(async ({ url, paths }) => Buffer.from(await (await fetch(url + paths[name], { headers: { 'accept-encoding': 'identity' } })).arrayBuffer())));
    if (!a.equals(b)) throw new Error(`${name}: nginx does not answer with the same bytes`);
  }
}

// → answers a second of the server's processor time
async function load({ child, url, paths }, name, seconds) {
  const before = cpuWithChildren(child.pid);
  const [program, ...args] = onCore(1, [find('wrk'), '-t1', `-c${kConnections}`, `-d${seconds}s`, url + paths[name]]);
  const { stdout } = await run(program, args);
  const found = /(\d+) requests in/.exec(stdout);
  if (!found || /Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk: ${stdout}`);
  return Number(found[1]) / (cpuWithChildren(child.pid) - before);
}

async function compare(seconds, work) {
  const folder = existsSync('/dev/shm') ? `/dev/shm/pult-bench-nginx-${process.pid}` : join(work, 'origin');
  const servers = {};
  try {
    servers.ours = await startOurs();
    await writeFiles(join(folder, 'files'), servers.ours.url);
    servers.nginx = await startNginx(folder, work);
    await sameBytes(servers.ours, servers.nginx);
    const rates = { ours: { playlists: [], parts: [] }, nginx: { playlists: [], parts: [] } };
    for (let round = 0; round < kRounds; round += 1)
      for (const name of Object.keys(kPaths))
        for (const server of ['ours', 'nginx']) rates[server][name].push(await load(servers[server], name, seconds));
    return rates;
  } finally {
    for (const { child } of Object.values(servers)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function blocked() {
  const { stdout } = await run(join(kBin, 'pult-origin-bench'), ['blocked', String(kBlocked)], { timeout: 120000 });
  return JSON.parse(stdout);
}

const best = (values) => Math.max(...values);

export async function origin({ seconds, work }) {
  const rates = await compare(seconds, work);
  const rounds = await blocked();
  const last = rounds.map(({ last_ms: ms }) => ms);
  const ratio = (name) => figure(`${name}, ours of nginx's`, best(rates.ours[name]) / best(rates.nginx[name]), '', { least: 1, note: 'for each second of processor time; the better of two rounds' });
  const rate = (server, name) => figure(`${name} a second and core, ${server}`, best(rates[server][name]), '', { digits: 0 });
  return {
    title: 'Origin',
    about: `A playlist of an hour-long show as a delta, a part of 100 kB; ${kConnections} connections, servers on the first core, clients on the second.`,
    figures: [
      ratio('playlists'), rate('ours', 'playlists'), rate('nginx', 'playlists'),
      ratio('parts'), rate('ours', 'parts'), rate('nginx', 'parts'),
      figure('2,000 blocked reloads, all answered, median', median(last), 'ms', { most: kBlockedMs, digits: 1, note: `of ${last.length} publications: publication to the last client's last byte` }),
      figure('2,000 blocked reloads, all answered, longest', Math.max(...last), 'ms', { digits: 1 }),
      figure('server processor time of one such publication', median(rounds.map(({ server_cpu_ms: ms }) => ms)), 'ms', { digits: 1 }),
    ],
    rounds, rates,
  };
}
