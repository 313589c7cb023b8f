import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { chartFiles } from './generated-files.ts';
import { findHelm } from './helm.ts';
import { manifests, renderManifest } from './manifests.ts';

for (const { path, render } of chartFiles) write(path, render());
const helm = findHelm();
if (helm === undefined) console.log('deploy/manifests: left as they are, for want of helm (npm run helm:get)');
else for (const manifest of manifests) write(manifest.path, renderManifest(helm, manifest));

function write(path: string, text: string): void {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  if (before === text) {
    console.log(`${path}: as it should be`);
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`${path}: rewritten`);
}
