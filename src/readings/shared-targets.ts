import type { AccessSubject } from '../config/access/access-to.ts';
import type { PageInterest } from '../presets/reading/page-reader.ts';
import type { ScrapeOwner } from '../scrape/scrape-target.ts';
import type { ScrapeRequest } from '../triggers/world.ts';
import { Quarantine } from './quarantine.ts';
import type { TargetSpec, ToWorker } from './thread-protocol.ts';

/** Changes of a target are told together: at once where few read it, later where telling takes long. */
const TELL_AFTER_MS = 2;
const TELL_AFTER_MS_PER_PARTY = 0.1;

type AccessPlaces = TargetSpec['accessPlaces'];

/** Which of the operator's rules gives access to each of these URLs; `undefined` where none gives any. */
export type ChooseAccess = (reader: AccessSubject, urls: readonly string[]) => AccessPlaces;

interface Party {
  readonly interestId: number;
  readonly interest: PageInterest;
  readonly owner: ScrapeOwner;
  request: Pick<ScrapeRequest, 'candidates' | 'intervalMs' | 'timeoutMs'>;
}

interface Shared {
  readonly id: number;
  readonly key: string;
  readonly gpu: boolean;
  readonly isNamed: boolean;
  readonly accessPlaces: AccessPlaces;
  readonly parties: Map<number, Party>;
  /** Set while a change is yet to be told. */
  telling: NodeJS.Timeout | undefined;
  /** Set while it is left alone because the thread died of it. */
  resting: NodeJS.Timeout | undefined;
}

/** What `SharedTargets` asks of whoever holds the thread. */
export interface TargetSurroundings {
  readonly nowMs: () => number;
  send(message: ToWorker): void;
  readonly chooseAccess: ChooseAccess;
  /** These are not read for a while. May be told more than once. */
  held(interestIds: readonly number[], url: string, forMs: number): void;
}

export interface TargetLease {
  setIntervalMs(intervalMs: number): void;
  release(): void;
}

/**
 * One scrape for all who read the same page, at the shortest interval any of them asks for. Triggers share a scrape only
 * if candidates, engine, role, timeout, network policy and credential rule are equal. Sharing across credentials would
 * leak a protected page. A target leaves with the last who reads it.
 */
export class SharedTargets {
  readonly #outside: TargetSurroundings;
  readonly #quarantine = new Quarantine();
  readonly #byKey = new Map<string, Shared>();
  #nextId = 1;

  constructor(outside: TargetSurroundings) {
    this.#outside = outside;
  }

