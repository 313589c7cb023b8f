import { describe, expect, it } from 'vitest';
import type { Printed } from '../fakes/printed-pages.ts';
import { statusesOf } from '../fakes/printed-pages.ts';

/** What a server prints before its first request, and what it prints with five of them. */
interface Growing {
  readonly fresh: string;
  readonly grown: string;
  /** Left out: five. */
  readonly requests?: number;
}

const dynamoWorker = 'dynamo_component_uptime_seconds 9\n';
const dynamoGrown =
  'dynamo_component_inflight_requests{dynamo_endpoint="generate"} 5\ndynamo_component_inflight_requests{dynamo_endpoint="worker_kv_query_source_1e"} 1\n';

const engines: Readonly<Record<string, Growing>> = {
  'a Dynamo worker with vLLM': {
    fresh: dynamoWorker,
    grown: `${dynamoWorker}${dynamoGrown}vllm:num_requests_running{engine="0"} 2\nvllm:num_requests_waiting{engine="0"} 0\n`,
  },
  'a Dynamo worker with SGLang': {
    fresh: dynamoWorker,
    grown: `${dynamoWorker}${dynamoGrown}sglang:num_running_reqs 2\nsglang:num_queue_reqs 1\n`,
  },
  'a Dynamo worker with TensorRT-LLM, which brings no gauges': {
    fresh: dynamoWorker,
    grown: `${dynamoWorker}${dynamoGrown}trtllm_request_success_total{model_name="q"} 100\n`,
  },
  MLServer: {
    fresh:
      '# TYPE model_infer_request_success_total counter\n# TYPE model_infer_request_duration summary\n# TYPE grpc_server_started_total counter\n',
    grown: 'model_infer_request_success_total{model="m"} 4\nrest_server_requests_in_progress{method="POST"} 5\n',
  },
  'MLServer that is asked by gRPC': {
    fresh: '# TYPE model_infer_request_success_total counter\n# TYPE model_infer_request_duration summary\n',
    grown:
      'model_infer_request_success_total{model="m"} 4\nrest_server_requests_in_progress{method="POST"} 2\ngrpc_server_started_total{grpc_method="ModelInfer"} 10\ngrpc_server_started_total{grpc_method="ServerReady"} 7\ngrpc_server_handled_total{grpc_method="ModelInfer",grpc_code="OK"} 7\n',
  },
  'Modular MAX, whose fresh names nobody expects': {
    fresh: 'maxserve_model_worker_restarts_total 0\n',
    grown: 'maxserve_num_requests_running 5\nmaxserve_request_count_total 3\n',
  },
  'Triton, to which a model with TensorRT-LLM is loaded': {
    fresh: 'nv_pinned_memory_pool_total_bytes 268435456\nnv_cpu_utilization 1\n',
    grown:
      'nv_pinned_memory_pool_total_bytes 268435456\nnv_inference_request_success{model="a"} 3\nnv_trt_llm_request_metrics{request_type="active"} 5\nnv_trt_llm_request_metrics{request_type="scheduled"} 5\n',
  },
  'Ray Serve, on whose node an engine starts': {
    fresh:
      'ray_serve_num_http_requests 1\nray_serve_replica_processing_queries{deployment="LLM"} 0\nray_serve_deployment_queued_queries{deployment="LLM"} 0\n',
    grown:
      'ray_serve_replica_processing_queries{deployment="LLM"} 5\nray_serve_deployment_queued_queries{deployment="LLM"} 0\nray_vllm_num_requests_running{ReplicaId="a"} 4\nray_vllm_num_requests_waiting{ReplicaId="a"} 1\n',
  },
  'Text Generation Inference': {
    fresh: 'tgi_batch_max_total_tokens 4096\n',
    grown: 'tgi_batch_current_size 4\ntgi_queue_size 1\ntgi_request_count{method="generate"} 9\n',
  },
  'mistral.rs': {
    fresh: '# TYPE mistralrs_build_info gauge\nmistralrs_build_info 1\n',
    grown: 'mistralrs_sequences_running 4\nmistralrs_sequences_waiting 1\nmistralrs_sequences_completed_total 2\n',
  },
  'vLLM of several processes': {
    fresh:
      '# TYPE vllm:num_requests_running gauge\n# TYPE vllm:num_requests_waiting gauge\nvllm:request_success_total{engine="0",finished_reason="stop"} 0\n',
    grown:
      'vllm:num_requests_running{engine="1"} 4\nvllm:num_requests_waiting{engine="1"} 1\nvllm:request_success_total{engine="1",finished_reason="stop"} 3\n',
  },
};

