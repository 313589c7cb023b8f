import type { Point } from './theil-sen.ts';

export interface Line {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly Point[];
}

const [width, height, margin] = [800, 320, 50];

/** A small picture of lines over time; both axes begin at 0. */
export function lineChart(
  title: string,
  axes: { readonly x: string; readonly y: string },
  lines: readonly Line[],
): string {
  const all = lines.flatMap(({ points }) => points);
  const [mostX, mostY] = [Math.max(...all.map(({ x }) => x)), 1.1 * Math.max(...all.map(({ y }) => y))];
  const at = ({ x, y }: Point): string =>
    `${(margin + ((width - 2 * margin) * x) / mostX).toFixed(1)},${(height - margin - ((height - 2 * margin) * y) / mostY).toFixed(1)}`;
  const drawn = lines.map(({ colour, points }) => {
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${points.map(at).join(' ')}"/>`;
  });
  const names = lines.map(({ name, colour }, nth) => {
    return `<text x="${margin + 10 + nth * 140}" y="${height - 8}" fill="${colour}">${name}</text>`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    `<text x="${at({ x: share * mostX, y: 0 }).split(',')[0]}" y="${height - margin + 16}" text-anchor="middle">${(share * mostX).toFixed(0)}</text>`,
    `<text x="${margin - 6}" y="${at({ x: 0, y: share * mostY }).split(',')[1]}" text-anchor="end">${(share * mostY).toFixed(0)}</text>`,
  ]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="${width / 2}" y="20" text-anchor="middle" font-size="14">${title}</text>`,
    `<path d="M${margin} ${margin}V${height - margin}H${width - margin}" fill="none" stroke="black"/>`,
    `<text x="${width - margin}" y="${height - 8}" text-anchor="end">${axes.x}</text>`,
    `<text x="8" y="${margin - 12}">${axes.y}</text>`,
    ...ticks,
    ...drawn,
    ...names,
    '</svg>\n',
  ].join('\n');
}
