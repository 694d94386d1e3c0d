// The report of a bench as Markdown: each figure beside its bar and beside the reference's. Pure.
import { reached } from './figures.mjs';

const kSameMachineOnly = 'figures of another machine are for comparison only';

function shown(value, { unit, digits }) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  return `${value.toFixed(digits)}${unit ? ` ${unit}` : ''}`;
}

function bar(figure) {
  if (figure.most !== undefined) return `≤ ${shown(figure.most, figure)}`;
  if (figure.least !== undefined) return `≥ ${shown(figure.least, figure)}`;
  return '';
}

function row(figure, reference) {
  const verdict = figure.most === undefined && figure.least === undefined ? '' : reached(figure) ? 'reached' : '**missed**';
  const was = reference?.figures.find(({ name }) => name === figure.name);
  return `| ${figure.name} | ${shown(figure.value, figure)} | ${bar(figure)} | ${verdict} | ${was ? shown(was.value, was) : ''} |`;
}

function tables(section) {
  return (section.tables ?? []).map(({ title, columns, rows }) =>
    [`${title}`, '', `| ${columns.join(' | ')} |`, `|${columns.map(() => '---').join('|')}|`, ...rows.map((cells) => `| ${cells.join(' | ')} |`), ''].join('\n'));
}

function sectionText(section, reference) {
  const warnings = section.warnings.map((text) => `> Warning: ${text}\n`);
  const notes = section.figures.filter(({ note }) => note).map(({ name, note }) => `- ${name}: ${note}`);
  return [
    `## ${section.title}`, '',
    `${section.date}, load ${section.load.toFixed(2)} and ${section.busy.toFixed(2)} cores busy before it${section.seconds ? `, ${section.seconds} s` : ''}. ${section.about}`, '',
    ...warnings,
    '| what | measured | bar | | reference |', '|---|---|---|---|---|',
    ...section.figures.map((figure) => row(figure, reference)), '',
    ...(notes.length > 0 ? [...notes, ''] : []),
    ...tables(section),
  ].join('\n');
}

export function markdown(result, reference) {
  const { cpu, memory, kernel } = result.machine;
  const missed = missedFigures(result);
  const failed = result.failed.length === 0 ? '' : `Could not be measured: ${result.failed.join(', ')}. `;
  const told = failed + (missed.length === 0 ? `All bars of ${result.sections.length} sections reached.` : `Below the bar: ${missed.join('; ')}.`);
  const compared = reference ? ` The reference is of ${reference.machine.cpu}; ${kSameMachineOnly}.` : '';
  return [
    '# Measured', '',
    `\`./dev bench\` on ${cpu}, ${memory}, Linux ${kernel}. ${told}${compared}`, '',
    ...result.sections.map((section) => sectionText(section, reference?.sections.find(({ name }) => name === section.name))),
  ].join('\n');
}

export function missedFigures(result) {
  return result.sections.flatMap((section) => section.figures.filter((one) => !reached(one)).map(({ name }) => `${section.title}: ${name}`));
}
