import type { Replica } from '../replicas/replica.ts';

/** How many requests each replica has from us, and how many it may have. */
export interface Load {
  inFlight(replica: Replica): number;
  /** `Infinity` where nothing bounds it. */
  readonly limit: number;
}

/** Up to this many replicas are all looked at; of more, two are drawn. */
const mostCompared = 16;
/** A replica that a key sticks to may carry this much more than the mean of all before others take over. */
const stickyOverload = 1.25;

/**
 * The replica with the fewest requests in flight that may take one more, or `undefined` where none may. Among equals
 * chance decides. Of many replicas, two random ones are compared, which is nearly as even as comparing all
 * (Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001).
 *
 * @param random 0 up to, but not including, 1
 */
export function leastInFlight(replicas: readonly Replica[], load: Load, random: () => number): Replica | undefined {
  if (replicas.length > mostCompared) {
    const drawn = [replicas[draw(replicas.length, random)]!, replicas[draw(replicas.length, random)]!];
    const better = least(drawn, load, random);
    if (better !== undefined) return better;
  }
  return least(replicas, load, random);
}

function draw(count: number, random: () => number): number {
  return Math.floor(random() * count);
}

function least(replicas: readonly Replica[], load: Load, random: () => number): Replica | undefined {
  let best: Replica | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  let equals = 0;
  for (const replica of replicas) {
    const inFlight = load.inFlight(replica);
    if (inFlight > fewest || inFlight >= load.limit) continue;
    equals = inFlight === fewest ? equals + 1 : 1;
    // Each of n equals is kept with a chance of 1/n (reservoir sampling).
    if (equals === 1 || random() * equals < 1) best = replica;
    fewest = inFlight;
  }
  return best;
}

/**
 * The replica that `key` belongs to, by rendezvous hashing: a replica that comes or goes moves only its own share of
 * the keys. Where the first carries over 1.25 times the mean already, the key's next ones are tried (Mirrokni et al.,
 * "Consistent Hashing with Bounded Loads", 2018).
 */
export function stickTo(replicas: readonly Replica[], load: Load, key: string): Replica | undefined {
  const total = replicas.reduce((sum, replica) => sum + load.inFlight(replica), 0);
  const bound = Math.ceil((stickyOverload * (total + 1)) / replicas.length);
  let best: Replica | undefined;
  let highest = -1;
  for (const replica of replicas) {
    const inFlight = load.inFlight(replica);
    if (inFlight >= bound || inFlight >= load.limit) continue;
    const weight = hash(`${key}\n${replica.name}`);
    if (weight <= highest) continue;
    best = replica;
    highest = weight;
  }
  return best;
}

/** 32 bits that spread well over short texts: FNV-1a, and the finish of MurmurHash3 for its low bits. */
export function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) bits = Math.imul(bits ^ text.charCodeAt(at), 0x01000193);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
