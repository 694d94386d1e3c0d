// Draws the talk that runs and the one that comes, what is written of them, and what is held. Texts of strangers go in as text.
import { spanOf } from './spans.js';
import { text } from './texts.js';
import { byId, clockOf, element, replace } from './view.js';

// How a talk stands in time, in words, and whether it wants a look: {words, tint}.
export function timeOf(talk) {
  const runs = text('runsFor', { time: spanOf(talk.runs_s) });
  if (talk.left_s === null || talk.left_s === undefined) return { words: runs, tint: '' };
  if (talk.left_s < 0) return { words: `${runs} · ${text('overrun', { time: spanOf(talk.left_s) })}`, tint: 'warn' };
  return { words: `${runs} · ${text('left', { time: spanOf(talk.left_s) })}`, tint: '' };
}

// What the recording does, in words: {words, tint}. `recording` and `hold` as of the status; either may be null.
export function recordingOf(recording, hold) {
  if (hold?.archive) return { words: text('recordingHeld'), tint: 'warn' };
  if (!recording) return { words: text('recordingUnknown'), tint: 'quiet' };
  if (recording.state === 'trouble') return { words: text('recordingTrouble', { why: recording.trouble ?? '' }), tint: 'bad' };
  const minutes = recording.free_minutes;
  const room = typeof minutes === 'number' ? ` · ${text('freeMinutes', { minutes })}` : '';
  const tint = typeof minutes === 'number' && minutes < 10 ? (minutes < 2 ? 'bad' : 'warn') : recording.state === 'recording' ? 'good' : 'quiet';
  return { words: text(recording.state === 'recording' ? 'recordingRuns' : 'recordingOff') + room, tint };
}

const optedOut = () => element('strong', { className: 'never', content: text('doNotRecord') });

function line(label, talk, time) {
  const speakers = (talk.speakers ?? []).join(', ');
  return element('div', { className: 'talk' }, [
    element('span', { className: 'quiet', content: label }),
    element('strong', { content: talk.title }),
    element('span', { className: 'quiet', content: speakers }),
    element('span', { className: time.tint, content: time.words }),
    ...(talk.record === false ? [optedOut()] : []),
  ]);
}

function nextLine(next) {
  const late = next.starts_in_s < 0;
  const when = `${clockOf(next.start).slice(0, 5)} · ${text(late ? 'shouldRun' : 'startsIn', { time: spanOf(next.starts_in_s) })}`;
  return line(text('next'), next, { words: when, tint: late ? 'warn' : '' });
}

// `act`: {speaker(number)} for the buttons that come and go with the talk.
export function drawTalk(status, act) {
  const { talk, hold } = status;
  const running = talk?.id ? talk : null;
  const next = talk?.next ?? null;
  const lines = [];
  if (running) lines.push(line(text('running'), running, timeOf(running)));
  if (next) lines.push(nextLine(next));
  if (!talk) lines.push(element('p', { className: 'quiet', content: text('noTalks') }));
  byId('talks').replaceChildren(...lines);

  byId('talk-start').disabled = running !== null;
  byId('talk-stop').disabled = running === null;
  byId('talk-extend').disabled = running === null || (running.left_s ?? null) === null;
  byId('talk-next').disabled = running === null || next === null;
  byId('talk-mark').disabled = running === null;
  byId('mark-set').disabled = running === null;
  replace(byId('speakers'), (running?.speakers ?? []).map((name, index) => element('button', {
    type: 'button', content: name, title: text('showSpeaker'), onclick: () => act.speaker(index + 1),
  })));

  const recording = recordingOf(status.recording, hold);
  byId('recording').textContent = recording.words;
  byId('recording').className = recording.tint;
  const held = hold ? [hold.stream && text('heldStream'), hold.archive && text('heldArchive')].filter(Boolean).join(', ') : '';
  byId('held').hidden = !hold;
  byId('held').textContent = hold ? `${text('held', { what: held })}${hold.why ? ` (${hold.why})` : ''}` : '';
  byId('hold-off').disabled = !hold;
}
