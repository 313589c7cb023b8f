import type { TimelineNote, TimelineRow } from './timeline.ts';

const width = 960;
const panelHeight = 150;
const left = 48;
const right = 16;
const plotWidth = width - left - right;

interface Line {
  readonly name: string;
  readonly colour: string;
  readonly take: (row: TimelineRow) => number | undefined;
}

const requests: readonly Line[] = [
  { name: 'load (requests open)', colour: '#8a8a8a', take: (row) => row.load },
  { name: 'value (reported)', colour: '#c2410c', take: (row) => row.value },
];
const replicas: readonly Line[] = [
  { name: 'desired replicas', colour: '#1d4ed8', take: (row) => row.desired },
  { name: 'ready replicas', colour: '#15803d', take: (row) => row.ready },
];

/** Two panels over one time axis: requests above, replicas below, with a mark for each thing done to them. */
export function renderTimeline(title: string, rows: readonly TimelineRow[], notes: readonly TimelineNote[]): string {
  const end = Math.max(1, rows.at(-1)?.seconds ?? 1, ...notes.map(({ seconds }) => seconds));
  const x = (seconds: number): number => left + (seconds / end) * plotWidth;
  const marks = notes.map(({ seconds, text }, index) => {
    const at = x(seconds).toFixed(1);
    const y = 2 * panelHeight + 96 + 14 * index;
    const rule = `<line x1="${at}" x2="${at}" y1="36" y2="${y - 4}" stroke="#d4d4d8" stroke-dasharray="3 3"/>`;
    const anchor = seconds > end / 2 ? 'end' : 'start';
    return `${rule}<text x="${at}" y="${y}" text-anchor="${anchor}">${seconds.toFixed(1)} s ${escaped(text)}</text>`;
  });
  const height = 2 * panelHeight + 104 + 14 * notes.length;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="${left}" y="18" font-size="14">${escaped(title)}</text>
${marks.join('\n')}
${panel(rows, requests, 36, x)}
${panel(rows, replicas, 36 + panelHeight + 24, x)}
<text x="${width - right}" y="${36 + 2 * panelHeight + 40}" text-anchor="end">${end.toFixed(0)} s</text>
</svg>
`;
}

function panel(
  rows: readonly TimelineRow[],
  lines: readonly Line[],
  top: number,
  x: (seconds: number) => number,
): string {
  const values = rows.flatMap((row) => lines.map(({ take }) => take(row) ?? 0));
  const most = Math.max(1, ...values);
  const y = (value: number): number => top + panelHeight - (value / most) * (panelHeight - 12);
  const axis = `<path d="M${left} ${top}V${top + panelHeight}H${width - right}" fill="none" stroke="#a1a1aa"/>`;
  const scale = `<text x="${left - 4}" y="${y(most) + 4}" text-anchor="end">${Number(most.toFixed(1))}</text>`;
  const paths = lines.map((line, index) => {
    const legend = `<text x="${left + 8 + 170 * index}" y="${top + 10}" fill="${line.colour}">${line.name}</text>`;
    return `${legend}<path d="${steps(rows, line, x, y)}" fill="none" stroke="${line.colour}" stroke-width="1.5"/>`;
  });
  return [axis, scale, ...paths].join('\n');
}

/** A value holds until the next one; where there is none the line is broken. */
function steps(
  rows: readonly TimelineRow[],
  { take }: Line,
  x: (seconds: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  let isDrawing = false;
  for (const row of rows) {
    const value = take(row);
    const across = x(row.seconds).toFixed(1);
    if (value === undefined) path += isDrawing ? `H${across}` : '';
    else path += isDrawing ? `H${across}V${y(value).toFixed(1)}` : `M${across} ${y(value).toFixed(1)}`;
    isDrawing = value !== undefined;
  }
  return path;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