  lease(request: ScrapeRequest, interestId: number, interest: PageInterest): TargetLease {
    const accessPlaces = this.#outside.chooseAccess({ namespace: request.namespace }, request.candidates);
    const shared = this.#sharedOf({
      key: keyOf(request, accessPlaces),
      gpu: false,
      isNamed: request.isNamed,
      accessPlaces,
    });
    const owner = { tenant: request.namespace, trigger: request.scaledObject };
    const party: Party = { interestId, interest, owner, request };
    shared.parties.set(interestId, party);
    this.#publish(shared);
    return {
      setIntervalMs: (intervalMs) => {
        if (intervalMs === party.request.intervalMs || !shared.parties.has(interestId)) return;
        party.request = { ...party.request, intervalMs };
        this.#publish(shared);
      },
      release: () => this.#release(shared, interestId),
    };
  }

  leaseGpu(request: Party['request']): { readonly id: number; release(): void } {
    const accessPlaces = this.#outside.chooseAccess('gpu-exporters', request.candidates);
    const shared = this.#sharedOf({ key: `gpu ${request.candidates[0]}`, gpu: true, isNamed: false, accessPlaces });
    const interest: PageInterest = { role: 'replica', engine: { kind: 'auto' }, models: undefined, route: undefined };
    const owner = { tenant: 'GPU exporters', trigger: '' };
    shared.parties.set(0, { interestId: 0, interest, owner, request });
    this.#publish(shared);
    return { id: shared.id, release: () => this.#release(shared, 0) };
  }

  /** Everything that is to be read now: what a thread that was just started has to be told. */
  all(): readonly TargetSpec[] {
    return [...this.#byKey.values()].filter((shared) => !this.#hold(shared)).map(specOf);
  }

  /** The thread died while it was at work on this target's page. */
  blame(id: number): void {
    const shared = [...this.#byKey.values()].find((each) => each.id === id);
    if (shared !== undefined) this.#quarantine.blame(subjectOf(shared), this.#outside.nowMs());
  }

  /** Whether a target is to be left alone now. Then whoever wants it is told, and it is published when its time is up. */
  #hold(shared: Shared): boolean {
    const restMs = this.#quarantine.restMs(subjectOf(shared), this.#outside.nowMs());
    if (restMs === 0) return false;
    const { candidates, interestIds } = specOf(shared);
    this.#outside.held(interestIds, candidates[0]!, restMs);
    clearTimeout(shared.resting);
    shared.resting = setTimeout(() => this.#publish(shared), restMs).unref();
    return true;
  }

  #sharedOf(target: Pick<Shared, 'key' | 'gpu' | 'isNamed' | 'accessPlaces'>): Shared {
    const known = this.#byKey.get(target.key);
    if (known !== undefined) return known;
    const shared: Shared = {
      ...target,
      id: this.#nextId++,
      parties: new Map(),
      telling: undefined,
      resting: undefined,
    };
    this.#byKey.set(target.key, shared);
    return shared;
  }

  #release(shared: Shared, interestId: number): void {
    if (!shared.parties.delete(interestId)) return;
    if (shared.parties.size > 0) {
      this.#publish(shared);
    } else {
      clearTimeout(shared.telling);
      clearTimeout(shared.resting);
      this.#byKey.delete(shared.key);
      this.#outside.send({ kind: 'remove', id: shared.id });
    }
  }

  #publish(shared: Shared): void {
    const tell = (): void => {
      shared.telling = undefined;
      if (!this.#hold(shared)) this.#outside.send({ kind: 'set', target: specOf(shared) });
    };
    const afterMs = TELL_AFTER_MS + TELL_AFTER_MS_PER_PARTY * shared.parties.size;
    shared.telling ??= setTimeout(tell, afterMs).unref();
  }
}

/** Whom the thread's death is laid upon: a server of one tenant, whatever else its triggers say of it. */
function subjectOf({ parties }: Shared): string {
  const all = [...parties.values()];
  return `${ownerOf(all).tenant} ${originOf(all[0]!.request.candidates[0] ?? '')}`;
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}

function keyOf({ isNamed, role, candidates, engine, timeoutMs }: ScrapeRequest, accessPlaces: AccessPlaces): string {
  return JSON.stringify([isNamed, role, candidates, engine, timeoutMs, accessPlaces]);
}

function specOf({ id, gpu, isNamed, accessPlaces, parties }: Shared): TargetSpec {
  const all = [...parties.values()];
  const requests = all.map(({ request }) => request);
  const intervalMs = Math.min(...requests.map((request) => request.intervalMs));
  return {
    id,
    owner: ownerOf(all),
    gpu,
    isNamed,
    candidates: requests[0]!.candidates,
    accessPlaces,
    intervalMs,
    timeoutMs: requests[0]!.timeoutMs,
    interestIds: gpu ? [] : all.map(({ interestId }) => interestId),
    interests: gpu ? [] : all.map(({ interest }) => interest),
  };
}

/** What several read is nobody's in particular: whoever joins must not make the others wait for their own turn. */
function ownerOf(parties: readonly Party[]): ScrapeOwner {
  const { tenant, trigger } = parties[0]!.owner;
  const isOneTenant = parties.every(({ owner }) => owner.tenant === tenant);
  const isOneTrigger = isOneTenant && parties.every(({ owner }) => owner.trigger === trigger);
  return { tenant: isOneTenant ? tenant : '', trigger: isOneTrigger ? trigger : '' };
}
