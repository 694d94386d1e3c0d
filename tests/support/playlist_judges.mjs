// Public parsers as strict judges of our playlists.
import hlsParser from 'hls-parser';
import { Parser } from 'm3u8-parser';

// What the public parsers say against it: [] when nothing. hls-parser throws on faults, m3u8-parser warns.
export function complaints(text) {
  const found = [];
  const parser = new Parser();
  parser.on('warn', (warning) => found.push(`m3u8-parser: ${warning.message}`));
  parser.push(text);
  parser.end();
  try {
    hlsParser.setOptions({ strictMode: true });
    hlsParser.parse(text);
  } catch (error) {
    found.push(`hls-parser: ${error.message}`);
  }
  return found;
}
