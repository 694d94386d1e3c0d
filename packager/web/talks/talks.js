// The talks page: all talks by day, with search, and one talk with its player. Static files only; nothing is asked of another host.
import { texts } from './talks_texts.js';
import { byDay, clock, found, languageName, matches, normal, sizeText, timeInHash } from './talks_list.js';

const kFirst = 60; // entries that are drawn at once; more as the reader comes near
const main = document.getElementById('talks');
const say = texts(navigator.languages);
document.documentElement.lang = say.language;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? '' : value);
  made.append(...children.filter((child) => child !== null && child !== ''));
  return made;
}

const persons = (talk) => (talk.persons ?? []).join(', ');

// --- the list ---

function entry(talk) {
  const poster = element('img', { src: `${talk.slug}/poster.jpg`, alt: '', loading: 'lazy', width: 320, height: 180 });
  return element('li', {}, element('a', { href: `${talk.slug}/` }, poster,
    element('span', { class: 'about' }, element('span', { class: 'title' }, talk.title), element('span', { class: 'persons' }, persons(talk)),
      element('span', { class: 'facts' }, [talk.track, clock(talk.duration)].filter(Boolean).join(' · ')))));
}

// Draws entries a screen at a time: five thousand at once would keep the page from answering.
class Drawn {
  constructor(into) {
    this.into = into;
    this.more = element('button', { class: 'more', type: 'button' }, say.more);
    this.more.addEventListener('click', () => this.draw(kFirst));
    this.near = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.draw(kFirst), { rootMargin: '1200px' });
  }

  show(talks) {
    this.near.disconnect();
    this.left = talks;
    this.day = null;
    this.into.replaceChildren();
    this.draw(kFirst);
  }

  draw(count) {
    this.more.remove();
    for (const talk of this.left.splice(0, count)) {
      const day = (talk.date ?? '').slice(0, 10);
      if (day !== this.day) {
        this.day = day;
        this.list = element('ol', { class: 'day' });
        this.into.append(element('h2', {}, day ? say.day(day) : say.noDay), this.list);
      }
      this.list.append(entry(talk));
    }
    if (this.left.length === 0) return;
    this.into.append(this.more);
    this.near.observe(this.more);
  }
}

async function showList() {
  const index = await (await fetch('index.json')).json();
  const talks = byDay(index.talks);
  const title = [say.talks, index.event || index.room].filter(Boolean).join(' – ');
  document.title = title;
  const search = element('input', { type: 'search', id: 'search', autocomplete: 'off' });
  const track = element('select', { id: 'track' }, element('option', { value: '' }, say.allTracks));
  for (const name of [...new Set(talks.map((talk) => talk.track).filter(Boolean))].sort()) track.append(element('option', { value: name }, name));
  const count = element('p', { role: 'status', class: 'count' });
  const list = element('div');
  main.replaceChildren(element('header', {}, element('a', { href: '/' }, say.toLive), element('h1', {}, title),
    element('form', { role: 'search', class: 'find' }, element('label', { for: 'search' }, say.search), search,
      track.options.length > 1 ? element('label', { for: 'track' }, say.track) : null, track.options.length > 1 ? track : null), count),
  list, element('footer', {}, element('a', { href: 'feed.xml' }, say.feed), ' · ', element('a', { href: 'feed-audio.xml' }, say.feedAudio)));
  const drawn = new Drawn(list);
  const haystacks = talks.map(found);
  const show = () => {
    const words = normal(search.value).split(' ').filter(Boolean);
    const chosen = talks.filter((talk, i) => matches(haystacks[i], words) && (!track.value || talk.track === track.value));
    count.textContent = say.count(chosen.length);
    drawn.show(chosen);
    const query = search.value ? `?q=${encodeURIComponent(search.value)}` : location.pathname;
    history.replaceState(null, '', query);
  };
  search.value = new URLSearchParams(location.search).get('q') ?? '';
  search.addEventListener('input', show);
  track.addEventListener('change', show);
  main.querySelector('form').addEventListener('submit', (event) => event.preventDefault());
  show();
  document.body.dataset.ready = 'list';
}

