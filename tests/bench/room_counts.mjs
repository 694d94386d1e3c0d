// What a room's programs count of their own lateness, as /metrics tells it.
async function metric(room, name, program) {
  const text = await (await fetch(`http://127.0.0.1:${room.ports.control}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`pult_${name}{program="${program}"}`));
  if (!line) throw new Error(`/metrics has no ${name} of ${program}`);
  return Number(line.split(' ').at(-1));
}

const kCounted = [
  ['filled_pictures', 'pult-packager'], ['filled_sounds', 'pult-packager'], ['late_parts', 'pult-packager'], ['write_failures', 'pult-packager'],
  ['pictures', 'pult-transcode'], ['late', 'pult-transcode'], ['reduced', 'pult-transcode'], ['repeated', 'pult-transcode'], ['dropped', 'pult-transcode'], ['skipped', 'pult-transcode'],
];

// → {filled_pictures, filled_sounds, late_parts, write_failures, pictures, late, reduced, repeated, dropped, skipped}
export async function counts(room) {
  const values = {};
  for (const [name, program] of kCounted) values[name] = await metric(room, name, program);
  return values;
}
