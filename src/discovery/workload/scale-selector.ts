import { backOffMs } from '../back-off.ts';
import { faultInWords } from '../fault-words.ts';
import { faultOfStatus, toKubeFault } from '../kube/kube-api.ts';
import { isKubeName } from '../kube/kube-name.ts';
import type { ReflectorSurroundings } from '../kube/reflector.ts';
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
  /** Reads again soon: within a second or so, however often this is called. */
  refresh(): void;
  close(): void;
}

export interface SelectorSurroundings extends ReflectorSurroundings {
  readonly resources: ScaleResources;
}

const rereadMs = 30_000;
const refreshAfterMs = 1_000;

/**
 * Reads the selector from the `/scale` subresource, again every half minute, because it can't be watched, and sooner
 * after a failure or when asked to. `onChange` is called when what `current` returns has changed, never before this function returned.
 */
export function readScaleSelector(
  target: ScaleTargetRef,
  namespace: string,
  surroundings: SelectorSurroundings,
  onChange: () => void,
): SelectorReader {
  const stop = new AbortController();
  const { clock } = surroundings;
  let latest: ScaleSelector = {
    selector: undefined,
    replicas: undefined,
    statusReplicas: undefined,
    readMs: 0,
    problem: undefined,
    invalid: false,
  };
  let isAsked = false;
  let wake = (): void => {};
  /** Waits as long, or until somebody asks; then only so long that reads are a second apart. */
  async function pause(delayMs: number, readStartedMs: number): Promise<void> {
    const sleep = new AbortController();
    wake = () => sleep.abort();
    stop.signal.addEventListener('abort', wake, { once: true });
    if (!isAsked) await clock.sleep(delayMs, sleep.signal);
    const soonestMs = readStartedMs + refreshAfterMs;
    if (isAsked && soonestMs > clock.nowMs()) await clock.sleep(soonestMs - clock.nowMs(), stop.signal);
    stop.signal.removeEventListener('abort', wake);
    wake = () => {};
  }
  async function run(): Promise<void> {
    let failures = 0;
    while (!stop.signal.aborted) {
      const wasAsked = isAsked;
      const startedMs = clock.nowMs();
      isAsked = false;
      const read = await readOnce({ target, namespace, surroundings, signal: stop.signal }, latest);
      if (stop.signal.aborted) return;
      const changed = differ(read, latest);
      latest = read;
      if (changed || wasAsked) onChange();
      failures = read.problem === undefined ? 0 : failures + 1;
      // Asking does not shorten the back-off: the API server is in trouble.
      if (failures > 0) await clock.sleep(backOffMs(failures, clock.random()), stop.signal);
      else await pause(rereadMs * (0.9 + clock.random() / 5), startedMs);
    }
  }
  run().catch(() => undefined);
  return {
    current: () => latest,
    refresh() {
      if (isAsked) return;
      isAsked = true;
      wake();
    },
    close: () => stop.abort(),
  };
}

const telling = ['selector', 'problem', 'replicas', 'statusReplicas'] as const satisfies (keyof ScaleSelector)[];

function differ(a: ScaleSelector, b: ScaleSelector): boolean {
  return telling.some((key) => a[key] !== b[key]);
}

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
