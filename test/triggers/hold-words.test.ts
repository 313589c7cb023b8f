import { describe, expect, it } from 'vitest';
import { statusesOf } from '../fakes/printed-pages.ts';

const bento =
  'bentoml_service_request_in_progress{endpoint="/chat",runner_name="S",service_name="S"} 2\nbentoml_service_request_total{endpoint="/chat",runner_name="S",service_name="S"} 9\n';
const vllm =
  'vllm:num_requests_running{model_name="m"} 2\nvllm:num_requests_waiting{model_name="m"} 0\nvllm:request_success_total{model_name="m"} 4\n';

describe('a metric that the page does not give', () => {
  it.each([
    ['waiting', bento, 'waiting: the running number of BentoML holds the waiting requests'],
    ['kvCache', vllm, 'kvCache: the page states no share of the KV cache'],
    ['timeToFirstToken', vllm, 'timeToFirstToken: the page has no histogram of times to first token'],
  ])('%s: the hold says so to KEDA, and the status with the replica', (metric, page, words) => {
    const targetValue = metric === 'kvCache' ? '0.8' : '10';
    const [status] = statusesOf({ replica: () => page, metadata: { metric, targetValue }, seconds: 30 }).slice(-1);
    expect(status).toMatchObject({ decision: 'hold', holdReason: 'nothing-readable' });
    expect(status!.why).toContain(words);
    expect(status!.endpoints[0]!.problems.join()).toContain(words);
    expect(status!.endpoints[0]!.failure).toBeUndefined();
  });

  it('is no problem where it is given', () => {
    const [status] = statusesOf({ replica: () => vllm, metadata: { metric: 'waiting' }, seconds: 5 }).slice(-1);
    expect(status).toMatchObject({ decision: 'report', metricValue: 0 });
    expect(status!.endpoints[0]!.problems).toEqual([]);
  });
});

describe('a server with a limit of its own', () => {
  const vllmPage = (running: number, refused: number): string =>
    `vllm:num_requests_running{model_name="m"} ${running}\nvllm:num_requests_waiting{model_name="m"} 0\nvllm:request_success_total{model_name="m"} 4\nvllm:admission_rejections_total{model_name="m"} ${refused}\n`;
  const bentoPage = (running: number, refused: number): string =>
    bento
      .replace('} 2', `} ${running}`)
      .concat(
        refused > 0
          ? `bentoml_service_request_total{endpoint="/chat",http_response_code="429",runner_name="S",service_name="S"} ${refused}\n`
          : '',
      );

  it.each([
    ['vLLM', vllmPage],
    ['BentoML', bentoPage],
  ])('%s: the status says that what it refuses asks for no replica', (_name, page) => {
    const problems = (running: number, refused: (second: number) => number): string =>
      statusesOf({ replica: (second) => page(running, refused(second)), seconds: 10 })
        .at(-1)!
        .endpoints[0]!.problems.join();
    expect(problems(8, (second) => second)).toMatch(/refuses requests with 8 in it, .* target of 10/);
    expect(problems(11, (second) => second)).not.toContain('refuses');
    expect(problems(8, () => 3)).not.toContain('refuses');
  });
});
