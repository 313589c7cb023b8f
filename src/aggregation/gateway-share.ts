import type { GatewayLoad } from './gateway-load.ts';

/** One of several workloads behind one gateway's number. */
export interface GatewaySide {
  /** Requests that its engines are known to have; 0 where that is not known. */
  readonly engines: number;
  readonly readyReplicas: number;
}

/**
 * One workload's share of a gateway's number that holds for several, such as a canary beside its stable version. What
 * its own engines have is its own. What stands in front of all of them is shared by the replicas that are ready, since
 * they are who will serve it; where none is, everybody gets the same, so that somebody wakes.
 */
export function shareOfGateway(whole: GatewayLoad, own: GatewaySide, others: readonly GatewaySide[]): GatewayLoad {
  if (others.length === 0) return whole;
  const sides = [own, ...others];
  const inEngines = sum(sides.map(({ engines }) => engines));
  const ready = sum(sides.map(({ readyReplicas }) => readyReplicas));
  const share = ready > 0 ? own.readyReplicas / ready : 1 / sides.length;
  const inFront = Math.max(0, whole.inFlight - inEngines);
  return { ...whole, held: whole.held * share, inFlight: own.engines + inFront * share };
}

/** True where replicas of somebody serve what passes the gateway, so that its counter tells nobody's requests apart. */
export function isServedBySomebody(own: GatewaySide, others: readonly GatewaySide[]): boolean {
  return others.length > 0 && [own, ...others].some(({ readyReplicas }) => readyReplicas > 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
