import type { EndpointSnapshot, EndpointSource } from './endpoint.ts';

/** Nothing known. */
export const nothingYet: EndpointSnapshot = {
  synced: false,
  endpoints: [],
  replicas: undefined,
  pollingIntervalMs: undefined,
  problem: undefined,
  invalid: false,
};

export function unknownBecause(problem: string | undefined): EndpointSnapshot {
  return { ...nothingYet, problem };
}

/** Nothing to be known until the user has mended something. */
export function refused(problem: string): EndpointSnapshot {
  return { ...nothingYet, problem, invalid: true };
}

/** A source that says the same for ever. */
export function fixedSource(discovered: EndpointSnapshot): EndpointSource {
  return { current: () => discovered, subscribe: () => () => undefined, close: () => undefined };
}
