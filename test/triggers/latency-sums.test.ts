import { describe, expect, it } from 'vitest';
import type { Printed } from '../fakes/printed-pages.ts';
import { statusesOf } from '../fakes/printed-pages.ts';

/** So many requests of a tenth of a second at every moment, for so long, and then none. */
interface Busy {
  readonly requests: number;
  readonly untilSecond: number;
}

/** The sum of the seconds and the number of the requests that have ended until then. */
function ended({ requests, untilSecond }: Busy, second: number): { readonly seconds: number; readonly count: number } {
  const busySeconds = Math.min(second, untilSecond);
  return { seconds: requests * busySeconds, count: requests * busySeconds * 10 };
}

const servers: Readonly<Record<string, (busy: Busy, second: number) => string>> = {
  'vLLM that embeds': (busy, second) => {
    const { seconds, count } = ended(busy, second);
    return `vllm:num_requests_running{engine="0"} 0
vllm:num_requests_waiting{engine="0"} 0
vllm:prompt_tokens_total{engine="0"} ${7 * count}
vllm:generation_tokens_total{engine="0"} 0
vllm:e2e_request_latency_seconds_sum{engine="0"} ${100 + seconds}
vllm:e2e_request_latency_seconds_count{engine="0"} ${1000 + count}
vllm:request_success_total{engine="0",finished_reason="stop"} ${1000 + count}
`;
  },
  Triton: (busy, second) => {
    const { seconds, count } = ended(busy, second);
    return `nv_inference_request_success{model="m",version="1"} ${50 + count}
nv_inference_pending_request_count{model="m",version="1"} 0
nv_inference_request_duration_us{model="m",version="1"} ${(9 + seconds) * 1e6}
`;
  },
  'Text Embeddings Inference whose counters leak': (busy, second) => {
    const { seconds, count } = ended(busy, second);
    return `te_request_count{method="single"} ${2000 + count}
te_request_success{method="single"} 1000
te_queue_size 0
te_request_duration_sum{method="single"} ${30 + seconds}
te_request_duration_count{method="single"} ${400 + count}
`;
  },
  TorchServe: (busy, second) => {
    const { seconds, count } = ended(busy, second);
    return `ts_inference_requests_total{model_name="m",} ${5 + count}
ts_inference_latency_microseconds{model_name="m",} ${(3 + seconds) * 1e6}
`;
  },
  "KServe's Python server": (busy, second) => {
    const { seconds, count } = ended(busy, second);
    return `request_predict_seconds_sum{model_name="m"} ${4 + seconds * 0.75}
request_predict_seconds_count{model_name="m"} ${8 + count}
request_preprocess_seconds_sum{model_name="m"} ${1 + seconds * 0.25}
request_preprocess_seconds_count{model_name="m"} ${8 + count}
`;
  },
  'trtllm-serve 1.0': (busy, second) => {
    const { seconds, count } = ended(busy, second);
    return `request_success_total{engine_type="undefined"} ${3 + count}
e2e_request_latency_seconds_sum{engine_type="undefined"} ${2 + seconds}
e2e_request_latency_seconds_count{engine_type="undefined"} ${3 + count}
`;
  },
};

describe.each(Object.entries(servers))('%s', (_name, page) => {
  const busy = { requests: 25, untilSecond: 30 };
  const replica: Printed = (second) => page(busy, second);

  it('has the load that its latency sums show, and none once they stand still', () => {
    const seen = statusesOf({ replica, seconds: 100 });
    const at = (second: number) => seen[second]!;
    for (let second = 3; second < 30; second++) {
      expect(at(second).metricValue).toBeGreaterThan(24);
      expect(at(second).metricValue).toBeLessThan(26);
      expect(at(second)).toMatchObject({ active: true, desiredReplicas: 3, unreadable: 0 });
      expect(at(second).endpoints[0]).toMatchObject({ suspect: false, state: 'read' });
      expect(at(second).endpoints[0]!.latencySums!.words).toMatch(/^from latency sums: 25; gauge (0|not printed)$/);
      expect(at(second).why).toMatch(/latency sums show (24|25)(\.\d+)? that no gauge does/);
    }
    // The last seconds are over, and of the minute half was busy.
    expect(at(38).now).toEqual({ low: 0, high: 0 });
    expect(at(50).metricValue).toBeLessThan(13.5);
    expect(at(100)).toMatchObject({ metricValue: 0, active: false, settledBy: 'exact' });
  });

  it('is known by two pages, and never as idle before', () => {
    const [first, second] = statusesOf({ replica, seconds: 1 });
    expect(first!.metricValue ?? 'nothing').not.toBe(0);
    expect(second!.metricValue).toBeCloseTo(25, 0);
  });
});

it('takes the larger of gauge and latency sums, not both', () => {
  const decoding = (second: number) => `vllm:num_requests_running 6
vllm:num_requests_waiting 0
vllm:e2e_request_latency_seconds_sum ${6 * second}
vllm:e2e_request_latency_seconds_count ${60 * second}
`;
  const seen = statusesOf({ replica: decoding, seconds: 20 });
  for (const { metricValue } of seen.slice(2)) expect(metricValue).toBeCloseTo(6, 1);
});
