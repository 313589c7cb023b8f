/** One metric family of ours, as it is declared on the page and in the reference. */
export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in its unit, which its name ends with. */
  readonly buckets?: readonly number[];
}

const prefix = 'keda_llm_scaler_';

export function counter(name: string, help: string, ...labels: string[]): Family {
  return { name: `${prefix}${name}`, type: 'counter', help, labels };
}

export function gauge(name: string, help: string, ...labels: string[]): Family {
  return { name: `${prefix}${name}`, type: 'gauge', help, labels };
}

export function histogram(name: string, help: string, buckets: readonly number[], ...labels: string[]): Family {
  return { name: `${prefix}${name}`, type: 'histogram', help, labels, buckets };
}

/** Seconds; fine around the interval of one second, and up to the longest time-out. */
const scrapeSeconds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1, 2.5, 5, 10, 30];
const answerSeconds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** What is counted as it happens, and the state of the process. */
export const eventFamilies = {
  buildInfo: gauge('build_info', 'Always 1; the labels say what runs.', 'version', 'node_version'),
  triggersAdded: counter('triggers_added_total', 'Triggers KEDA asked about for the first time.'),
  triggersDropped: counter('triggers_dropped_total', 'Triggers dropped because KEDA stopped asking.'),
  limitRefusals: counter('limit_refusals_total', 'What was refused because a limit is reached.', 'limit'),
  logLinesLeftOut: counter(
    'log_lines_left_out_total',
    'Log lines that were not written: `repeated` soon after another like it, or above the `rate` of all lines.',
    'reason',
  ),
  pushesSent: counter('pushes_sent_total', 'Activations sent on push streams.'),
  scrapes: counter('scrapes_total', 'Scrapes that ended, failed ones included.'),
  scrapeFailures: counter('scrape_failures_total', 'Scrapes that gave no usable page.', 'reason'),
  scrapeSeconds: histogram(
    'scrape_duration_seconds',
    'From the start of a scrape to its last byte or its failure.',
    scrapeSeconds,
  ),
  scrapeBytes: counter('scrape_bytes_total', 'Bytes of scraped bodies, after decompression.'),
  scrapeStartsSkipped: counter('scrape_starts_skipped_total', 'Scrapes not started in time, for want of capacity.'),
  scrapeThreadDeaths: counter(
    'scrape_thread_deaths_total',
    'Times the thread that reads pages died. It is started again; until then all readings age.',
  ),
  grpcHandled: counter('grpc_server_handled_total', 'Calls that ended, streams included.', 'method', 'code'),
  grpcSeconds: histogram('grpc_server_handling_seconds', 'Time to answer a unary call.', answerSeconds, 'method'),
  streams: gauge('streams', 'Streams KEDA holds open.', 'method'),
  watches: gauge('discovery_watches', 'Open watches on the Kubernetes API and on names in DNS.', 'resource'),
  lists: counter('discovery_lists_total', 'Full lists read.', 'resource'),
  relists: counter('discovery_relists_total', 'Full lists read again because a watch lost its thread.', 'resource'),
  discoveryFailures: counter(
    'discovery_failures_total',
    'Questions to the Kubernetes API or DNS that failed.',
    'resource',
    'reason',
  ),
  policyDenials: counter('policy_denials_total', 'Connections refused by the address policy.', 'reason'),
  tlsExpiry: gauge(
    'tls_certificate_expiry_timestamp_seconds',
    'When the certificate shown to KEDA expires, in seconds since 1970; absent without TLS.',
  ),
  scrapeCredentialReloadFailures: counter(
    'scrape_credential_reload_failures_total',
    'Looks at the files of a scrape credential that found them unusable.',
  ),
  tlsReloadFailures: counter('tls_reload_failures_total', 'New certificates that could not be used.'),
} as const;

/** `scope` is on triggers that count one model or Service only: it tells those of one ScaledObject and metric apart. */
const trigger = ['namespace', 'scaled_object', 'metric', 'scope'];

/** What is known of every trigger at the moment of the scrape; a series goes with its trigger. */
export const triggerFamilies = {
  triggers: gauge('triggers', 'Triggers KEDA asks about.'),
  endpoints: gauge('endpoints', 'Endpoints of all triggers, by how well each is known.', 'state'),
  refusedTriggers: gauge(
    'refused_triggers',
    'Triggers that were refused and not mended since, by reason; kept for 30 minutes after the last question.',
    'reason',
  ),
  pushStreams: gauge('push_streams', 'Push streams KEDA holds open.', 'namespace', 'scaled_object'),
  metricValue: gauge(
    'metric_value',
    'The value reported to KEDA; absent while holding, when that is no change or an error.',
    ...trigger,
  ),
  targetValue: gauge('target_value', 'Load one replica should carry.', ...trigger),
  active: gauge('active', '1 while the workload should run, else 0; absent while holding.', ...trigger),
  holding: gauge('holding', '1 while KEDA is told to keep what it has, for this reason, else 0.', ...trigger, 'reason'),
  replicas: gauge('replicas', 'Replicas as the HPA counts them.', ...trigger),
  desiredReplicas: gauge(
    'desired_replicas',
    'Replicas the HPA will ask for, surge and tolerance included, before its stabilization and policies.',
    ...trigger,
  ),
  dataAge: gauge('data_age_seconds', 'Age of the oldest reading that counts; absent without one.', ...trigger),
  endpointsFresh: gauge('endpoints_fresh', 'Endpoints that are known now, or bounded by a fresh reading.', ...trigger),
  endpointsExpected: gauge('endpoints_expected', 'Endpoints that should be readable.', ...trigger),
  endpointsBeyondLimit: gauge(
    'endpoints_beyond_limit',
    'Endpoints that are not read because the trigger has too many; each counts as unreadable.',
    ...trigger,
  ),
  gatewayReadable: gauge(
    'gateway_readable',
    '1 while what stands in front is known now, else 0; absent without a gateway.',
    ...trigger,
  ),
  gpuGuard: gauge('gpu_guard', '1 while a busy GPU keeps an idle page alive, else 0.', ...trigger),
  suspectEndpoints: gauge(
    'suspect_endpoints',
    'Endpoints that claim requests while none of their counters moves.',
    ...trigger,
  ),
} as const;
