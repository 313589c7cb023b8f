import type { WireScaledObjectRef } from '../src/simulate/keda/scaler.ts';
import type { HostileKind, HostileServer } from './hostile-server.ts';

/** Services called `many-0` and so on, in the namespace `hostile`. */
export const crowds = 8;

/** As often as a trigger may ask. */
const often = { scrapeInterval: '100ms', scrapeTimeout: '90ms' };

function hostileRef(name: string, metadata: Readonly<Record<string, string>>): WireScaledObjectRef {
  return {
    name,
    namespace: 'hostile',
    scalerMetadata: { scalerAddress: 'scaler:6000', targetValue: '1', ...metadata },
  };
}

/** Triggers that do whatever metadata lets them do, over servers that do the rest. With `restlessTriggers` they are 50. */
export function hostileTriggers(server: HostileServer): WireScaledObjectRef[] {
  const some = (kind: HostileKind, count: number, endpoints: number): WireScaledObjectRef[] =>
    Array.from({ length: count }, (_, nth) => {
      const urls = Array.from({ length: endpoints }, (_each, at) => server.url(kind, nth * endpoints + at));
      return hostileRef(`${kind}-${nth}`, { endpoints: urls.join(','), ...often });
    });
  return [
    ...some('huge', 6, 2),
    ...some('labels', 6, 1),
    ...some('bomb', 6, 2),
    ...some('endless', 6, 2),
    ...some('redirect', 6, 10),
    ...some('silent', 6, 20),
    ...many(crowds),
  ];
}

/** Of Services with more endpoints than one trigger may have. */
function many(count: number): WireScaledObjectRef[] {
  return Array.from({ length: count }, (_, nth) => hostileRef(`many-${nth}`, { service: `many-${nth}`, ...often }));
}

/** To be asked about with other metadata each time. */
export function restlessTriggers(server: HostileServer): WireScaledObjectRef[] {
  return Array.from({ length: 6 }, (_, nth) =>
    hostileRef(`restless-${nth}`, { endpoints: server.url('tiny', 100 + nth), ...often }),
  );
}
