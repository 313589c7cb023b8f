import type { Finding } from '../finding.ts';
import type { ScaledObjectSource } from '../scaled-object-source.ts';
import { findingOn, specNumber, specSpan } from '../scaled-object-source.ts';
import { child } from '../source-node.ts';

/** True where the workload may go to zero: KEDA's default. */
export function goesToZero(object: ScaledObjectSource): boolean {
  const least = specNumber(object, 'minReplicaCount') ?? specNumberOrNothing(object);
  return least === 0 || specNumber(object, 'idleReplicaCount') === 0;
}

function specNumberOrNothing(object: ScaledObjectSource): number | undefined {
  return child(object.spec, 'minReplicaCount') === undefined ? 0 : undefined;
}

/** At zero something has to count the request that should wake the workload. */
export function zeroRule(object: ScaledObjectSource): Finding[] {
  if (!goesToZero(object)) return [];
  // What others look at, a schedule or a queue, may wake it.
  if (object.triggers.length > object.ours.length) return [];
  const all = object.ours.map(({ parsed }) => parsed);
  if (all.length === 0 || all.some((metadata) => metadata === undefined || metadata.gateway !== undefined)) return [];
  const given = child(object.spec, 'minReplicaCount') === undefined ? 'left out, so it is 0' : '0';
  return [
    findingOn(object, {
      rule: 'zero-without-gateway',
      severity: 'error',
      key: 'spec.minReplicaCount',
      span: specSpan(object, 'minReplicaCount'),
      words: `"minReplicaCount" is ${given}, and no trigger names a gateway: write "minReplicaCount: 1" or add "gatewayService"`,
      why: 'with no replica there is no page, so no request can wake the workload: it stays at zero',
      mend: 'minReplicaCount: 1',
    }),
  ];
}

/** Pages at fixed addresses can't say that nothing runs. */
export function fixedEndpointsRule(object: ScaledObjectSource): Finding[] {
  if (!goesToZero(object)) return [];
  return object.ours.flatMap((trigger) => {
    if (trigger.parsed?.location.kind !== 'endpoints') return [];
    return [
      findingOn(object, {
        rule: 'zero-with-endpoints',
        severity: 'error',
        key: `spec.triggers[${trigger.at}].metadata.endpoints`,
        span: trigger.metadata.get('endpoints')?.key ?? trigger.node.span,
        words: '"endpoints" expects "minReplicaCount" of at least 1',
        why: 'the list is fixed: at zero its pages are unreadable, which is never taken for idle',
        mend: 'minReplicaCount: 1',
      }),
    ];
  });
}
