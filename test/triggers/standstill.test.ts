import { expect, it } from 'vitest';
import { statusesOf } from '../fakes/printed-pages.ts';

const claims = (requests: number) =>
  `bentoml_service_request_in_progress{endpoint="/generate",runner_name="A",service_name="A"} ${requests}
bentoml_service_request_total{endpoint="/generate",http_response_code="200",runner_name="A",service_name="A"} 40
`;
const minutes = (count: number) => ({ seconds: count * 60, everySeconds: 2 });

it('goes on counting what a killed worker left in the gauge, and says nothing of one that serves alone', () => {
  const status = statusesOf({ replica: () => claims(3), ...minutes(20) }).at(-1)!;
  expect(status).toMatchObject({ metricValue: 3, active: true, activeReason: 'load-above-activation' });
  expect(status.endpoints[0]).toMatchObject({ suspect: false, suspectIgnored: false });
});

it('lets go of a workload that such requests hold, after the time that the trigger sets', () => {
  const metadata = { ignoreSuspectAfter: '10m' };
  const seen = statusesOf({ replica: () => claims(3), metadata, ...minutes(13) });
  expect(seen.at(9 * 30)).toMatchObject({ metricValue: 3, active: true });
  expect(seen.at(-1)).toMatchObject({ metricValue: 0, active: false });
  expect(seen.at(-1)!.endpoints[0]).toMatchObject({ suspect: true, suspectIgnored: true, concurrency: 3 });
});

it('counts a request that comes after that, and the others with it', () => {
  const replica = (second: number) => claims(second < 780 ? 3 : 4);
  const metadata = { ignoreSuspectAfter: '10m', window: '6s' };
  const status = statusesOf({ replica, metadata, ...minutes(14) }).at(-1)!;
  expect(status).toMatchObject({ metricValue: 4, active: true });
});
