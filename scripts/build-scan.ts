import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Compiles the line scan and writes it where the parser finds it: as text, so that no file has to be found at run time. */
const source = 'src/exposition/scan/wasm/line-scan.ts';
const target = 'src/exposition/scan/line-scan-code.ts';

const folder = mkdtempSync(join(tmpdir(), 'line-scan-'));
try {
  const compiled = join(folder, 'line-scan.wasm');
  const flags = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--outFile', compiled];
  const { status, error } = spawnSync('asc', [source, ...flags], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`asc could not build ${source}: ${error?.message ?? `exit code ${status}`}`);
  const lines = readFileSync(compiled)
    .toString('base64')
    .match(/.{1,100}/g)!;
  const text = lines.map((line) => `  '${line}',`).join('\n');
  writeFileSync(
    target,
    `// Made from wasm/line-scan.ts by \`npm run generate:scan\`.\nexport const lineScanCode = [\n${text}\n].join('');\n`,
  );
  console.log(`built ${target}`);
} finally {
  rmSync(folder, { recursive: true });
}
