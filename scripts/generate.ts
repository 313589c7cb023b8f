import { readFileSync, writeFileSync } from 'node:fs';
import { renderMetricsReference } from '../src/telemetry/metrics-reference.ts';
import { documents, withReference } from './generated-docs.ts';

function rewrite(path: string, renew: (before: string) => string): void {
  const before = readFileSync(path, 'utf8');
  const after = renew(before);
  if (after !== before) writeFileSync(path, after);
  console.log(`${path}: ${after === before ? 'as it should be' : 'rewritten'}`);
}

for (const document of documents) rewrite(document.path, (before) => withReference(before, document));
rewrite('docs/metrics.md', () => renderMetricsReference());
