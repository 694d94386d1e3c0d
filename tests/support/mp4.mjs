// As much of ISO BMFF as judging fragments needs: boxes, the track's timescale, and per fragment its decode time and durations.
// Strict: what does not add up throws.

export function* boxes(bytes, from = 0, to = bytes.length) {
  let at = from;
  while (at < to) {
    if (at + 8 > to) throw new Error(`mp4: ${to - at} stray bytes at ${at}`);
    let size = bytes.readUInt32BE(at);
    let header = 8;
    if (size === 1) {
      size = Number(bytes.readBigUInt64BE(at + 8));
      header = 16;
    }
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (size < header || at + size > to) throw new Error(`mp4: box ${type} of ${size} bytes at ${at} does not fit`);
    yield { type, body: at + header, end: at + size };
    at += size;
  }
}

function child(bytes, parent, type) {
  for (const box of boxes(bytes, parent.body, parent.end)) if (box.type === type) return box;
  throw new Error(`mp4: no ${type} in ${parent.type ?? 'file'}`);
}

function path(bytes, ...types) {
  return types.reduce((parent, type) => child(bytes, parent, type), { body: 0, end: bytes.length });
}

// → {timescale, handler: 'vide' | 'soun', defaultDuration, codec, duration of edit lists refused}
export function readInit(bytes) {
  const trak = path(bytes, 'moov', 'trak');
  for (const box of boxes(bytes, trak.body, trak.end)) if (box.type === 'edts') throw new Error('mp4: an edit list in the init section');
  const mdhd = child(bytes, child(bytes, trak, 'mdia'), 'mdhd');
  const wide = bytes[mdhd.body] === 1;
  const timescale = bytes.readUInt32BE(mdhd.body + (wide ? 20 : 12));
  const hdlr = child(bytes, child(bytes, trak, 'mdia'), 'hdlr');
  const trex = path(bytes, 'moov', 'mvex', 'trex');
  const stsd = child(bytes, child(bytes, child(bytes, child(bytes, trak, 'mdia'), 'minf'), 'stbl'), 'stsd');
  return {
    timescale,
    handler: bytes.toString('latin1', hdlr.body + 8, hdlr.body + 12),
    codec: bytes.toString('latin1', stsd.body + 12, stsd.body + 16),
    defaultDuration: bytes.readUInt32BE(trex.body + 12),
  };
}

function readTfhd(bytes, tfhd) {
  const flags = bytes.readUInt32BE(tfhd.body) & 0xffffff;
  let at = tfhd.body + 8;
  if (flags & 0x1) at += 8; // base_data_offset
  if (flags & 0x2) at += 4; // sample_description_index
  return flags & 0x8 ? bytes.readUInt32BE(at) : null;
}

function readTrun(bytes, trun, defaultDuration) {
  const flags = bytes.readUInt32BE(trun.body) & 0xffffff;
  const count = bytes.readUInt32BE(trun.body + 4);
  let at = trun.body + 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0);
  let duration = 0;
  for (let i = 0; i < count; i++) {
    duration += flags & 0x100 ? bytes.readUInt32BE(at) : defaultDuration;
    at += [0x100, 0x200, 0x400, 0x800].reduce((sum, flag) => sum + (flags & flag ? 4 : 0), 0);
  }
  return { count, duration };
}

function readMoof(bytes, moof, init) {
  const traf = child(bytes, moof, 'traf');
  const tfdt = child(bytes, traf, 'tfdt');
  const start = bytes[tfdt.body] === 1 ? Number(bytes.readBigUInt64BE(tfdt.body + 4)) : bytes.readUInt32BE(tfdt.body + 4);
  const defaultDuration = readTfhd(bytes, child(bytes, traf, 'tfhd')) ?? init.defaultDuration;
  const fragment = { start, duration: 0, samples: 0 };
  for (const box of boxes(bytes, traf.body, traf.end)) {
    if (box.type !== 'trun') continue;
    const run = readTrun(bytes, box, defaultDuration);
    fragment.duration += run.duration;
    fragment.samples += run.count;
  }
  return fragment;
}

// The fragments of a part or segment, in ticks of the init section's timescale: [{start, duration, samples}].
export function readFragments(bytes, init) {
  const all = [...boxes(bytes)];
  const moofs = all.filter((box) => box.type === 'moof');
  if (moofs.length !== all.filter((box) => box.type === 'mdat').length) throw new Error('mp4: not as many mdat as moof');
  if (moofs.length === 0) throw new Error('mp4: no fragment');
  return moofs.map((moof) => readMoof(bytes, moof, init));
}
