import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What is published: `run.ts` builds it first. */
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const startsWithinMs = 20_000;

/** What the service says of itself at one moment. */
export interface Vitals {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  readonly scrapes: number;
  readonly scrapeFailures: number;
  readonly skippedStarts: number;
}

/** The whole service as users run it, in a process of its own. */
export interface ServiceProcess {
  readonly grpcAddress: string;
  readonly adminAddress: string;
  /** From its metrics page. */
  vitals(): Promise<Vitals>;
  stop(): Promise<void>;
}

/** Options for Node, such as `--cpu-prof --cpu-prof-dir=DIR` to look into the service while it is measured. */
const nodeOptions = (process.env.BENCH_SERVICE_NODE_OPTIONS ?? '').split(' ').filter(Boolean);

/** Room for as many triggers of one namespace as of all. */
const wide = ['--max-triggers', '5000', '--max-triggers-per-namespace', '5000'];

export async function startServiceProcess(
  flags: readonly string[] = [],
  bounds: 'wide limits' | 'default limits' = 'wide limits',
): Promise<ServiceProcess> {
  const addresses = ['--grpc-address', '127.0.0.1:0', '--admin-address', '127.0.0.1:0'];
  const limits = bounds === 'wide limits' ? wide : [];
  const reach = ['--endpoint-allow-cidrs', '127.0.0.0/8'];
  const own = flags.includes('--kubeconfig') ? [] : ['--kubernetes', 'off'];
  const argv = [...nodeOptions, main, 'serve', ...addresses, ...limits, ...reach, ...own, ...flags];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill();
    await exited;
  };
  const orphan = (): void => void child.kill();
  process.once('exit', orphan);
  void exited.then(() => process.off('exit', orphan));
  try {
    const { address, endpoint } = await servingLine(child.stdout);
    return { grpcAddress: address, adminAddress: endpoint, vitals: () => vitalsAt(`http://${endpoint}/metrics`), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface ServingLine {
  readonly message?: string;
  readonly address: string;
  readonly endpoint: string;
}

function servingLine(output: NodeJS.ReadableStream): Promise<ServingLine> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the service did not start in time')), startsWithinMs);
    const lines = createInterface({ input: output });
    lines.on('line', (text) => {
      const line = JSON.parse(text) as ServingLine;
      if (line.message !== 'serving') return;
      clearTimeout(late);
      resolve(line);
    });
    lines.on('close', () => reject(new Error('the service ended')));
  });
}

async function vitalsAt(url: string): Promise<Vitals> {
  const page = await (await fetch(url)).text();
  const sum = (name: string): number => {
    const lines = page.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)`, 'gm'));
    return [...lines].reduce((total, [, value]) => total + Number(value), 0);
  };
  return {
    cpuSeconds: sum('process_cpu_seconds_total'),
    rssBytes: sum('process_resident_memory_bytes'),
    scrapes: sum('keda_llm_scaler_scrapes_total'),
    scrapeFailures: sum('keda_llm_scaler_scrape_failures_total'),
    skippedStarts: sum('keda_llm_scaler_scrape_starts_skipped_total'),
  };
}
