import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kpaSeries } from './series.ts';

/** Asks Knative's own autoscaler (a Go module; needs Go and its proxy) and keeps what it says beside this file. */
const folder = dirname(fileURLToPath(import.meta.url));
const input = JSON.stringify(kpaSeries().map(({ settings, moments }) => ({ Settings: settings, Moments: moments })));
const go = spawnSync('go', ['run', '.'], { cwd: folder, input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] });
if (go.status !== 0) throw new Error('go run failed');
writeFileSync(join(folder, 'answers.json'), go.stdout);
