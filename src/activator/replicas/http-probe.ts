import { request } from 'undici';
import type { Probe } from './probed-replicas.ts';

const answerWithinMs = 2000;

/** Asks for `path`: a replica that answers 2xx is ready. */
export function httpProbe(path: string): Probe {
  return async ({ origin }, signal) => {
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]);
      const { statusCode, body } = await request(`${origin}${path}`, { signal: limit });
      await body.dump({ limit: 64 * 1024, signal: limit });
      return statusCode >= 200 && statusCode < 300;
    } catch {
      return false;
    }
  };
}
