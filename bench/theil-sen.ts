export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The median of the slopes between all pairs of points: a few outliers do not move it. NaN for fewer than two. */
export function theilSenSlope(points: readonly Point[]): number {
  const slopes: number[] = [];
  for (const [at, a] of points.entries()) {
    for (const b of points.slice(at + 1)) if (b.x !== a.x) slopes.push((b.y - a.y) / (b.x - a.x));
  }
  slopes.sort((a, b) => a - b);
  const middle = (slopes.length - 1) / 2;
  return (slopes[Math.floor(middle)]! + slopes[Math.ceil(middle)]!) / 2;
}
