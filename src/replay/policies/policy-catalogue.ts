import { durationWithin } from '../../config/duration.ts';
import type { FieldSchemas, FieldValues } from '../../config/field.ts';
import { defaulted, oneOf, optional } from '../../config/field.ts';
import { quantityFrom, wholeNumberWithin } from '../../config/quantity.ts';
import type { Autoscaler } from '../autoscaler.ts';
import type { Survey } from '../demand/survey.ts';
import { aibrixPolicy } from './aibrix-policy.ts';
import { bentoCloudPolicy } from './bentocloud-policy.ts';
import type { HpaSignal } from './hpa-policy.ts';
import { hpaPolicy } from './hpa-policy.ts';
import { knativePolicy } from './knative-policy.ts';
import { kubeAiPolicy } from './kubeai-policy.ts';
import { fixed } from './periodic.ts';
import { rayServePolicy } from './ray-serve-policy.ts';
import { wvaPolicy } from './wva-policy.ts';

/** One kind of policy that can be asked for by name. */
export interface PolicyKind {
  readonly rule: string;
  readonly source: string;
  readonly leastReplicas: 0 | 1;
  readonly fields: FieldSchemas;
  /** Whether the values of its fields contradict each other, in words. */
  build(values: never, survey: Survey): { readonly autoscaler: () => Autoscaler; readonly initialReplicas?: number };
}

/** Share of what a replica can carry at most that policies aim at unless they are told otherwise. */
export const usualShare = 0.8;

const longest = 24 * 3_600_000;
const span = (text: string, meaning: string) =>
  defaulted(durationWithin(1000, longest), text, { form: 'duration', meaning });
const number = (text: string, meaning: string) => defaulted(quantityFrom(0.001), text, { form: 'number', meaning });
const ratio = (text: string, meaning: string) => defaulted(quantityFrom(0.001), text, { form: '0 to 1', meaning });
const target = (meaning: string) =>
  optional(quantityFrom(0.001), {
    form: 'number',
    meaning: `${meaning}. Without it: ${usualShare} of what one can carry.`,
  });

/** What one replica should carry: as told, or the usual share of what it can. */
export function targetFor(given: number | undefined, { target: { requests } }: Survey): number {
  return given ?? Math.max(1, Math.floor(usualShare * requests));
}

function kind<Fields extends FieldSchemas>(
  made: Omit<PolicyKind, 'build' | 'fields'> & {
    readonly fields: Fields;
    build(
      values: FieldValues<Fields>,
      survey: Survey,
    ): { readonly autoscaler: () => Autoscaler; readonly initialReplicas?: number };
  },
): PolicyKind {
  return made as unknown as PolicyKind;
}

const scrape = span('15s', 'How often monitoring reads the pods.');
const kubernetes = 'kubernetes pkg/controller/podautoscaler (horizontal.go, replica_calculator.go)';

/** An HPA on a ratio that each pod has. */
function podsHpa(rule: string, usual: string, read: (HpaSignal & { kind: 'pods' })['valueOf']): PolicyKind {
  return kind({
    rule,
    source: `${kubernetes}: a Pods metric`,
    leastReplicas: 1,
    fields: { target: ratio(usual, 'Mean over the pods that is aimed at.'), scrape },
    build: ({ target, scrape: scrapeMs }) => ({
      autoscaler: () => hpaPolicy({ signal: { kind: 'pods', valueOf: read }, target, scrapeMs, behavior: undefined }),
    }),
  });
}

