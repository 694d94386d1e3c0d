// Child processes of a test: started with their output in a file, ended by the pid that we know, never by name.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { inTime } from './wait.mjs';

const kGraceMs = 12000;

// The start time of a living process, as in /proc/PID/stat field 22; null for none and for zombies. With the pid it names one process.
export function startTime(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
    return fields[0] === 'Z' ? null : Number(fields[19]);
  } catch {
    return null;
  }
}

// User and system time that a process has used so far, in seconds.
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export class Child {
  constructor(name, argv, { log, env = {}, cwd } = {}) {
    this.name = name;
    this.log = log;
    const fd = log ? openSync(log, 'a') : 'ignore';
    this.process = spawn(argv[0], argv.slice(1), { stdio: ['ignore', fd, fd], env: { ...process.env, ...env }, cwd });
    if (log) closeSync(fd);
    this.ended = new Promise((resolve) => {
      this.process.once('exit', (code, signal) => resolve({ code, signal }));
      this.process.once('error', (error) => resolve({ code: -1, error }));
    });
  }

  get pid() {
    return this.process.pid;
  }

  get running() {
    return this.process.exitCode === null && this.process.signalCode === null && this.pid !== undefined;
  }

  signal(name) {
    if (this.running) this.process.kill(name);
  }

  // SIGTERM, and SIGKILL for who does not end in time. → {code, signal}
  async stop(within = kGraceMs) {
    this.signal('SIGTERM');
    this.signal('SIGCONT');
    try {
      return await inTime(`${this.name} ends`, this.ended, within);
    } catch {
      this.signal('SIGKILL');
      return { ...(await this.ended), killed: true };
    }
  }
}
