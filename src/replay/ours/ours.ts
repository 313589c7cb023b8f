import type { ScaledObject } from '../../keda/scaled-object.ts';
import { kedaDefaults } from '../../keda/scaled-object.ts';
import { Keda } from '../../simulate/keda/keda.ts';
import type { KedaEvent } from '../../simulate/keda/keda-event.ts';
import { TriggerRegistry } from '../../triggers/trigger-registry.ts';
import type { TriggerEvents } from '../../triggers/world.ts';
import type { Autoscaler } from '../autoscaler.ts';
import type { Stage } from '../stage.ts';
import { InProcessScalers } from './in-process-scalers.ts';
import { SimulatedWorld } from './simulated-world.ts';

/** What of the ScaledObject a policy may set. */
export type OurScaledObject = Omit<ScaledObject, 'namespace' | 'name' | 'minReplicaCount' | 'maxReplicaCount'>;

/** The product looks for due cycles every 10 ms; they are due each second, so that this is often enough. */
const tickMs = 250;
const activationScrapeIntervalMs = 50;
/** The default of `--starting-for`. */
const startingForMs = 1_800_000;

const unheard: TriggerEvents = {
  triggerAdded: () => undefined,
  triggerDropped: () => undefined,
  limitReached: () => undefined,
  cycleFailed: (_namespace, _name, error) => {
    throw error;
  },
  gpuMetricChosen: () => undefined,
  decisionChanged: () => undefined,
  pushSent: () => undefined,
};

export interface OursOptions {
  /** Hears of everything that KEDA and the HPA do. */
  readonly onEvent?: (event: KedaEvent) => void;
  /** When the ScaledObject is created, which sets the phase of KEDA's polls and of the HPA's syncs. */
  readonly createdMs?: number;
}

/** This scaler itself: its triggers read a simulated workload, and a model of KEDA and the HPA asks them. */
export class Ours implements Autoscaler {
  readonly #scaledObject: OurScaledObject;
  readonly #onEvent: (event: KedaEvent) => void;
  readonly #createdMs: number;
  #keda: Keda | undefined;
  #registry: TriggerRegistry | undefined;

  constructor(scaledObject: OurScaledObject, { onEvent = () => undefined, createdMs = 0 }: OursOptions = {}) {
    this.#scaledObject = scaledObject;
    this.#onEvent = onEvent;
    this.#createdMs = createdMs;
  }

  start(stage: Stage): void {
    const { clock, options } = stage;
    const pollingIntervalMs = this.#scaledObject.pollingIntervalMs ?? kedaDefaults.pollingIntervalMs;
    const tick = (): void => {
      registry.tick();
      if (scalers.isAsking) clock.unsettle();
    };
    const world = new SimulatedWorld(stage, {
      pollingIntervalMs,
      // At zero nothing waits for the next tick: what was read may be the request that wakes the workload.
      onReading: () => {
        if (stage.replicas === 0 || scalers.isAsking) tick();
      },
    });
    const registry = new TriggerRegistry(world, unheard, {
      maxTriggers: 10,
      maxTriggersPerNamespace: 10,
      maxEndpointsPerTrigger: 10_000,
      idleTimeoutMs: Number.POSITIVE_INFINITY,
      activationScrapeIntervalMs,
      startingForMs,
      refusalOf: () => undefined,
    });
    const scalers = new InProcessScalers(registry, clock);
    this.#registry = registry;
    stage.every(tickMs, tick);
    this.#keda = new Keda({ clock, scalers });
    const bounds = { minReplicaCount: options.minReplicas, maxReplicaCount: options.maxReplicas };
    const scaledObject = { ...this.#scaledObject, ...bounds, namespace: 'models', name: 'llama' };
    const target = {
      replicas: () => stage.replicas,
      readyReplicas: () => stage.current().readyReplicas,
      setReplicas: (replicas: number) => stage.setReplicas(replicas),
    };
    const keda = this.#keda;
    clock.plan(this.#createdMs, () => {
      keda.scale(scaledObject, target, this.#onEvent);
      clock.unsettle();
    });
  }

  async close(): Promise<void> {
    this.#registry?.close();
    await this.#keda?.close();
  }
}
