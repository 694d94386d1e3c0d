// What the talks page says, in German and English.
const de = {
  language: 'de', talks: 'Vorträge', allTalks: '← Alle Vorträge', toLive: 'Zum Livestream', search: 'Suche', track: 'Reihe', allTracks: 'Alle Reihen', more: 'Weitere anzeigen',
  noDay: 'Ohne Datum', count: (n) => (n === 0 ? 'Kein Vortrag gefunden' : n === 1 ? '1 Vortrag' : `${n.toLocaleString('de')} Vorträge`), feed: 'Podcast (Video)', feedAudio: 'Podcast (Audio)',
  video: 'Video herunterladen', audio: 'Nur Ton herunterladen', chapters: 'Kapitel', share: 'Teilen', link: 'Link', copy: 'Link kopieren', copied: 'Kopiert', fromHere: 'ab der gezeigten Stelle',
  gaps: (spans) => `Die Aufzeichnung hat Lücken: ${spans}`, failed: 'Die Seite konnte nicht geladen werden. Bitte versuchen Sie es noch einmal.',
};
const en = {
  language: 'en', talks: 'Talks', allTalks: '← All talks', toLive: 'To the live stream', search: 'Search', track: 'Track', allTracks: 'All tracks', more: 'Show more',
  noDay: 'Without a date', count: (n) => (n === 0 ? 'No talk found' : n === 1 ? '1 talk' : `${n.toLocaleString('en')} talks`), feed: 'Podcast (video)', feedAudio: 'Podcast (audio)',
  video: 'Download video', audio: 'Download audio only', chapters: 'Chapters', share: 'Share', link: 'Link', copy: 'Copy link', copied: 'Copied', fromHere: 'from where the player is',
  gaps: (spans) => `The recording has gaps: ${spans}`, failed: 'The page could not be loaded. Please try again.',
};

export function texts(languages) {
  const first = (languages ?? []).map((one) => one.slice(0, 2)).find((one) => one === 'de' || one === 'en');
  const chosen = first === 'en' ? en : de;
  const day = (date) => new Date(`${date}T12:00:00`).toLocaleDateString(chosen.language, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
  return { ...chosen, day };
}
