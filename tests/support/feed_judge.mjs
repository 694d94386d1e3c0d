// Judges a podcast feed: well-formed XML by fast-xml-parser, and what RSS 2.0 and Apple's podcast tags ask for. → complaints, a line each.
import { XMLParser, XMLValidator } from 'fast-xml-parser';

const kDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}$/;
const kNeeds = ['title', 'link', 'description', 'language', 'itunes:author', 'itunes:explicit', 'itunes:category', 'itunes:image', 'atom:link'];

function absolute(text) {
  try {
    return /^https?:$/.test(new URL(text).protocol);
  } catch {
    return false;
  }
}

function complaintsOfItem(item, type) {
  const told = [];
  const name = item.title ?? item.guid?.['#text'] ?? '?';
  const say = (what) => told.push(`item "${name}": ${what}`);
  for (const tag of ['title', 'link', 'guid', 'pubDate', 'enclosure', 'itunes:duration']) if (item[tag] === undefined) say(`no ${tag}`);
  if (!absolute(item.link)) say(`link ${item.link} is no address`);
  if (!kDate.test(item.pubDate ?? '')) say(`pubDate "${item.pubDate}" is no date of RFC 822`);
  else if (!item.pubDate.startsWith(new Date(item.pubDate.replace(/ [+-]\d{4}$/, ' +0000')).toUTCString().slice(0, 3))) say(`${item.pubDate} is another day of the week`);
  const { '@_url': url, '@_length': length, '@_type': mime } = item.enclosure ?? {};
  if (!absolute(url)) say(`enclosure ${url} is no address`);
  if (!/^[1-9]\d*$/.test(length ?? '')) say(`enclosure of length ${length}`);
  if (mime !== type) say(`enclosure is ${mime}, not ${type}`);
  if (!/^\d{2,}:[0-5]\d:[0-5]\d$/.test(item['itunes:duration'] ?? '')) say(`itunes:duration ${item['itunes:duration']}`);
  return told;
}

// type: 'video/mp4' or 'audio/mp4'.
export function feedComplaints(text, type) {
  const valid = XMLValidator.validate(text);
  if (valid !== true) return [`not well-formed: line ${valid.err.line}: ${valid.err.msg}`];
  const parser = new XMLParser({ ignoreAttributes: false, parseTagValue: false, isArray: (name) => name === 'item' });
  const { rss } = parser.parse(text);
  if (rss?.['@_version'] !== '2.0') return ['no RSS 2.0'];
  if (rss['@_xmlns:itunes'] !== 'http://www.itunes.com/dtds/podcast-1.0.dtd') return ['the iTunes namespace is another one'];
  const { channel } = rss;
  const told = kNeeds.filter((tag) => channel[tag] === undefined).map((tag) => `channel: no ${tag}`);
  if (!absolute(channel.link)) told.push(`channel: link ${channel.link} is no address`);
  if (!absolute(channel['itunes:image']?.['@_href'])) told.push('channel: itunes:image is no address');
  const guids = channel.item?.map(({ guid }) => guid?.['#text'] ?? guid) ?? [];
  if (new Set(guids).size !== guids.length) told.push('guids are not unique');
  return told.concat(...(channel.item ?? []).map((item) => complaintsOfItem(item, type)));
}

// A sitemap: its addresses, or complaints.
export function sitemapComplaints(text) {
  const valid = XMLValidator.validate(text);
  if (valid !== true) return [`not well-formed: line ${valid.err.line}: ${valid.err.msg}`];
  const { urlset } = new XMLParser({ ignoreAttributes: false, isArray: (name) => name === 'url' }).parse(text);
  if (urlset?.['@_xmlns'] !== 'http://www.sitemaps.org/schemas/sitemap/0.9') return ['no sitemap'];
  return urlset.url.filter(({ loc }) => !absolute(loc)).map(({ loc }) => `${loc} is no address`);
}