// --- one talk ---

function downloads(talk) {
  return (talk.recordings ?? []).map((file) => element('a', { class: 'button', href: `${file.filename}?download`, download: file.download },
    `${file.mime_type.startsWith('video') ? say.video : say.audio} (${[sizeText(file.bytes, say.language), clock(file.length)].join(', ')})`));
}

function chapterList(talk, video) {
  if (!talk.chapters?.length) return null;
  const list = element('ol', { class: 'chapters', 'aria-label': say.chapters });
  for (const { at, title } of talk.chapters) {
    const button = element('button', { type: 'button' }, element('span', { class: 'time' }, clock(at)), ` ${title}`);
    button.addEventListener('click', () => {
      video.currentTime = at;
      video.play();
    });
    list.append(element('li', {}, button));
  }
  return element('section', {}, element('h2', {}, say.chapters), list);
}

// A link that begins where the player is.
function share(video) {
  const field = element('input', { type: 'text', readonly: true, id: 'link', value: location.href.split('#')[0] });
  const fromHere = element('input', { type: 'checkbox', id: 'from-here' });
  const copy = element('button', { type: 'button' }, say.copy);
  const update = () => {
    const at = Math.floor(video.currentTime);
    field.value = location.href.split('#')[0] + (fromHere.checked && at > 0 ? `#t=${at}` : '');
  };
  fromHere.addEventListener('change', update);
  video.addEventListener('timeupdate', update);
  copy.addEventListener('click', async () => {
    update();
    field.select();
    await navigator.clipboard?.writeText(field.value).catch(() => document.execCommand('copy'));
    copy.textContent = say.copied;
  });
  return element('section', { class: 'share' }, element('h2', {}, say.share), element('label', { for: 'link' }, say.link), field, copy,
    element('label', { for: 'from-here', class: 'check' }, fromHere, say.fromHere));
}

async function showTalk() {
  const talk = await (await fetch('talk.json')).json();
  document.title = `${talk.title} – ${talk.event ?? ''}`;
  const video = element('video', { controls: true, preload: 'metadata', poster: 'poster.jpg', playsinline: true, src: 'video.mp4', 'aria-label': talk.title });
  for (const track of main.querySelectorAll('track')) {
    video.append(element('track', { kind: 'captions', src: track.getAttribute('src'), srclang: track.srclang, label: languageName(track.srclang, say.language) }));
  }
  const seek = () => {
    const at = timeInHash(location.hash);
    if (at !== null) video.currentTime = at;
  };
  video.addEventListener('loadedmetadata', seek, { once: true });
  window.addEventListener('hashchange', seek);
  const gaps = talk.gaps?.length ? element('p', { class: 'gaps' }, say.gaps(talk.gaps.map(({ begin, end }) => `${clock(begin)}–${clock(end)}`).join(', '))) : null;
  main.replaceChildren(element('header', {}, element('a', { href: '../' }, say.allTalks), element('h1', { lang: talk.language?.slice(0, 2) }, talk.title),
    element('p', { class: 'persons' }, persons(talk)), element('p', { class: 'facts' }, [talk.date ? say.day(talk.date.slice(0, 10)) : '', talk.track, clock(talk.duration), talk.licence].filter(Boolean).join(' · '))),
  video, gaps ?? '', element('p', { class: 'downloads' }, ...downloads(talk)), talk.abstract ? element('p', { class: 'abstract', lang: talk.language?.slice(0, 2) }, talk.abstract) : '',
  chapterList(talk, video) ?? '', share(video));
  document.body.dataset.ready = 'talk';
}

function failed(error) {
  console.error(error);
  main.replaceChildren(element('h1', {}, say.talks), element('p', { role: 'alert' }, say.failed));
}

(document.body.dataset.talk ? showTalk() : showList()).catch(failed);
