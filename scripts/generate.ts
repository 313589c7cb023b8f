import { readFileSync, writeFileSync } from 'node:fs';
import { documents, withReference } from './generated-docs.ts';

for (const document of documents) {
  const before = readFileSync(document.path, 'utf8');
  const after = withReference(before, document);
  if (after === before) {
    console.log(`${document.path}: as it should be`);
  } else {
    writeFileSync(document.path, after);
    console.log(`${document.path}: rewritten`);
  }
}
