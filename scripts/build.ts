import { chmodSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

/** `dist/` beside `proto/` and `package.json`: what is published, and what the image runs. Packages stay outside. */
rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: { main: 'src/main.ts', 'scrape-worker': 'src/readings/scrape-worker.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'chunk-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node24',
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
});
chmodSync('dist/main.js', 0o755);
console.log('built dist/main.js and dist/scrape-worker.js');
