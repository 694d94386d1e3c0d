// Public parsers as strict judges of our playlists.
import hlsParser from 'hls-parser';
import { Parser } from 'm3u8-parser';

hlsParser.setOptions({ strictMode: true });

// hls-parser takes "three target durations from the end" (RFC 8216bis 4.4.4.9) for three segments, the unfinished one included. It is shown
// no older parts, so that it judges all else; StreamFollower checks the real rule.
function withoutOldParts(text) {
  const lines = text.split('\n');
  let segment = 0;
  const owner = lines.map((line) => (line !== '' && !line.startsWith('#') ? segment++ : segment));
  return lines.filter((line, i) => !line.startsWith('#EXT-X-PART:') || owner[i] >= segment + 1 - 3).join('\n');
}

// What they say against it: [] when nothing. hls-parser throws on faults, m3u8-parser warns.
export function complaints(text) {
  const found = [];
  const parser = new Parser();
  parser.on('warn', (warning) => found.push(`m3u8-parser: ${warning.message}`));
  parser.push(text);
  parser.end();
  try {
    hlsParser.parse(withoutOldParts(text));
  } catch (error) {
    found.push(`hls-parser: ${error.message}`);
  }
  return found;
}
