/** What KEDA's scale executor looks at. Times are milliseconds of one clock. */
export interface ScaleQuestion {
  readonly nowMs: number;
  readonly active: boolean;
  readonly failed: boolean;
  readonly replicas: number;
  readonly minReplicas: number;
  readonly idleReplicas: number | undefined;
  /** Replicas of the fallback; `undefined` when there is none. */
  readonly fallbackReplicas: number | undefined;
  readonly createdMs: number;
  /** `undefined` until the first activity. */
  readonly lastActiveMs: number | undefined;
  readonly cooldownMs: number;
  readonly initialCooldownMs: number;
}

export type Ready = 'True' | 'False' | 'Unknown';

export interface ScaleAnswer {
  /** Replicas to set; `undefined` leaves them. */
  readonly replicas: number | undefined;
  readonly refreshesLastActive: boolean;
  readonly ready: Ready;
  readonly why: string;
}

/** KEDA's decision table between zero and the minimum; everything above the minimum is the HPA's. */
export function decideScale(question: ScaleQuestion): ScaleAnswer {
  return question.active ? whenActive(question) : whenInactive(question);
}

function whenActive({ replicas, minReplicas, idleReplicas, failed }: ScaleQuestion): ScaleAnswer {
  const wanted = Math.max(1, minReplicas);
  if (replicas === 0 || (idleReplicas !== undefined && replicas < minReplicas)) {
    return { replicas: wanted, refreshesLastActive: true, ready: 'True', why: 'active' };
  }
  if (failed) return stay('active, but some trigger failed', 'Unknown');
  return { ...stay('active'), refreshesLastActive: true };
}

function whenInactive(question: ScaleQuestion): ScaleAnswer {
  const { failed, fallbackReplicas, replicas, minReplicas, idleReplicas } = question;
  if (failed && fallbackReplicas === undefined) return stay('a trigger failed', 'False');
  if (failed && fallbackReplicas !== 0) return stay('a trigger failed, the fallback decides');
  const floor = idleReplicas ?? (minReplicas === 0 ? 0 : undefined);
  if (floor !== undefined && replicas > floor) return afterCooldown(question, floor);
  if (idleReplicas === undefined && replicas < minReplicas) {
    return { ...stay('below the minimum'), replicas: minReplicas };
  }
  return stay('inactive');
}

/** Down to the floor from any size, once the cooldown since the last activity is over. */
function afterCooldown(question: ScaleQuestion, floor: number): ScaleAnswer {
  const { nowMs, lastActiveMs, createdMs, cooldownMs, initialCooldownMs } = question;
  const overAtMs = lastActiveMs === undefined ? createdMs + initialCooldownMs : lastActiveMs + cooldownMs;
  return nowMs > overAtMs ? { ...stay('cooldown over'), replicas: floor } : stay('cooling down');
}

function stay(why: string, ready: Ready = 'True'): ScaleAnswer {
  return { replicas: undefined, refreshesLastActive: false, ready, why };
}
