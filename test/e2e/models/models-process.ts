import { join } from 'node:path';
import { answers } from '../cluster/answers.ts';
import type { Certificates } from '../cluster/certificates.ts';
import { apiServerAddress } from '../cluster/control-plane.ts';
import { jsonPage } from '../cluster/json-page.ts';
import type { ProcessPlan } from '../cluster/process.ts';
import type { ModelCommand, WorkloadLoad } from './protocol.ts';
import { controlPort } from './protocol.ts';

const control = `http://127.0.0.1:${controlPort}/`;

export function modelsPlan(certificates: Certificates): ProcessPlan {
  const main = join(import.meta.dirname, 'models.ts');
  const access = [certificates.ca, certificates.cert('admin'), certificates.key('admin'), apiServerAddress];
  return { name: 'models', command: process.execPath, args: [main, ...access], isReady: () => answers(control) };
}

/** Tells the model replicas what to do from now on. */
export async function tellModels(...commands: readonly ModelCommand[]): Promise<void> {
  if ((await jsonPage(control, commands)) === undefined) throw new Error('the model replicas do not answer');
}

/** What the replicas of each workload do, by workload. */
export async function modelLoads(): Promise<Readonly<Record<string, WorkloadLoad>>> {
  return (await jsonPage<Record<string, WorkloadLoad>>(control)) ?? {};
}
