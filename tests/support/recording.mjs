// Reads what a room recorded of its programme: data/program/<show>/<track>/<hour>.mp4 and the index beside each (packager/recording).
import { closeSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

// "first+count,…" → [{first, count}]
function runsOf(text = '') {
  return text.split(',').filter(Boolean).map((run) => {
    const [first, count] = run.split('+').map(Number);
    return { first, count };
  });
}

// All parts of a track, in the order of the programme: {sequence, number, begin, duration, filled: [{first, count}], bytes()}.
export function recordedParts(folder) {
  const parts = [];
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.index'))) {
    const media = join(folder, name.replace('.index', '.mp4'));
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
      const [kind, sequence, number, , first, begin, duration, offset, length, , filled] = line.split(' ');
      if (kind !== 'part') continue;
      parts.push({
        sequence: Number(sequence), number: Number(number), first: Number(first), begin: Number(begin), duration: Number(duration), filled: runsOf(filled),
        bytes: () => readAt(media, Number(offset), Number(length)),
      });
    }
  }
  return parts.sort((a, b) => a.begin - b.begin);
}

function readAt(file, offset, length) {
  const fd = openSync(file, 'r');
  const bytes = Buffer.alloc(length);
  const got = readSync(fd, bytes, 0, length, offset);
  closeSync(fd);
  return bytes.subarray(0, got);
}

// A segment's bytes, as the window publishes them.
export function recordedSegment(folder, sequence) {
  return Buffer.concat(recordedParts(folder).filter((part) => part.sequence === sequence).map((part) => part.bytes()));
}
