// Reads HLS playlists (RFC 8216bis) into plain values, keeping each line as it was written: tests compare lines. Pure and strict.
export function attributes(text) {
  const values = {};
  const rest = text.replace(/([A-Z0-9-]+)=("[^"]*"|[^",]*)(,|$)/g, (_, key, value) => {
    if (key in values) throw new Error(`playlist: ${key} twice in ${text}`);
    values[key] = value.startsWith('"') ? value.slice(1, -1) : value;
    return '';
  });
  if (rest !== '') throw new Error(`playlist: bad attribute list ${text}`);
  return values;
}

function lines(text) {
  if (!text.startsWith('#EXTM3U\n')) throw new Error('playlist: does not begin with #EXTM3U');
  if (!text.endsWith('\n')) throw new Error('playlist: last line has no end');
  return text.split('\n').slice(1).filter((line) => line !== '' && (!line.startsWith('#') || line.startsWith('#EXT')));
}

const split = (line) => [line.split(':', 1)[0], line.slice(line.indexOf(':') + 1)];

// → {variants: [{uri, attributes}], media: [attributes]}
export function readMultivariant(text) {
  const found = { variants: [], media: [] };
  let pending = null;
  for (const line of lines(text)) {
    const [tag, value] = split(line);
    if (tag === '#EXT-X-STREAM-INF') pending = attributes(value);
    else if (tag === '#EXT-X-MEDIA') found.media.push(attributes(value));
    else if (!line.startsWith('#')) {
      if (!pending) throw new Error(`playlist: ${line} has no EXT-X-STREAM-INF`);
      found.variants.push({ uri: line, attributes: pending });
      pending = null;
    }
  }
  return found;
}

const kConstants = ['#EXT-X-VERSION', '#EXT-X-TARGETDURATION', '#EXT-X-SERVER-CONTROL', '#EXT-X-PART-INF', '#EXT-X-INDEPENDENT-SEGMENTS'];
const kSegmentTags = ['#EXTINF', '#EXT-X-PROGRAM-DATE-TIME', '#EXT-X-PART', '#EXT-X-MAP', '#EXT-X-DISCONTINUITY', '#EXT-X-GAP', '#EXT-X-BITRATE'];

// → {constants: {tag: value}, mediaSequence, skipped, segments: [{sequence, uri, duration, date, map, parts, tags}], hint, reports, ended}.
// The last segment has no uri while only parts of it are there.
export function readMedia(text) {
  const list = { constants: {}, mediaSequence: 0, discontinuitySequence: 0, skipped: 0, segments: [], hint: null, reports: [], ended: false };
  let now = { parts: [], tags: [], map: null };
  const flush = (uri) => {
    list.segments.push({ ...now, uri, sequence: list.mediaSequence + list.skipped + list.segments.length });
    now = { parts: [], tags: [], map: null };
  };
  for (const line of lines(text)) {
    const [tag, value] = split(line);
    if (!line.startsWith('#')) flush(line);
    else if (kConstants.includes(tag)) list.constants[tag] = value;
    else if (tag === '#EXT-X-MEDIA-SEQUENCE') list.mediaSequence = Number(value);
    else if (tag === '#EXT-X-DISCONTINUITY-SEQUENCE') list.discontinuitySequence = Number(value);
    else if (tag === '#EXT-X-SKIP') list.skipped = Number(attributes(value)['SKIPPED-SEGMENTS']);
    else if (tag === '#EXT-X-PRELOAD-HINT') list.hint = attributes(value);
    else if (tag === '#EXT-X-RENDITION-REPORT') list.reports.push(attributes(value));
    else if (tag === '#EXT-X-ENDLIST') list.ended = true;
    else if (kSegmentTags.includes(tag)) note(now, line, tag, value);
    else throw new Error(`playlist: unknown tag ${line}`);
  }
  if (now.parts.length > 0 || now.tags.length > 0) flush(null);
  return list;
}

function note(segment, line, tag, value) {
  if (tag === '#EXT-X-PART') segment.parts.push({ line, ...attributes(value) });
  else segment.tags.push(line);
  if (tag === '#EXTINF') segment.duration = Number(value.split(',')[0]);
  if (tag === '#EXT-X-PROGRAM-DATE-TIME') segment.date = Date.parse(value);
  if (tag === '#EXT-X-MAP') segment.map = attributes(value).URI;
}