const gateways: Readonly<Record<string, Growing>> = {
  'the Dynamo frontend': {
    fresh: 'dynamo_frontend_disconnected_clients 0\ndynamo_request_plane_inflight_requests 0\n',
    grown: 'dynamo_frontend_active_requests{model="m"} 5\ndynamo_frontend_requests_total{model="m"} 3\n',
  },
  'the endpoint picker': {
    fresh: 'inference_pool_ready_pods{name="p"} 0\n',
    grown: 'inference_objective_running_requests{model_name="m"} 5\n',
  },
};

const last = (replica: Printed, seconds = 8) => statusesOf({ replica, seconds }).at(-1)!;
const loadOf = (printed: Printed) => {
  const { now, unreadable } = last(printed);
  return { now, unreadable };
};

describe.each(Object.entries(engines))('%s', (_name, { fresh, grown, requests = 5 }) => {
  it('is idle before its first request, in the same words every second', () => {
    const seen = statusesOf({ replica: () => fresh, seconds: 8 }).slice(2);
    expect(seen.length).toBeGreaterThan(5);
    for (const status of seen) {
      expect(status).toMatchObject({ decision: 'report', metricValue: 0, active: false, unreadable: 0 });
      expect(status.endpoints[0]).toMatchObject({ engine: seen[0]!.endpoints[0]!.engine, concurrency: 0 });
      expect(status.endpoints[0]!.detail).toBeUndefined();
    }
  });

  it('has the same load whether its first page was seen or not', () => {
    const known = { now: { low: requests, high: requests }, unreadable: 0 };
    expect(loadOf(() => grown)).toEqual(known);
    expect(loadOf((second) => (second < 4 ? fresh : grown))).toEqual(known);
  });
});

const withoutGauges: [server: string, page: string][] = [
  ['a Dynamo worker', 'dynamo_component_requests_total{dynamo_endpoint="generate"} 4\n'],
  ['MLServer', 'model_infer_request_success_total{model="m"} 4\nmodel_infer_request_failure_total{model="m"} 0\n'],
  ['Modular MAX', 'maxserve_pipeline_load_total 1\nmaxserve_request_count_total 3\n'],
  ['Text Generation Inference', 'tgi_batch_max_total_tokens 4096\ntgi_request_count{method="generate"} 9\n'],
  ['LoRAX', 'lorax_request_success 1\n'],
  ['Text Generation Inference whose batches have run', 'tgi_batch_inference_count{method="decode"} 7\n'],
  ['mistral.rs', 'mistralrs_sequences_completed_total 2\n'],
  [
    'BentoML',
    'bentoml_service_request_total{endpoint="/generate",http_response_code="200",runner_name="A",service_name="A"} 2\n',
  ],
];
it.each(withoutGauges)('does not take %s for idle whose counter has moved and whose gauge is gone', (_server, page) => {
  expect(last(() => page)).toMatchObject({ decision: 'hold', unreadable: 1 });
});

describe.each(Object.entries(gateways))('%s in front', (_name, { fresh, grown }) => {
  const watched = (gateway: Printed) =>
    statusesOf({ gateway, metadata: { gatewayService: 'gw', gatewayModel: 'm' }, seconds: 6 });

  it('holds nothing before its first request, and is no unreadable gateway', () => {
    for (const status of watched(() => fresh).slice(2)) {
      expect(status).toMatchObject({ metricValue: 0, active: false, gateway: { state: 'read', unknown: 0 } });
    }
  });

  it('has the same load whether its first page was seen or not', () => {
    for (const printed of [() => grown, (second: number) => (second < 3 ? fresh : grown)]) {
      const { held, inFlight } = watched(printed).at(-1)!.gateway!;
      expect(held + inFlight).toBe(5);
    }
  });
});

it('does not take a page without any request for idle where the server may not have reported yet', () => {
  const { decision, unreadable } = last(() => 'sglang:context_len 4096\nsglang:page_size 1\n');
  expect({ decision, unreadable }).toEqual({ decision: 'hold', unreadable: 1 });
});
