import type { HpaBehavior } from './hpa-behavior.ts';

export interface KedaTrigger {
  readonly type: 'external' | 'external-push';
  /** With `scalerAddress`, as a user writes it; handed over whole, like KEDA does. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly metricType?: 'AverageValue' | 'Value';
}

/** The parts of a ScaledObject that decide how it scales. Left-out parts get KEDA's defaults. */
export interface ScaledObject {
  readonly namespace: string;
  readonly name: string;
  readonly triggers: readonly KedaTrigger[];
  readonly pollingIntervalMs?: number;
  readonly cooldownPeriodMs?: number;
  readonly initialCooldownPeriodMs?: number;
  readonly minReplicaCount?: number;
  readonly maxReplicaCount?: number;
  readonly idleReplicaCount?: number;
  readonly fallback?: { readonly failureThreshold: number; readonly replicas: number };
  readonly behavior?: HpaBehavior;
}

export const kedaDefaults = {
  pollingIntervalMs: 30_000,
  cooldownPeriodMs: 300_000,
  initialCooldownPeriodMs: 0,
  minReplicaCount: 0,
  maxReplicaCount: 100,
} as const;
