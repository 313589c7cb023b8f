import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from './build.ts';
import type { ActivatorAddresses } from './cluster/activator.ts';
import { activatorAccount, activatorPlan } from './cluster/activator.ts';
import type { ControlPlane, RunFolders } from './cluster/control-plane.ts';
import { startControlPlane } from './cluster/control-plane.ts';
import { furnishNamespaces } from './cluster/namespaces.ts';
import { nodeNames, nodeObject } from './cluster/objects.ts';
import type { ProcessPlan } from './cluster/process.ts';
import { Process } from './cluster/process.ts';
import type { ScalerAddresses } from './cluster/scaler.ts';
import { mainScaler, makeAccount, scalerPlan } from './cluster/scaler.ts';
import { scalerAccount } from './cluster/scaler-account.ts';
import { ReplicaHistory } from './history.ts';
import { modelsPlan } from './models/models-process.ts';

/** A cluster with KEDA, model replicas and the scaler under test. */
export interface World extends ControlPlane {
  readonly history: ReplicaHistory;
  readonly scaler: Process;
  readonly artifacts: string;
  /** The program that asks a scaler with KEDA's own client. */
  readonly kedaClientTest: string;
  /** Another scaler with the same account, not started. */
  anotherScaler(addresses: ScalerAddresses): Process;
  /** An activator with its own account, not started. */
  activator(addresses: ActivatorAddresses): Process;
}

/** Builds the world inside the namespaces this process was given; what it wrote, logs aside, goes when it stops. */
export async function startWorld(binaries: Binaries, artifacts: string): Promise<World> {
  const state = binaries.mountPoint;
  const folders: RunFolders = { state, logs: join(artifacts, 'logs') };
  mkdirSync(folders.logs, { recursive: true });
  furnishNamespaces(state);
  const plane = await startControlPlane(binaries, folders);
  const ending = new AbortController();
  const started: Process[] = [];
  const stop = async (): Promise<void> => {
    ending.abort();
    for (const process of started.toReversed()) await process.stop();
    await plane.stop();
  };
  try {
    for (const name of nodeNames) await plane.kube.apply(`/api/v1/nodes/${name}`, nodeObject(name));
    const history = new ReplicaHistory();
    history.follow(plane.kube, ending.signal);
    const place = { caFile: plane.certificates.ca, stateFolder: state };
    const kubeconfig = await makeAccount(plane.kube, { ...scalerAccount, ...place });
    const activatorKubeconfig = await makeAccount(plane.kube, { ...activatorAccount, ...place });
    const another = (plan: ProcessPlan): Process => {
      const process = new Process(plan, folders.logs);
      started.push(process);
      return process;
    };
    const anotherScaler = (addresses: ScalerAddresses): Process => another(scalerPlan(addresses, kubeconfig));
    const activator = (addresses: ActivatorAddresses): Process => {
      return another(activatorPlan(addresses, activatorKubeconfig));
    };
    const models = new Process(modelsPlan(plane.certificates), folders.logs);
    started.push(models);
    const scaler = anotherScaler(mainScaler);
    await Promise.all([models.start(), scaler.start()]);
    const kedaClientTest = binaries.path['keda-client.test'];
    return { ...plane, history, scaler, artifacts, kedaClientTest, anotherScaler, activator, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
