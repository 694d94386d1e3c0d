// What the desk says, in German and English. Both tables have the same keys (a test holds this).
export const kTexts = {
  de: {
    scenes: 'Szenen', onAir: 'Auf Sendung', preview: 'Vorschau', take: 'Schnitt', fade: 'Blende', fadeMs: 'ms', undo: 'Zurück',
    talk: 'Vortrag', running: 'Läuft', next: 'Als Nächstes', noTalks: 'Kein Programm geladen: „pult schedule import“, oder ohne Programm beginnen.',
    talkStart: 'Vortrag beginnt', talkStop: 'Vortrag endet', talkNext: 'Ende und nächster', talkExtend: '+ 5 min', chapter: 'Kapitel', setMark: 'Marke setzen',
    runsFor: 'seit {time}', left: 'noch {time}', overrun: '{time} überzogen', startsIn: 'in {time}', shouldRun: 'sollte seit {time} laufen',
    doNotRecord: 'NICHT AUFZEICHNEN', showSpeaker: 'Bauchbinde mit diesem Namen zeigen',
    recordingRuns: 'Aufzeichnung läuft', recordingOff: 'Keine Aufzeichnung, solange die Übertragung nicht läuft', recordingHeld: 'Aufzeichnung angehalten',
    recordingTrouble: 'AUFZEICHNUNG GESTÖRT: {why}', recordingUnknown: 'Aufzeichnung: keine Nachricht', freeMinutes: 'Platz für {minutes} min',
    hold: 'Einwilligung zurückgezogen:', holdAll: 'Beides anhalten', holdStream: 'Stream verbergen', holdArchive: 'Nichts aufzeichnen', holdOff: 'Aufheben', held: 'ANGEHALTEN: {what}', heldStream: 'Stream', heldArchive: 'Aufzeichnung',
    lowerThird: 'Bauchbinde', name: 'Name', function: 'Funktion', seconds: 'Sekunden', showIt: 'Zeigen', hide: 'Verbergen',
    ltHidden: 'Keine Bauchbinde zu sehen.', ltShown: 'Zu sehen: {name}', ltWanted: 'Kommt gleich: {name}', ltUntil: 'bis {time}',
    slate: 'Tafel über dem Stream', slateStart: 'Start', slatePause: 'Pause', slateFault: 'Störung', slateEnd: 'Ende', slateOff: 'Aus', until: 'bis',
    slateOn: 'Zuschauer sehen die Tafel: {kind}', showHead: 'Übertragung', showStart: 'Beginnen', showEnd: 'Beenden',
    confirmEnd: 'Die Übertragung wirklich beenden? Zuschauer sehen dann nichts mehr.',
    rehearsal: 'Probe', live: 'AUF SENDUNG', over: 'Beendet',
    alarms: 'Alarme', none: 'Keine. Alles läuft.', feeds: 'Zuspieler', events: 'Ereignisse',
    waiting: 'wartet', stateLive: 'da', stale: 'stockt', lost: 'weg', mute: 'Stumm', unmute: 'Hörbar', muted: 'stumm', silent: 'still', programme: 'Programm',
    connected: 'verbunden', reconnecting: 'Verbindung verloren, neuer Versuch …',
    noAccess: 'Kein Zugang. Auf dem Rechner des Raums „pult desk“ eingeben und den Link hier öffnen.',
    usedUp: 'Dieser Link ist verbraucht oder zu alt. „pult desk“ macht einen neuen.',
    keys: '1–9 Szene in die Vorschau · Leertaste oder Enter Schnitt · F Blende · U zurück · L Bauchbinde · H Bauchbinde weg · P Pausentafel · O Tafel aus',
    notShown: 'Angenommen, aber noch nicht zu sehen.', tooManyFaults: 'Der Raum antwortet nicht.',
  },
  en: {
    scenes: 'Scenes', onAir: 'On air', preview: 'Preview', take: 'Cut', fade: 'Fade', fadeMs: 'ms', undo: 'Undo',
    talk: 'Talk', running: 'Running', next: 'Next', noTalks: 'No schedule yet: `pult schedule import`, or start without one.',
    talkStart: 'Talk starts', talkStop: 'Talk ends', talkNext: 'End and next', talkExtend: '+ 5 min', chapter: 'Chapter', setMark: 'Set mark',
    runsFor: 'for {time}', left: '{time} left', overrun: '{time} over', startsIn: 'in {time}', shouldRun: 'should run since {time}',
    doNotRecord: 'DO NOT RECORD', showSpeaker: 'Show the lower third with this name',
    recordingRuns: 'Recording', recordingOff: 'No recording while the show is not live', recordingHeld: 'Recording is held',
    recordingTrouble: 'RECORDING FAILS: {why}', recordingUnknown: 'Recording: no word of it', freeMinutes: 'room for {minutes} min',
    hold: 'Consent withdrawn:', holdAll: 'Hold both', holdStream: 'Hide the stream', holdArchive: 'Record nothing', holdOff: 'Release', held: 'HELD: {what}', heldStream: 'stream', heldArchive: 'recording',
    lowerThird: 'Lower third', name: 'Name', function: 'Function', seconds: 'Seconds', showIt: 'Show', hide: 'Hide',
    ltHidden: 'No lower third is shown.', ltShown: 'Shown: {name}', ltWanted: 'Coming: {name}', ltUntil: 'until {time}',
    slate: 'Slate over the stream', slateStart: 'Start', slatePause: 'Break', slateFault: 'Fault', slateEnd: 'End', slateOff: 'Off', until: 'until',
    slateOn: 'Viewers see the slate: {kind}', showHead: 'Show', showStart: 'Start', showEnd: 'End',
    confirmEnd: 'Really end the show? Viewers will see nothing any more.',
    rehearsal: 'Rehearsal', live: 'ON AIR', over: 'Over',
    alarms: 'Alarms', none: 'None. All is well.', feeds: 'Feeds', events: 'Events',
    waiting: 'waiting', stateLive: 'live', stale: 'stale', lost: 'lost', mute: 'Mute', unmute: 'Unmute', muted: 'muted', silent: 'silent', programme: 'Programme',
    connected: 'connected', reconnecting: 'connection lost, trying again …',
    noAccess: 'No access. Type `pult desk` on the room’s machine and open its link here.',
    usedUp: 'This link is used up or too old. `pult desk` makes another.',
    keys: '1–9 scene into preview · space or Enter cut · F fade · U undo · L lower third · H hide it · P break slate · O slate off',
    notShown: 'Accepted, but not shown yet.', tooManyFaults: 'The room does not answer.',
  },
};

const language = (navigator.languages ?? ['en']).some((one, i) => i === 0 && one.toLowerCase().startsWith('de')) ? 'de' : 'en';
export const kLanguage = language;

export function text(key, values = {}) {
  return kTexts[language][key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
