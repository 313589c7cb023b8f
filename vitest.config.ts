import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const pureRooms = [
  'keda',
  'hold-queue',
  'exposition',
  'presets',
  'gpu',
  'config',
  'aggregation',
  'decision',
  'check',
  'triggers',
];
const pure = pureRooms.map((room) => `test/${room}/**/*.test.ts`);
/** These have commands of their own. */
const ofTheirOwn = ['test/e2e/**', 'test/real/**', 'test/deploy/**', 'test/browser/**'];
// Processes and threads that tests start read the sources compiled once: a quarter of the time of all tests.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url));
const shared = { testTimeout: 15_000, pool: 'forks' } as const;

// vitest reads its configuration from the default export.
// biome-ignore lint/style/noDefaultExport: required by vitest
export default defineConfig({
  test: {
    // The longest tests wait for sockets and clocks most of their time, so more run at once than there are cores.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    projects: [
      // Pure rooms leave nothing behind, so their files share a process and what it has loaded.
      { test: { ...shared, name: 'pure', include: pure, isolate: false } },
      { test: { ...shared, name: 'outside', include: ['test/**/*.test.ts'], exclude: [...ofTheirOwn, ...pure] } },
      { test: { ...shared, name: 'browser', include: ['test/browser/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { ...shared, name: 'chart', include: ['test/deploy/**/*.test.ts'] } },
    ],
  },
});
