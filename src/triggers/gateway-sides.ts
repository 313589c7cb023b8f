import type { GatewaySide } from '../aggregation/gateway-share.ts';
import type { Trigger } from './trigger.ts';
import { gatewayModels } from './trigger.ts';

/**
 * Which triggers look at the same number of the same gateway, so that none of them counts all of it. Only within one
 * namespace: who may write there could take a share by the workload itself, and nobody else may.
 */
export class GatewaySides {
  /** Emptied as triggers are dropped. */
  readonly #byGateway = new Map<string, Set<Trigger>>();

  add(trigger: Trigger): void {
    const key = gatewayKey(trigger);
    if (key !== undefined) this.#byGateway.set(key, (this.#byGateway.get(key) ?? new Set()).add(trigger));
  }

  remove(trigger: Trigger): void {
    const key = gatewayKey(trigger);
    const behind = key === undefined ? undefined : this.#byGateway.get(key);
    behind?.delete(trigger);
    if (behind?.size === 0) this.#byGateway.delete(key!);
  }

  /** The other workloads behind a trigger's gateway, each once, whatever the number of its triggers. */
  beside(trigger: Trigger): readonly GatewaySide[] {
    const key = gatewayKey(trigger);
    const behind = key === undefined ? undefined : this.#byGateway.get(key);
    if (behind === undefined || behind.size < 2) return [];
    const sides = new Map<string, GatewaySide>();
    for (const other of behind) {
      if (other.name === trigger.name) continue;
      const { engines, readyReplicas } = other.side;
      const known = sides.get(other.name);
      sides.set(other.name, { engines: Math.max(known?.engines ?? 0, engines), readyReplicas });
    }
    return [...sides.values()];
  }
}

/** The same for triggers to which one page says the same number; `undefined` where there is none to share. */
function gatewayKey({ namespace, metadata }: Trigger): string | undefined {
  const { gateway } = metadata;
  if (gateway === undefined) return undefined;
  const { location, port, path, engine } = gateway;
  const place = location.kind === 'service' ? [location.namespace ?? namespace, location.service] : location.urls;
  const families = typeof engine === 'object' ? engine : undefined;
  const models = gatewayModels(metadata)?.toSorted();
  return JSON.stringify([namespace, location.kind, place, port, path, families, models]);
}
