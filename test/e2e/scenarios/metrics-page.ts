import { get } from 'node:http';

export function metricsPage(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    }).once('error', reject);
  });
}

/** The sum of a family's samples, of all or of those whose labels are as asked. */
export function sumOf(page: string, family: string, areLabels: (labels: string) => boolean = () => true): number {
  let sum = 0;
  for (const line of page.split('\n')) {
    const match = /^([a-z_]+)(?:\{(.*)\})? (\S+)/.exec(line);
    if (match?.[1] === family && areLabels(match[2] ?? '')) sum += Number(match[3]);
  }
  return sum;
}

/** The bucket limit under which this share of a histogram's observations since `before` lies, all series together. */
export function quantileSince(before: string, page: string, family: string, share: number): number {
  const old = bucketsOf(before, family);
  const buckets = bucketsOf(page, family);
  const countOf = (limit: number): number => buckets.get(limit)! - (old.get(limit) ?? 0);
  const limits = [...buckets.keys()].sort((a, b) => a - b);
  const all = countOf(Number.POSITIVE_INFINITY);
  return limits.find((limit) => countOf(limit) >= share * all) ?? Number.POSITIVE_INFINITY;
}

function bucketsOf(page: string, family: string): Map<number, number> {
  const buckets = new Map<number, number>();
  for (const line of page.split('\n')) {
    const match = /^([a-z_]+)_bucket\{.*le="([^"]+)".*\} (\S+)/.exec(line);
    if (match?.[1] !== family) continue;
    const limit = match[2] === '+Inf' ? Number.POSITIVE_INFINITY : Number(match[2]);
    buckets.set(limit, (buckets.get(limit) ?? 0) + Number(match[3]));
  }
  return buckets;
}
