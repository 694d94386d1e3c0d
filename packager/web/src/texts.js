// What the page says, in German and English. Both tables have the same keys (a test holds this).
export const kTexts = {
  de: {
    title: 'Livestream',
    player: 'Livestream',
    before: 'Die Übertragung hat noch nicht begonnen.',
    beforeAt: 'Die Übertragung beginnt {when}.',
    atTime: 'um {time} Uhr',
    atDay: 'am {day} um {time} Uhr',
    starting: 'Gleich geht es los.',
    ready: 'Die Übertragung läuft.',
    live: 'Live',
    badgeBefore: 'Noch nicht live',
    badgeStart: 'Gleich',
    badgePause: 'Pause',
    badgeFault: 'Störung',
    badgeEnd: 'Ende',
    badgeOver: 'Beendet',
    slateStart: 'Gleich geht es los.',
    slatePause: 'Pause. Gleich geht es weiter.',
    slatePauseUntil: 'Pause. Weiter geht es um {time} Uhr.',
    slateFault: 'Kurze Störung. Gleich geht es weiter.',
    slateEnd: 'Die Übertragung endet. Danke fürs Zuschauen.',
    over: 'Die Übertragung ist beendet. Danke fürs Zuschauen.',
    unreachable: 'Keine Verbindung. Wir versuchen es weiter …',
    reconnecting: 'Verbindung wird wiederhergestellt …',
    unsupported: 'Dieser Browser kann den Stream leider nicht abspielen.',
    speaker: 'mit {names}',
    quality: 'Qualität',
    auto: 'Automatisch',
    autoNow: 'Automatisch ({now})',
    keysTitle: 'Tastatur',
    keyPlay: 'Abspielen, Pause',
    keyLive: 'Zurück zu Live',
    keySeek: '10 Sekunden zurück, vor',
    keyVolume: 'lauter, leiser',
    keyMute: 'Ton aus, an',
    keyFullscreen: 'Vollbild',
    keySpace: 'Leertaste',
  },
  en: {
    title: 'Livestream',
    player: 'Livestream',
    before: 'The stream has not started yet.',
    beforeAt: 'The stream starts {when}.',
    atTime: 'at {time}',
    atDay: 'on {day} at {time}',
    starting: 'Starting any moment.',
    ready: 'The stream is on.',
    live: 'Live',
    badgeBefore: 'Not live yet',
    badgeStart: 'Soon',
    badgePause: 'Break',
    badgeFault: 'Disturbance',
    badgeEnd: 'Ending',
    badgeOver: 'Over',
    slateStart: 'Starting any moment.',
    slatePause: 'Break. Back soon.',
    slatePauseUntil: 'Break. Back at {time}.',
    slateFault: 'A short disturbance. Back in a moment.',
    slateEnd: 'The stream is ending. Thank you for watching.',
    over: 'The stream is over. Thank you for watching.',
    unreachable: 'No connection. We keep trying …',
    reconnecting: 'Reconnecting …',
    unsupported: 'Sorry, this browser cannot play the stream.',
    speaker: 'with {names}',
    quality: 'Quality',
    auto: 'Automatic',
    autoNow: 'Automatic ({now})',
    keysTitle: 'Keyboard',
    keyPlay: 'Play, pause',
    keyLive: 'Jump to live',
    keySeek: '10 seconds back, forward',
    keyVolume: 'Louder, quieter',
    keyMute: 'Sound off, on',
    keyFullscreen: 'Full screen',
    keySpace: 'Space',
  },
};

// The first of the browser's languages that we speak; English for all others.
export function pickLanguage(preferred) {
  for (const tag of preferred ?? []) {
    const language = String(tag).toLowerCase().split('-')[0];
    if (Object.hasOwn(kTexts, language)) return language;
  }
  return 'en';
}

export function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}
