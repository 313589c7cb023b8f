import { defineConfig } from 'vitest/config';

// vitest reads its configuration from the default export.
// biome-ignore lint/style/noDefaultExport: required by vitest
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/real/**'],
    testTimeout: 15_000,
    pool: 'forks',
  },
});
