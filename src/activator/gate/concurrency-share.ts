import { hash } from './choose-replica.ts';

/**
 * How many requests this activator may have in flight at one replica, where all activators together may have `limit`.
 * Each has the whole part of an equal share; what is left over goes to those whose names hash lowest with the
 * replica's, so that all agree without asking each other and different replicas favour different activators.
 *
 * @param peers names of all activators, this one's included; an empty list means this one is alone
 */
export function concurrencyShare(limit: number, replica: string, self: string, peers: readonly string[]): number {
  if (!Number.isFinite(limit) || peers.length <= 1) return limit;
  const own = hash(`${self}\n${replica}`);
  const before = peers.filter((peer) => {
    const theirs = hash(`${peer}\n${replica}`);
    return theirs < own || (theirs === own && peer < self);
  }).length;
  return Math.floor(limit / peers.length) + (before < limit % peers.length ? 1 : 0);
}
