import { expect, it } from 'vitest';
import { statusRoute } from '../../src/status-page/status-route.ts';
import type { RecordedTraffic } from '../../src/triggers/traffic-recording.ts';

const traffic: RecordedTraffic = { bucketSeconds: 10, buckets: [], startsSeconds: [95] };
const isKnown = (namespace: string, name: string) => namespace === 'models' && name === 'llama 3';

function ask(path: string) {
  const recording = (namespace: string, name: string) => (isKnown(namespace, name) ? traffic : undefined);
  const route = statusRoute({ status: () => ({ triggers: [], refused: [] }), version: '1', recording });
  const url = new URL(`http://localhost${path}`);
  const asked = { url: path, path: url.pathname, accept: undefined, method: 'GET' } as never;
  return route.answer(asked, { ready: true, why: '', uptimeSeconds: 1 } as never);
}

it('gives what was recorded of a ScaledObject, whatever its name', async () => {
  const page = await ask('/status/models/llama%203/recording');
  expect(page.code).toBe(200);
  expect(JSON.parse(String(page.body))).toEqual({ namespace: 'models', scaledObject: 'llama 3', ...traffic });
});

it.each(['/status/models/other/recording', '/status/other/llama%203/recording'])('says so at %s', async (path) => {
  const page = await ask(path);
  expect(page.code).toBe(404);
  expect(String(page.body)).toContain('nothing is recorded of it');
});

it('leaves other pages as they are', async () => {
  expect((await ask('/status/models/llama%203/recording/more')).code).toBe(404);
  expect(String((await ask('/status/models/llama%203/recordings')).body)).toContain('expected /status/NAMESPACE/NAME');
});
