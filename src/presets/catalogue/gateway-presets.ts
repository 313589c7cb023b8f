import type { Preset } from './preset.ts';

const inFlight = { counts: 'in-flight' } as const;

/**
 * Our own. What is held has reached no engine; what is in flight is counted from forwarding to the answer's end, so
 * engines count it too. Questions that wake nothing are in none of its families.
 */
export const activator: Preset = {
  title: 'the activator',
  kind: 'gateway',
  fingerprint: ['keda_llm_scaler_activator_'],
  running: 'keda_llm_scaler_activator_in_flight_requests',
  waiting: 'keda_llm_scaler_activator_held_requests',
  requests: 'keda_llm_scaler_activator_forwarded_requests_total',
  modelLabels: ['route'],
  atZero: 'holds',
  ports: [8080],
  paths: ['/metrics'],
  inFront: { counts: 'held' },
};

export const litellm: Preset = {
  title: 'the LiteLLM proxy',
  kind: 'gateway',
  fingerprint: ['litellm_'],
  alsoPrinted: ['litellm_deployment_state'],
  running: 'litellm_in_flight_requests',
  inclusive: true,
  countsItsReader: true,
  // Reads that were refused are counted, with no model.
  requests: 'litellm_proxy_total_requests_metric_total{requested_model!="",route!~probes}',
  timeToFirstToken: 'litellm_llm_api_time_to_first_token_metric',
  modelLabels: ['requested_model'],
  ports: [4000],
  paths: ['/metrics/', '/metrics'],
  howToSwitchOn: 'the LiteLLM proxy prints metrics when "prometheus" is among its callbacks',
  inFront: inFlight,
  atZero: 'wakes',
};

/**
 * Old and new names are printed together. What runs contains the engines' own queues; what flow control holds has not
 * been sent to an engine yet, so only that is held in front of them. Pool averages are a view of the same requests.
 */
export const epp: Preset = {
  title: 'the endpoint picker',
  kind: 'gateway',
  bornWithFirstRequest: true,
  fingerprint: ['llm_d_epp_', 'inference_pool_', 'inference_objective_'],
  alsoPrinted: [
    'llm_d_epp_ready_endpoints',
    'llm_d_epp_average_queue_size',
    'inference_pool_ready_pods',
    'inference_pool_average_queue_size',
  ],
  running: 'llm_d_epp_request_running | inference_objective_running_requests | inference_model_running_requests',
  waiting: '? llm_d_epp_flow_control_queue_size | inference_extension_flow_control_queue_size',
  kvCacheRatio: 'llm_d_epp_average_kv_cache_utilization | inference_pool_average_kv_cache_utilization',
  requests: 'llm_d_epp_request_total | inference_objective_request_total | inference_model_request_total',
  timeToFirstToken: [
    'llm_d_epp_request_ttft_seconds',
    'inference_objective_request_ttft_seconds',
    'inference_model_request_ttft_seconds',
  ].join(' | '),
  modelLabels: ['model_name'],
  ports: [9090],
  paths: ['/metrics'],
  inFront: { counts: 'held' },
  atZero: 'holds',
};

/** Envoy's own streams to its control plane stay open for ever and carry no request to a model. */
const controlPlane = ['xds_cluster', 'xds-grpc', 'sds-grpc', 'agent', 'prometheus_stats']
  .map((cluster) => `envoy_cluster_name!="${cluster}"`)
  .join(',');

export const envoy: Preset = {
  title: 'Envoy',
  kind: 'gateway',
  fingerprint: ['envoy_cluster_'],
  alsoPrinted: ['envoy_cluster_membership_healthy'],
  running: `envoy_cluster_upstream_rq_active{${controlPlane}}`,
  waiting: `? envoy_cluster_upstream_rq_pending_active{${controlPlane}}`,
  // Without a healthy host a request is refused before it is one of the cluster's.
  requests: `envoy_cluster_upstream_rq_total{${controlPlane}} + ? envoy_cluster_upstream_cx_none_healthy{${controlPlane}}`,
  modelLabels: ['envoy_cluster_name'],
  modelsNotListed: true,
  ports: [9901, 19001, 15090, 8002],
  paths: ['/stats/prometheus'],
  howToSwitchOn: 'Envoy under Istio hides cluster statistics unless proxyStatsMatcher includes them',
  inFront: inFlight,
  atZero: 'wakes',
};

export const istio: Preset = {
  title: 'an Istio proxy',
  kind: 'gateway',
  fingerprint: ['istio_requests_total'],
  alsoPrinted: ['istio_requests_total'],
  whyNoConcurrency:
    'Istio prints no requests in flight; let proxyStatsMatcher include cluster.*.upstream_rq_active and use the preset envoy',
  ports: [15020, 15090],
  paths: ['/stats/prometheus'],
  inFront: inFlight,
};

export const traefik: Preset = {
  title: 'Traefik',
  kind: 'gateway',
  fingerprint: ['traefik_'],
  alsoPrinted: ['traefik_service_requests_total', 'traefik_open_connections', 'traefik_entrypoint_open_connections'],
  whyNoConcurrency: 'Traefik prints open connections, which are not requests',
  ports: [8080],
  paths: ['/metrics'],
  inFront: inFlight,
};

export const kong: Preset = {
  title: 'Kong',
  kind: 'gateway',
  fingerprint: ['kong_'],
  alsoPrinted: ['kong_nginx_connections_total', 'kong_http_requests_total'],
  whyNoConcurrency: 'Kong prints open connections, which are not requests',
  ports: [8100, 8001, 8007],
  paths: ['/metrics'],
  inFront: inFlight,
};

export const nginx: Preset = {
  title: 'ingress-nginx',
  kind: 'gateway',
  fingerprint: ['nginx_ingress_controller_'],
  alsoPrinted: ['nginx_ingress_controller_nginx_process_connections', 'nginx_ingress_controller_requests'],
  whyNoConcurrency: 'ingress-nginx prints connections of the whole controller, which are not requests to one model',
  ports: [10254],
  paths: ['/metrics'],
  inFront: inFlight,
};

/** The interceptor counts a request from its arrival to the end of its answer. Read by `read-route-queue.ts`. */
export const kedaHttp: Preset = {
  title: "the KEDA HTTP add-on's queue",
  kind: 'gateway',
  fingerprint: [],
  body: 'json',
  inclusive: true,
  ports: [9090],
  paths: ['/queue'],
  inFront: inFlight,
  atZero: 'holds',
};
