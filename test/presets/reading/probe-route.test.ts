import { expect, it } from 'vitest';
import { isProbeRoute } from '../../../src/presets/reading/probe-route.ts';
import { readSignals } from '../../../src/presets/reading/read-signals.ts';
import { pageOf } from '../page-of.ts';

it.each([
  '/metrics',
  '/v1/metrics',
  '/a/b/livez',
  '/readyz/',
  '/health',
  '/v2/health/ready',
  '/health/liveliness?verbose',
  '/Healthz',
  '/',
  '/favicon.ico',
])('%s is asked by kubelets, Prometheus and browsers', (path) => expect(isProbeRoute(path)).toBe(true));

it.each(['', '/generate', '/v1/chat/completions', '/metrics/report', '/healthy', '/live-captions', '/predict'])(
  '"%s" is a request',
  (path) => expect(isProbeRoute(path)).toBe(false),
);

const requests = (endpoint: string, code: number, value: number) =>
  `bentoml_service_request_total{endpoint="${endpoint}",http_response_code="${code}",runner_name="A",service_name="A"} ${value}\n`;

it('counts no probe and no path that is not there as a request of BentoML, whatever the prefix, and refusals as some', () => {
  const page =
    requests('/v1/generate', 200, 4) +
    requests('/v1/generate', 429, 2) +
    requests('/v1/livez', 200, 90) +
    requests('/ready', 200, 70) +
    requests('/', 200, 8) +
    requests('/wp-login.php', 404, 300) +
    'bentoml_service_request_in_progress{endpoint="/v1/generate",runner_name="A",service_name="A"} 1\n' +
    'bentoml_service_request_in_progress{endpoint="/v1/metrics",runner_name="A",service_name="A"} 1\n';
  expect(readSignals(pageOf(page), 'bentoml')).toMatchObject({ signals: { concurrency: 1, requestsTotal: 6 } });
});

it('counts no refused read as a request of LiteLLM, and not the read itself', () => {
  const page =
    'litellm_in_flight_requests 1\nlitellm_proxy_total_requests_metric_total{requested_model="",route="/metrics",status_code="401"} 55\n';
  expect(readSignals(pageOf(page), 'litellm')).toMatchObject({ signals: { concurrency: 0, requestsTotal: 0 } });
});
