// Pure parts of the talks page: order, search, times and sizes as text.

// Umlauts and accents away, lower case: "Bürger" is found by "burger" and by "buerger".
export function normal(text) {
  return text.toLowerCase().replaceAll('ä', 'ae').replaceAll('ö', 'oe').replaceAll('ü', 'ue').replaceAll('ß', 'ss').normalize('NFD').replace(/\p{M}/gu, '').trim();
}

const plain = (text) => text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');

// What a talk is found by.
export function found(talk) {
  const text = [talk.title, talk.subtitle, (talk.persons ?? []).join(' '), talk.track, talk.abstract].filter(Boolean).join(' ');
  return `${normal(text)} ${plain(text)}`;
}

export const matches = (haystack, words) => words.every((word) => haystack.includes(word));

export const byDay = (talks) => [...talks].sort((a, b) => (a.date ?? '').localeCompare(b.date ?? '') || a.title.localeCompare(b.title));

// "45:00", "1:02:03".
export function clock(seconds) {
  if (!Number.isFinite(seconds)) return '';
  const whole = Math.floor(seconds);
  const two = (number) => String(number).padStart(2, '0');
  return whole >= 3600 ? `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}` : `${Math.floor(whole / 60)}:${two(whole % 60)}`;
}

export function sizeText(bytes, language) {
  const [value, unit] = bytes >= 1e9 ? [bytes / 1e9, 'GB'] : [bytes / 1e6, 'MB'];
  return `${value.toLocaleString(language, { maximumFractionDigits: value < 10 ? 1 : 0 })} ${unit}`;
}

// "deu" → "Deutsch", in the reader's language; the code itself where the browser knows no name.
export function languageName(code, reader) {
  try {
    return new Intl.DisplayNames([reader], { type: 'language' }).of(code);
  } catch {
    return code;
  }
}

// "#t=1:02:03" or "#t=90"; null for no time.
export function timeInHash(hash) {
  const time = /^#t=(\d+(?::\d+){0,2}(?:\.\d+)?)/.exec(hash)?.[1];
  return time === undefined ? null : time.split(':').reduce((all, part) => all * 60 + Number(part), 0);
}
