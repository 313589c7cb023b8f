import type { Pause } from '../../time/repeat.ts';
import { repeat } from '../../time/repeat.ts';
import { backOffMs } from '../back-off.ts';
import { changeListeners } from '../change-listeners.ts';
import { faultInWords } from '../fault-words.ts';
import { faultOfStatus, toKubeFault } from '../kube/kube-api.ts';
import { isKubeName } from '../kube/kube-name.ts';
import type { ReflectorSurroundings } from '../kube/reflector.ts';
import type { RequestPace } from '../request-pace.ts';
import type { ScaleResources } from './scale-resource.ts';
import type { ScaleTargetRef } from './scaled-object-facts.ts';

/** Which pods a workload says are its own. */
export interface ScaleSelector {
  /** A label selector, never empty. The last one read stands while reading fails. */
  readonly selector: string | undefined;
  /** `spec.replicas`: what the HPA and KEDA have asked for. Unlike a count of pods it leaves out the surge of a rollout. */
  readonly replicas: number | undefined;
  /** `status.replicas`: what there is, surge included. The HPA compares an average with it. */
  readonly statusReplicas: number | undefined;
  /** When the reading began that said so, in monotonic milliseconds. */
  readonly readMs: number;
  readonly problem: string | undefined;
  /** True when the user must mend it: there is no such workload, or none that says which pods are its own. */
  readonly invalid: boolean;
}

export interface SelectorReader {
  current(): ScaleSelector;
  /** Calls `listener` when what `current` returns has changed, and after each reading that was asked for. */
  subscribe(listener: () => void): () => void;
  /** Reads again soon: within a second or so, however often this is called. */
  refresh(): void;
  close(): void;
}

export interface SelectorSurroundings extends ReflectorSurroundings {
  readonly resources: ScaleResources;
  /** Readings after the first wait for their turn. */
  readonly pace: RequestPace;
}

/** What a settled scale says hardly ever changes unless pods or the ScaledObject change, upon which it is read at once. */
const rereadMs = 300_000;
/** A scale whose replicas are not yet, or no more, what is asked for. */
const rereadUnsettledMs = 30_000;
const refreshAfterMs = 1_000;

/**
 * Reads the selector from the `/scale` subresource, again every five minutes, because it can't be watched, and sooner
 * after a failure, during a rollout or when asked to.
 */
export function readScaleSelector(
  target: ScaleTargetRef,
  namespace: string,
  surroundings: SelectorSurroundings,
): SelectorReader {
  const { clock, pace } = surroundings;
  const changes = changeListeners();
  let latest: ScaleSelector | undefined;
  let failures = 0;
  const turn = async (signal: AbortSignal, hurried: boolean): Promise<Pause> => {
    const before = latest ?? nothingRead;
    if (latest !== undefined) await pace(namespace, signal);
    const read = await readOnce({ target, namespace, surroundings, signal }, before);
    if (signal.aborted) return { pauseMs: 0 };
    latest = read;
    if (hurried || differ(read, before)) changes.notify();
    failures = read.problem === undefined ? 0 : failures + 1;
    const isSettled = read.replicas === read.statusReplicas;
    const usualMs = isSettled ? rereadMs : rereadUnsettledMs;
    if (failures === 0) return { pauseMs: usualMs * (0.9 + clock.random() / 5) };
    // Asking does not shorten the back-off where the API server is in trouble.
    return { pauseMs: backOffMs(failures, clock.random()), firm: !read.invalid };
  };
  const repeated = repeat({ clock, turn, apartMs: refreshAfterMs });
  return {
    current: () => latest ?? nothingRead,
    subscribe: changes.subscribe,
    refresh: repeated.hurry,
    close: repeated.stop,
  };
}

const telling = ['selector', 'problem', 'replicas', 'statusReplicas'] as const satisfies (keyof ScaleSelector)[];

function differ(a: ScaleSelector, b: ScaleSelector): boolean {
  return telling.some((key) => a[key] !== b[key]);
}

const nothingRead: ScaleSelector = {
  selector: undefined,
  replicas: undefined,
  statusReplicas: undefined,
  readMs: 0,
  problem: undefined,
  invalid: false,
};

interface SelectorQuery {
  readonly target: ScaleTargetRef;
  readonly namespace: string;
  readonly surroundings: SelectorSurroundings;
  readonly signal: AbortSignal;
}

async function readOnce(reading: SelectorQuery, latest: ScaleSelector): Promise<ScaleSelector> {
  const { target, namespace, surroundings, signal } = reading;
  let resourceName = target.kind;
  const readMs = surroundings.clock.nowMs();
  try {
    if (!isKubeName(target.name)) return invalid(`scaleTargetRef.name "${target.name}" is no name`);
    const resource = await surroundings.resources.find(target, signal);
    if (resource.kind === 'none') return invalid(`${resource.problem}; use "service", "dns" or "endpoints"`);
    resourceName = `${resource.plural}/scale`;
    const path = `${resource.path}/namespaces/${namespace}/${resource.plural}/${target.name}/scale`;
    const { status, body } = await surroundings.kube.get(path, signal);
    if (status === 404) return missing(reading);
    if (status !== 200) throw faultOfStatus(status, 'get');
    return { ...selectorOf(body, target), readMs };
  } catch (error) {
    const fault = toKubeFault(error);
    if (!signal.aborted) surroundings.events.failed(resourceName, fault.failure);
    const problem = faultInWords(fault, { resource: resourceName, namespace, verbs: 'get' });
    return { ...latest, problem, invalid: false };
  }
}

function missing({ target, namespace, surroundings }: SelectorQuery): ScaleSelector {
  surroundings.resources.forget(target);
  return invalid(`no ${target.kind} "${target.name}" in namespace "${namespace}"`);
}

/** An empty selector would be every pod of the namespace. */
function selectorOf(body: unknown, { kind, name }: ScaleTargetRef): ScaleSelector {
  const scale = body as ScaleBody | null;
  const selector = scale?.status?.selector;
  const replicas = numberOrNone(scale?.spec?.replicas);
  const statusReplicas = numberOrNone(scale?.status?.replicas);
  if (typeof selector === 'string' && selector !== '') {
    return { selector, replicas, statusReplicas, readMs: 0, problem: undefined, invalid: false };
  }
  return invalid(
    `the scale subresource of ${kind} "${name}" names no pod selector; use "service", "dns" or "endpoints"`,
  );
}

interface ScaleBody {
  readonly spec?: { readonly replicas?: unknown };
  readonly status?: { readonly replicas?: unknown; readonly selector?: unknown };
}

function numberOrNone(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function invalid(problem: string): ScaleSelector {
  const unknown = { selector: undefined, replicas: undefined, statusReplicas: undefined, readMs: 0 };
  return { ...unknown, problem, invalid: true };
}