/** All kinds by name, but for this scaler itself. */
export const policyKinds: Readonly<Record<string, PolicyKind>> = {
  static: kind({
    rule: 'a fixed number of replicas',
    source: '',
    leastReplicas: 0,
    fields: { replicas: defaulted(wholeNumberWithin(0, 10_000), '4', { form: 'number', meaning: 'How many.' }) },
    build: ({ replicas }) => ({ autoscaler: () => fixed, initialReplicas: replicas }),
  }),
  'static-p99': kind({
    rule: 'a fixed number that carries the offered concurrency in 99 % of all seconds',
    source: '',
    leastReplicas: 0,
    fields: { share: ratio('0.99', 'Share of all seconds.') },
    build: ({ share }, survey) => ({ autoscaler: () => fixed, initialReplicas: replicasFor(share, survey) }),
  }),
  'hpa-gpu-utilization': podsHpa(
    'HPA on the share of time that a kernel runs, as DCGM exports it',
    '0.8',
    ({ gpuUtilizationRatio }) => gpuUtilizationRatio,
  ),
  'hpa-gpu-memory': podsHpa(
    'HPA on GPU memory, which an engine takes whole when it starts',
    '0.8',
    ({ gpuMemoryRatio }) => gpuMemoryRatio,
  ),
  'hpa-kv-cache': podsHpa('HPA on the KV cache in use', '0.5', ({ kvCacheRatio }) => kvCacheRatio),
  'hpa-requests': kind({
    rule: 'HPA on requests per second over a minute',
    source: `${kubernetes}: an External metric`,
    leastReplicas: 1,
    fields: {
      target: optional(quantityFrom(0.001), {
        form: 'number',
        meaning: 'Requests a second one replica should take. Without it: 0.8 of what one can.',
      }),
      scrape,
    },
    build: ({ target: given, scrape: scrapeMs }, survey) => ({
      autoscaler: () =>
        hpaPolicy({
          signal: { kind: 'arrivals' },
          target: given ?? usualShare * ratePerReplica(survey),
          scrapeMs,
          behavior: undefined,
        }),
    }),
  }),
  'hpa-waiting': kind({
    rule: "HPA on requests waiting in the engines' queues",
    source: `${kubernetes}: an External metric`,
    leastReplicas: 1,
    fields: { target: number('5', 'Waiting requests for each replica.'), scrape },
    build: ({ target, scrape: scrapeMs }) => ({
      autoscaler: () =>
        hpaPolicy({
          signal: { kind: 'sum', valueOf: ({ waiting }) => waiting },
          target,
          scrapeMs,
          behavior: undefined,
        }),
    }),
  }),
  'hpa-running': kind({
    rule: "HPA on requests in the engines' batches",
    source: `${kubernetes}: an External metric`,
    leastReplicas: 1,
    fields: { target: target('Running requests for each replica'), scrape },
    build: ({ target: given, scrape: scrapeMs }, survey) => ({
      autoscaler: () =>
        hpaPolicy({
          signal: { kind: 'sum', valueOf: ({ running }) => running },
          target: targetFor(given, survey),
          scrapeMs,
          behavior: undefined,
        }),
    }),
  }),
  knative: kind({
    rule: 'Knative: a stable and a panic window of the concurrency; its activator holds and wakes',
    source: 'knative.dev/serving v0.50 pkg/autoscaler/scaling/autoscaler.go',
    leastReplicas: 0,
    fields: {
      target: target('Requests one pod should carry'),
      window: span('60s', 'The stable window.'),
      panicWindow: span('6s', 'The panic window.'),
      panicThreshold: number('2', 'How many times the ready pods make a panic.'),
      grace: span('30s', 'How long nothing was wanted before the last pod goes.'),
    },
    build: (values, survey) => ({
      autoscaler: () =>
        knativePolicy({
          target: targetFor(values.target, survey),
          stableWindowMs: values.window,
          panicWindowMs: values.panicWindow,
          panicThreshold: values.panicThreshold,
          maxScaleUpRate: 1000,
          maxScaleDownRate: 2,
          graceMs: values.grace,
        }),
    }),
  }),
  aibrix: kind({
    rule: 'AIBrix APA: in proportion to the mean KV cache in use, outside a band',
    source: 'vllm-project/aibrix pkg/controller/podautoscaler/algorithm/apa.go and benchmarks/scenarios/autoscaling',
    leastReplicas: 1,
    fields: {
      target: ratio('0.5', 'KV cache in use that is aimed at.'),
      window: span('30s', 'What the mean is taken over.'),
      upTolerance: ratio('0.1', 'Band above the target.'),
      downTolerance: ratio('0.2', 'Band below it.'),
    },
    build: ({ target, window, upTolerance, downTolerance }) => ({
      autoscaler: () =>
        aibrixPolicy({ target, upTolerance, downTolerance, maxScaleUpRate: 2, maxScaleDownRate: 2 }, window),
    }),
  }),
  kubeai: kind({
    rule: 'KubeAI: active requests in the mean over ten minutes, down after three looks',
    source: 'substratusai/kubeai internal/modelautoscaler/autoscaler.go, internal/modelscaler',
    leastReplicas: 0,
    fields: {
      target: target('Requests one replica should carry'),
      window: span('10m', 'What the mean is taken over.'),
      scaleDownDelay: span('30s', 'How long fewer must be wanted.'),
    },
    build: (values, survey) => ({
      autoscaler: () =>
        kubeAiPolicy({
          targetRequests: targetFor(values.target, survey),
          windowMs: values.window,
          scaleDownDelayMs: values.scaleDownDelay,
        }),
    }),
  }),
  'ray-serve': kind({
    rule: 'Ray Serve: ongoing requests over a target, up after 30 s, down after 10 minutes of the same wish',
    source: 'ray-project/ray python/ray/serve/autoscaling_policy.py',
    leastReplicas: 0,
    fields: {
      target: target('Ongoing requests of one replica'),
      lookBack: span('30s', 'What the mean is taken over.'),
      upscaleDelay: span('30s', 'How long more must be wanted.'),
      downscaleDelay: span('10m', 'How long fewer must be wanted.'),
    },
    build: (values, survey) => ({
      autoscaler: () =>
        rayServePolicy({
          targetOngoingRequests: targetFor(values.target, survey),
          lookBackMs: values.lookBack,
          upscaleDelayMs: values.upscaleDelay,
          downscaleDelayMs: values.downscaleDelay,
        }),
    }),
  }),
  wva: kind({
    rule: 'llm-d WVA V1: one step each 30 s by spare KV cache and queue, none while replicas come or go',
    source: 'llm-d documentation 0.8 (saturation analyser) and its configmap-saturation-scaling.yaml',
    leastReplicas: 0,
    fields: {
      kvCacheThreshold: ratio('0.8', 'Share of the cache from which a replica is saturated.'),
      queueLengthThreshold: number('5', 'Waiting requests from which it is.'),
      kvSpareTrigger: ratio('0.1', 'Spare cache below which one more is asked for.'),
      queueSpareTrigger: number('3', 'Spare queue below which it is.'),
      idle: span('10m', 'How long nothing was asked before the last replica goes.'),
    },
    build: ({ idle, ...settings }) => ({ autoscaler: () => wvaPolicy(settings, idle) }),
  }),
  bentocloud: kind({
    rule: 'BentoCloud: concurrent requests over `concurrency`, rounded up; fast up, stable down',
    source: 'BentoML documentation, "Concurrency and autoscaling"',
    leastReplicas: 0,
    fields: {
      concurrency: target('Requests one replica should carry'),
      scaleUp: defaulted(oneOf(['fast', 'stable']), 'fast', { form: 'fast|stable', meaning: 'Its policy upwards.' }),
      scaleDown: defaulted(oneOf(['fast', 'stable']), 'stable', { form: 'fast|stable', meaning: 'And downwards.' }),
      idle: span('10m', 'How long nothing was asked before the last replica goes.'),
    },
    build: ({ concurrency, scaleUp, scaleDown, idle: idleMs }, survey) => ({
      autoscaler: () => bentoCloudPolicy({ concurrency: targetFor(concurrency, survey), scaleUp, scaleDown, idleMs }),
    }),
  }),
};

/** Replicas that carry what is offered in a share of all seconds. */
export function replicasFor(share: number, { offered, target: { requests } }: Survey): number {
  const sorted = offered.toSorted();
  const level = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return Math.max(1, Math.ceil(level / requests));
}

/** Requests a second one replica can take at its target: Little's law. */
function ratePerReplica({ target: { requests, tokenMs, firstTokenMs }, mix }: Survey): number {
  return (1000 * requests) / (firstTokenMs + mix.meanOutputTokens * tokenMs);
}
