import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the heap near what is in use. Readings live for one scrape interval: a larger young generation only collects
 * garbage (with 2,000 endpoints it held 70 MB more and saved no time), and what has outlived it fills the old one, which
 * by itself grows to twice what is needed before it is looked through (100 MB more, in the same CPU time).
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=50');
}
