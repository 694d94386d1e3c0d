// What a section found: figures, each with its bar where there is one, and what else is worth reading. Plain values; they are the
// JSON report.

// bar: {most} or {least}. `note`: how it was measured, when the name does not say.
export function figure(name, value, unit, { most, least, note, digits = 2 } = {}) {
  return { name, value, unit, most, least, note, digits };
}

// No bar: true. A value that could not be had is below every bar.
export function reached({ value, most, least }) {
  if (most === undefined && least === undefined) return true;
  if (value === null || !Number.isFinite(value)) return false;
  return (most === undefined || value <= most) && (least === undefined || value >= least);
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? null : sorted[Math.floor(sorted.length / 2)];
}
