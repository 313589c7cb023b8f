import { setFlagsFromString } from 'node:v8';

/**
 * Keeps this thread's young generation at the few megabytes it starts with. Readings live for one scrape interval, so a
 * larger one only collects garbage: with 2,000 endpoints it held 70 MB more and saved no time.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
