import { readFileSync } from 'node:fs';

/** Our own version. `package.json` stands two folders up from the source, one from the bundle. */
export function ownVersion(): string {
  const up = import.meta.url.endsWith('.ts') ? '../../package.json' : '../package.json';
  const { version } = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as { version: string };
  return version;
}
