import type { Scenario } from '../scenario.ts';
import { inSeconds } from '../scenario.ts';

const everyMs = 20_000;
const rounds = 5;

export const shortRequests: Scenario = {
  name: 'short-requests',
  title: 'one request each 20 s, too short to be scraped: the workload stays, and goes when they end',
  async run(stage) {
    await stage.model({ name: 'llama', replicas: 1 });
    await stage.keepOpen('llama', 4);
    await stage.scale({ name: 'llama', triggers: [{ targetValue: '8', idleAfter: '30s', window: '10s' }] });
    await stage.status('llama', '4 requests', ({ metricValue }) => Math.round(metricValue ?? 0) === 4);
    await stage.keepOpen('llama', 0);
    for (let round = 0; round < rounds; round += 1) {
      await stage.sendShort('llama', 1);
      await stage.stays('llama', 1, everyMs);
    }
    const endedMs = performance.now();
    const toZeroMs = await stage.desired('llama', 0, 90_000, endedMs);
    return `${rounds} requests kept it for ${(rounds * everyMs) / 1000} s; 0 came ${inSeconds(toZeroMs)} after the last was 20 s old`;
  },
};
