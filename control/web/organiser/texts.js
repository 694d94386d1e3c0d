// What the organiser's page says, in German and English.
const de = {
  language: 'de', talks: 'Vorträge', none: 'Noch keine Vorträge: pult schedule import plan.csv --apply', organise: 'Organisation', cancel: 'Abbrechen', failed: 'Das ging nicht.', failedJob: 'Fehlgeschlagen', retry: 'Noch einmal versuchen',
  states: { planned: 'geplant', running: 'läuft', recorded: 'aufgezeichnet', draft: 'Entwurf', published: 'öffentlich', withdrawn: 'zurückgezogen', unrecorded: 'nicht aufgezeichnet', cancelled: 'entfällt' },
  jobs: { cut: 'Wird geschnitten', publish: 'Wird veröffentlicht', withdraw: 'Wird entfernt', export: 'Wird kopiert' }, notRecorded: 'nicht aufzeichnen', notRecordedLong: 'Ohne Einwilligung: wird nicht aufgezeichnet.',
  gap: (kind, from, to) => `${kind === 'missing' ? 'Es fehlt' : 'Aufgefüllt'}: ${from}–${to}`, removed: 'Entfernt', video: 'Video herunterladen', audio: 'Ton herunterladen', publish: 'Veröffentlichen', withdraw: 'Zurückziehen',
  publishQuestion: (title) => `„${title}“ wird für alle sichtbar: auf der Vortragsseite, im Podcast und zum Herunterladen.`,
  withdrawQuestion: (title) => `Von „${title}“ wird jede Kopie gelöscht: öffentliche Dateien, Entwurf und Aufzeichnung. Das lässt sich nicht rückgängig machen. Was andere schon heruntergeladen haben, bleibt dort.`,
  trim: 'Anfang und Ende ändern', begin: 'Anfang', end: 'Ende', seconds: 's', here: 'von hier', cut: 'Neu schneiden', picture: 'Bild', asOnAir: 'wie gesendet', soundLater: 'Ton später um', downloadAll: (count) => `Alle ${count} Videos herunterladen`, noAccess: 'Kein Zugang: Auf der Maschine des Raums gibt `pult desk --role organise` einen Link.', lost: 'Keine Verbindung zum Raum …',
};
const en = {
  language: 'en', talks: 'Talks', none: 'No talks yet: pult schedule import plan.csv --apply', organise: 'organisers', cancel: 'Cancel', failed: 'That did not work.', failedJob: 'Failed', retry: 'Try again',
  states: { planned: 'planned', running: 'running', recorded: 'recorded', draft: 'draft', published: 'public', withdrawn: 'withdrawn', unrecorded: 'not recorded', cancelled: 'cancelled' },
  jobs: { cut: 'Being cut', publish: 'Being published', withdraw: 'Being removed', export: 'Being copied' }, notRecorded: 'do not record', notRecordedLong: 'Without consent: it is not recorded.',
  gap: (kind, from, to) => `${kind === 'missing' ? 'Missing' : 'Filled in'}: ${from}–${to}`, removed: 'Removed', video: 'Download video', audio: 'Download audio', publish: 'Publish', withdraw: 'Withdraw',
  publishQuestion: (title) => `“${title}” becomes visible to everybody: on the talks page, in the podcast, and as a download.`,
  withdrawQuestion: (title) => `Every copy of “${title}” is deleted: public files, draft and recording. This cannot be undone. What others have downloaded already stays with them.`,
  trim: 'Change beginning and end', begin: 'Beginning', end: 'End', seconds: 's', here: 'from here', cut: 'Cut anew', picture: 'Picture', asOnAir: 'as on air', soundLater: 'Sound later by', downloadAll: (count) => `Download all ${count} videos`, noAccess: 'No access: on the room’s machine `pult desk --role organise` gives a link.', lost: 'No connection to the room …',
};

export function texts(languages) {
  const first = (languages ?? []).map((one) => one.slice(0, 2)).find((one) => one === 'de' || one === 'en');
  return first === 'en' ? en : de;
}
