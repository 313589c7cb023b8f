/** One rule of the scaler, how to break it in its sources, and the scenarios that have to notice. */
export interface BrokenRule {
  readonly rule: string;
  readonly edits: readonly Edit[];
  readonly scenarios: readonly string[];
}

export interface Edit {
  /** Below the package's folder. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

const endpointLoad = 'src/aggregation/endpoint-load.ts';

export const brokenRules: readonly BrokenRule[] = [
  {
    rule: 'the value is the sum over all replicas',
    edits: [
      {
        file: 'src/triggers/cycle.ts',
        find: 'return some.map(({ load }) => load);',
        replace: 'return some.map(({ load }) => load).slice(0, 1);',
      },
    ],
    scenarios: ['two-triggers', 'paused', 'long-termination', 'restart-of-keda'],
  },
  {
    rule: 'who is idle for as long as idleAfter is not active any more',
    edits: [
      {
        file: 'src/aggregation/activity.ts',
        find: 'if (lastActiveMs === undefined || nowMs - lastActiveMs >= policy.lingerMs) {',
        replace: 'if (lastActiveMs === undefined) {',
      },
    ],
    scenarios: ['only-target-value'],
  },
  {
    rule: 'a request that the gateway has forwarded counts once',
    edits: [
      {
        file: 'src/aggregation/gateway-load.ts',
        find: 'low: Math.max(engines.low, inFlight) + held,',
        replace: 'low: engines.low + inFlight + held,',
      },
      {
        file: 'src/aggregation/gateway-load.ts',
        find: 'high: Math.max(engines.high, inFlight) + held + unknown,',
        replace: 'high: engines.high + inFlight + held + unknown,',
      },
    ],
    scenarios: ['zero-to-many', 'service-discovery'],
  },
  {
    rule: 'what is held in front counts',
    edits: [
      {
        file: 'src/aggregation/gateway-load.ts',
        find: 'if (gateway === undefined) return engines;',
        replace: 'if (gateway === undefined || engines !== undefined) return engines;',
      },
    ],
    scenarios: ['never-ready', 'idle-replicas'],
  },
  {
    rule: 'what is held while nothing serves counts from the first moment',
    edits: [
      {
        file: 'src/aggregation/observation.ts',
        find: 'return isServed || !countsRequests(metric) ? 0 : (gateway?.held ?? 0);',
        replace: 'return isServed || !countsRequests(metric) ? 0 : 0;',
      },
    ],
    scenarios: ['from-zero-through-the-activator'],
  },
  {
    rule: 'no replica has more requests at once than it may',
    edits: [
      {
        file: 'src/activator/gate/choose-replica.ts',
        find: 'if (inFlight > fewest || inFlight >= load.limit) continue;',
        replace: 'if (inFlight > fewest) continue;',
      },
    ],
    scenarios: ['killed-while-held'],
  },
  {
    rule: 'a replica that cannot be read is not idle',
    edits: [
      {
        file: endpointLoad,
        find: "if (ageMs <= policy.staleAfterMs) return known('stale', evidence, false, policy);",
        replace: "if (ageMs <= policy.staleAfterMs) return always('stale', { low: 0, high: 0 });",
      },
      {
        file: endpointLoad,
        find: "return always('unreadable', { low: 0, high: targetValue });",
        replace: "return always('unreadable', { low: 0, high: 0 });",
      },
      {
        file: 'src/decision/decide.ts',
        find: 'if (seen.unreadable > 0 && seen.readable === 0 && seen.now.low === 0) {',
        replace: 'if (seen.unreadable < 0) {',
      },
    ],
    scenarios: ['outage-under-load', 'outage-before-zero', 'vanished-node', 'fallback'],
  },
  {
    rule: 'a workload that served keeps its replicas when nothing can be read',
    edits: [
      {
        file: 'src/decision/told.ts',
        find: 'return told({ value: noChangeValueOf(seen, policy), otherwise: before }, true, about);',
        replace: 'return { metricValue: 0, active: false };',
      },
    ],
    scenarios: ['outage-under-load'],
  },
  {
    rule: 'a replica that cannot be read is not overloaded',
    edits: [
      {
        file: endpointLoad,
        find: "return always('unreadable', { low: 0, high: targetValue });",
        replace: "return always('unreadable', { low: 3 * targetValue, high: 3 * targetValue });",
      },
    ],
    scenarios: ['outage-while-idle'],
  },
  {
    rule: 'the surge of a rollout is no replica, and its requests count once',
    edits: [
      {
        file: 'src/discovery/workload/replica-counts.ts',
        find: 'if (replicas === undefined || replicas === pods) return pods;',
        replace: 'if (replicas === undefined || pods > 0) return pods;',
      },
      {
        file: endpointLoad,
        find: "const isCertain = phase !== 'terminating' && !evidence.mayCountTwice;",
        replace: 'const isCertain = true;',
      },
    ],
    scenarios: ['rolling-update'],
  },
  {
    rule: 'beside a surge, and while few are ready, the value told is the one that keeps the size',
    edits: [
      {
        file: 'src/decision/hpa-view.ts',
        find: 'if (hpa === undefined || hpa.sight.specReplicas === 0) return value;',
        replace: 'if (value >= 0) return value;',
      },
    ],
    scenarios: ['surge-under-steady-load', 'surge-under-outage', 'value-while-loading'],
  },
  {
    rule: 'where no value keeps the size an error is told, if that is safe',
    edits: [
      {
        file: 'src/decision/hpa-view.ts',
        find: 'return found ?? (hpa.isErrorSafe ? undefined : otherwise);',
        replace: 'return found ?? otherwise;',
      },
    ],
    scenarios: ['surge-under-steady-load', 'surge-under-outage'],
  },
  {
    rule: 'a request too short to be seen still counts as activity',
    edits: [
      {
        file: 'src/triggers/activity-signs.ts',
        find: '    requestsMovedMs,\n    gpuBusy',
        replace: '    requestsMovedMs: undefined,\n    gpuBusy',
      },
    ],
    scenarios: ['short-requests'],
  },
  {
    rule: 'a scaler that has just started never says zero for what it has not read',
    edits: [
      {
        file: 'src/grpc/external-scaler.ts',
        find: 'const { metricValue } = await answers.answer(ref);',
        replace: 'const metricValue = process.uptime() < 40 ? 0 : (await answers.answer(ref)).metricValue;',
      },
    ],
    scenarios: ['restart-of-the-scaler', 'two-scalers'],
  },
  {
    rule: 'without the API server the last list stands',
    edits: [
      {
        file: 'src/discovery/kube/reflector.ts',
        find: 'this.#events.failed(resource, fault.failure);\n    if (fault.failure ===',
        replace:
          'this.#events.failed(resource, fault.failure);\n    this.#items = new Map();\n    if (fault.failure ===',
      },
    ],
    scenarios: ['api-server-away'],
  },
  {
    rule: 'the mean over replicas is a mean',
    edits: [
      {
        file: 'src/aggregation/observation.ts',
        find: "const divisor = aggregation === 'mean' ? Math.max(1, sharing) : 1;",
        replace: 'const divisor = 1;',
      },
    ],
    scenarios: ['value-metric'],
  },
  {
    rule: 'an unknown key is refused, with words',
    edits: [
      {
        file: 'src/config/metadata/trigger-key-faults.ts',
        find: 'const knownKeys: ReadonlySet<string> = new Set([...ownKeys, ...keysReadByKeda]);',
        replace:
          "const knownKeys: ReadonlySet<string> = new Set([...ownKeys, ...keysReadByKeda, 'targetvalue', 'scrapeInterval']);",
      },
    ],
    scenarios: ['bad-metadata'],
  },
  {
    rule: 'at zero replicas a gateway that does not exist is an error, which KEDA shows in its events',
    edits: [
      {
        file: 'src/decision/told.ts',
        find: "if (decision.kind === 'report' && isBlindAtZero(active, about)) return undefined;",
        replace: '',
      },
    ],
    scenarios: ['bad-metadata'],
  },
  {
    rule: 'the account may read and nothing else',
    edits: [
      {
        file: 'test/e2e/cluster/scaler-account.ts',
        find: "resources: ['pods', 'services'], verbs: ['get', 'list', 'watch']",
        replace: "resources: ['pods', 'services', 'secrets'], verbs: ['get', 'list', 'watch']",
      },
    ],
    scenarios: ['account'],
  },
  {
    rule: 'every trigger is answered, however many there are',
    edits: [
      {
        file: 'src/grpc/external-scaler.ts',
        find: 'const { metricValue } = await answers.answer(ref);',
        replace:
          "if (ref.name.endsWith('99')) throw new ScalerError('reading-unavailable', 'too many');\n  const { metricValue } = await answers.answer(ref);",
      },
    ],
    scenarios: ['many-objects'],
  },
  {
    rule: 'both number fields are filled in, the whole one rounded up',
    edits: [
      {
        file: 'src/grpc/external-scaler.ts',
        find: '[field]: Math.ceil(told)',
        replace: '[field]: Math.floor(told)',
      },
    ],
    scenarios: ['kedas-client'],
  },
  {
    rule: 'replicas that all went at once are unknown until they are back',
    edits: [{ file: 'src/triggers/cycle.ts', find: 'const { lost } = fleet;', replace: 'const lost = 0;' }],
    scenarios: ['recreate-under-load'],
  },
  {
    rule: 'pods of another owner do not count',
    edits: [
      {
        file: 'src/discovery/workload/own-pods.ts',
        find: "return owned === 'other' ? [] : [[pod, owned]];",
        replace: 'return [[pod, owned]];',
      },
    ],
    scenarios: ['one-label-two-deployments'],
  },
  {
    rule: 'a promotion is followed while pods of two colours are ready',
    edits: [
      {
        file: 'src/discovery/workload/own-pods.ts',
        find: 'if (hash === undefined) return false;',
        replace: 'if (hash !== null) return false;',
      },
    ],
    scenarios: ['blue-green-promotion'],
  },
  {
    rule: 'who shows no certificate is not answered',
    edits: [
      {
        file: 'src/grpc/tls-credentials.ts',
        find: 'requestCert: pems.clientCaPem !== undefined',
        replace: 'requestCert: false',
      },
    ],
    scenarios: ['mutual-tls'],
  },
  {
    rule: 'no trigger reaches what is never a replica',
    edits: [
      {
        file: 'src/config/access/address-policy.ts',
        find: 'const match = rules.find(({ cidr }) => contains(cidr, bytes));',
        replace: "const match = rules.find(({ rule, cidr }) => rule === '' && contains(cidr, bytes));",
      },
    ],
    scenarios: ['tenant-attempts'],
  },
];
