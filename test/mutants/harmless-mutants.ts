import type { HarmlessMutant } from './mutant.ts';

/** Slips that change nothing anybody could see. `find` and `replace` without the spaces around them. */
export const harmlessMutants: readonly HarmlessMutant[] = [];
