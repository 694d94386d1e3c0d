// What the machine is, and what programs cost it: processor time and memory as the kernel counts them.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { sleep } from '../support/wait.mjs';

const kTick = 1 / 100; // USER_HZ, the same on all Linux that we run on
const kQuietCores = 0.15; // busy while nothing of ours runs
const kQuietMs = 3000;

export function machine() {
  return { cpu: `${cpus().length} × ${cpus()[0].model}`, memory: `${Math.round(totalmem() / 2 ** 30)} GB`, kernel: release() };
}

function statFields(pid) {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ').map(Number);
}

// User and system time of a process, all its threads and the children that it has waited for, in seconds.
export function cpuWithChildren(pid) {
  const fields = statFields(pid);
  return (fields[11] + fields[12] + fields[13] + fields[14]) * kTick;
}

// Time that all of the machine's cores were busy, in seconds since it started.
export function busySeconds() {
  const [user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/\s+/).slice(1).map(Number);
  return { busy: (user + nice + system + irq + softirq) * kTick, stolen: steal * kTick };
}

// What others do on this machine before we begin; the load average may still be of our own last section. → {load, busy: cores, quiet}
export async function othersBefore() {
  const before = busySeconds().busy;
  await sleep(kQuietMs);
  const busy = ((busySeconds().busy - before) * 1000) / kQuietMs;
  return { load: loadavg()[0], busy, quiet: busy <= kQuietCores };
}

// Proportional set size in bytes: what processes share is counted once.
export function pss(pid) {
  return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) * 1024;
}

// Bytes that a folder takes; what goes away while we look is not counted.
export function folderBytes(folder) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    try {
      bytes += entry.isDirectory() ? folderBytes(path) : statSync(path).blocks * 512;
    } catch {
      continue;
    }
  }
  return bytes;
}

// The processor time of a room over a span: made at its beginning, read at its end. A program that was restarted meanwhile throws: its
// time is lost with it, and a bench in which programs die measures nothing.
export class RoomCost {
  constructor(room) {
    this.room_ = room;
    this.first_ = this.sample_();
  }

  sample_() {
    const programs = Object.fromEntries(this.room_.programs().map(({ name, pid }) => [name, { pid, cpu: cpuWithChildren(pid) }]));
    programs['pult run'] = { pid: this.room_.run.pid, cpu: cpuWithChildren(this.room_.run.pid) };
    const senders = this.room_.senders.reduce((sum, { pid }) => sum + cpuWithChildren(pid), 0);
    return { at: performance.now(), programs, senders, own: process.cpuUsage(), machine: busySeconds() };
  }

  // → {seconds, programs: {name: cores}, room, senders, others: cores that nobody of ours used, stolen}
  read() {
    const [first, last] = [this.first_, this.sample_()];
    const seconds = (last.at - first.at) / 1000;
    const programs = {};
    for (const [name, { pid, cpu }] of Object.entries(last.programs)) {
      if (first.programs[name]?.pid !== pid) throw new Error(`${name} was restarted during the measurement`);
      programs[name] = (cpu - first.programs[name].cpu) / seconds;
    }
    const room = Object.values(programs).reduce((sum, cores) => sum + cores, 0);
    const senders = (last.senders - first.senders) / seconds;
    const own = (last.own.user + last.own.system - first.own.user - first.own.system) / 1e6 / seconds;
    const others = (last.machine.busy - first.machine.busy) / seconds - room - senders - own;
    return { seconds, programs, room, senders, others, stolen: (last.machine.stolen - first.machine.stolen) / seconds };
  }

  // All programs of the room and its run directory, in bytes.
  memory() {
    const pids = [this.room_.run.pid, ...this.room_.programs().map(({ pid }) => pid)];
    const programs = pids.reduce((sum, pid) => sum + pss(pid), 0);
    return { programs, runDir: folderBytes(this.room_.runDir) };
  }
}
