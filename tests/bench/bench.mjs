// Measures what Pult must reach, on real rooms: `./dev bench [SECTION…] [--seconds N] [--check] [--reference]`.
// Writes build/bench/bench.{md,json}; with --reference also docs/bench.{md,json}, where sections that were not run stay as they were.
// Every figure stands beside its bar and the reference. Exit 1 with --check when a bar is missed, and when a section could not be measured.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { archive } from './archive.mjs';
import { bigRoom } from './big_room.mjs';
import { glass } from './glass.mjs';
import { kills } from './kills.mjs';
import { machine, othersBefore } from './machine.mjs';
import { origin } from './origin.mjs';
import { markdown, missedFigures } from './report.mjs';
import { talk } from './talk.mjs';

const kRepository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const kOthersMost = 0.1; // cores that others may have used during a measurement

// In the order in which they run. seconds: of the issue's lengths.
const kSections = {
  'big-room-25': { seconds: 300, run: (seconds, work) => bigRoom({ fps: 25, seconds, work }) },
  'big-room-30': { seconds: 300, run: (seconds, work) => bigRoom({ fps: 30, seconds, work }) },
  glass: { seconds: 300, run: (seconds) => glass({ seconds }) },
  origin: { seconds: 6, run: (seconds, work) => origin({ seconds, work }) },
  kills: { run: () => kills() },
  talk: { seconds: 2700, run: (seconds, work) => talk({ seconds, work }) },
  archive: { run: () => archive() },
};

function usage(message) {
  console.error(`bench: ${message}\nusage: ./dev bench [SECTION…] [--seconds N] [--check] [--reference]\nsections: ${Object.keys(kSections).join(', ')}; all without a name`);
  process.exit(2);
}

function parseOptions(argv) {
  const options = { names: [], seconds: null, check: false, reference: false };
  for (let i = 0; i < argv.length; i += 1) {
    if (argv[i] === '--check') options.check = true;
    else if (argv[i] === '--reference') options.reference = true;
    else if (argv[i] === '--seconds') options.seconds = Number(argv[(i += 1)]);
    else if (argv[i].startsWith('-')) usage(`no option "${argv[i]}"`);
    else if (argv[i] in kSections) options.names.push(argv[i]);
    else usage(`no section "${argv[i]}"`);
  }
  if (options.seconds !== null && !(options.seconds >= 5)) usage('--seconds wants a number, 5 at least');
  if (options.reference && options.seconds !== null) usage('--reference is of the whole lengths, not of --seconds');
  if (options.names.length === 0) options.names = Object.keys(kSections);
  return options;
}

function warningsOf({ load, busy, quiet }, others) {
  const warnings = [];
  if (!quiet) warnings.push(`the machine was not quiet: ${busy.toFixed(2)} cores busy before, load ${load.toFixed(2)}; processor figures and times are not to be judged`);
  if (others > kOthersMost) warnings.push(`others used ${others.toFixed(2)} cores meanwhile`);
  return warnings;
}

async function runSection(name, options, work) {
  const start = await othersBefore();
  const seconds = options.seconds ?? kSections[name].seconds;
  console.log(`bench: ${name}${seconds && kSections[name].seconds ? `, ${seconds} s` : ''}, load ${start.load.toFixed(2)} …`);
  const begun = performance.now();
  const found = await kSections[name].run(seconds, work);
  const took = Math.round((performance.now() - begun) / 1000);
  const section = { name, date: new Date().toISOString().slice(0, 16).replace('T', ' '), load: start.load, busy: start.busy, seconds: kSections[name].seconds ? seconds : undefined, took, ...found };
  section.warnings = [...warningsOf(start, found.others ?? 0), ...(found.warnings ?? [])];
  for (const warning of section.warnings) console.log(`bench: ${name}: warning: ${warning}`);
  console.log(`bench: ${name} took ${took} s`);
  return section;
}

function readReport(path) {
  const report = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
  return report?.sections ? report : null; // an older form is no reference
}

function write(base, result, reference) {
  mkdirSync(dirname(base), { recursive: true });
  writeFileSync(`${base}.json`, `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(`${base}.md`, markdown(result, reference));
}

// The sections of this run in place of their older ones.
function merged(result, old) {
  const all = [...(old?.sections ?? []).filter(({ name }) => !result.sections.some((one) => one.name === name)), ...result.sections];
  const order = Object.keys(kSections);
  return { ...result, sections: all.filter(({ name }) => order.includes(name)).sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name)) };
}

async function main() {
  const options = parseOptions(process.argv.slice(2));
  const out = process.env.PULT_REPORT ?? join(kRepository, 'build/bench/bench');
  const work = dirname(out);
  mkdirSync(work, { recursive: true });
  const kept = join(kRepository, 'docs/bench');
  const reference = readReport(`${kept}.json`);
  const result = { machine: machine(), sections: [], failed: [] };
  for (const name of options.names) {
    try {
      result.sections.push(await runSection(name, options, work));
    } catch (error) {
      result.failed.push(name);
      console.error(`bench: ${name} could not be measured: ${error.stack ?? error}`);
    }
    write(out, result, reference); // after each section: half an hour is long enough to be interrupted
    if (options.reference && result.sections.length > 0) write(kept, { ...merged(result, reference), failed: [] }, null);
  }
  console.log(`\n${markdown(result, reference)}\nbench: report in ${out}.md and ${out}.json`);
  if (result.failed.length > 0) return 1;
  return options.check && missedFigures(result).length > 0 ? 1 : 0;
}

process.exit(await main());
