import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from '../build.ts';
import { eventually } from '../eventually.ts';
import type { Certificates } from './certificates.ts';
import { makeCertificates } from './certificates.ts';
import { Kube } from './kube.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { kwokStages } from './kwok-stages.ts';
import type { HpaPace } from './plans.ts';
import { adapterPlan, apiserverPlan, controllerManagerPlan, etcdPlan, kwokPlan, operatorPlan } from './plans.ts';
import { Process } from './process.ts';

/** Where a run keeps its files: `state` goes with the run, `logs` stays. */
export interface RunFolders {
  readonly state: string;
  readonly logs: string;
}

export const apiServerAddress = 'https://127.0.0.1:6443';

/** The processes of a Kubernetes cluster without containers, with KEDA in it. */
export interface ControlPlane {
  readonly kube: Kube;
  readonly certificates: Certificates;
  readonly apiserver: Process;
  readonly operator: Process;
  /** Lets the horizontal pod autoscaler look at this pace from now on. It forgets what it has recommended. */
  setHpaPace(pace: HpaPace): Promise<void>;
  stop(): Promise<void>;
}

/** Starts everything and resolves when KEDA serves external metrics and pods can be run. */
export async function startControlPlane(binaries: Binaries, folders: RunFolders): Promise<ControlPlane> {
  const certificates = makeCertificates(folders.state);
  const adminKubeconfig = writeKubeconfig(join(folders.state, 'admin.kubeconfig'), apiServerAddress, certificates.ca, {
    certFile: certificates.cert('admin'),
    keyFile: certificates.key('admin'),
  });
  const stages = join(folders.state, 'stages.yaml');
  writeFileSync(stages, kwokStages());
  const place = { binaries, certificates, adminKubeconfig, stateFolder: folders.state, stages };
  const kube = adminKube(certificates);
  const etcd = new Process(etcdPlan(place), folders.logs);
  const apiserver = new Process(apiserverPlan(place, kube), folders.logs);
  const operator = new Process(operatorPlan(place), folders.logs);
  const workers = [kwokPlan(place), adapterPlan(place)].map((plan) => new Process(plan, folders.logs));
  const managers = {
    hurried: new Process(controllerManagerPlan(place, 'hurried'), folders.logs),
    real: new Process(controllerManagerPlan(place, 'real'), folders.logs),
  };
  const all = [etcd, apiserver, ...workers, ...Object.values(managers), operator];
  const stop = async (): Promise<void> => {
    kube.close();
    for (const process of all.toReversed()) await process.stop(2000);
  };
  try {
    await etcd.start();
    await apiserver.start();
    await applyKeda(kube, binaries.kedaCrds);
    await Promise.all([managers.hurried, ...workers, operator].map((process) => process.start()));
    await externalMetricsAreServed(kube);
  } catch (error) {
    await stop();
    throw error;
  }
  const setHpaPace = async (pace: HpaPace): Promise<void> => {
    for (const manager of Object.values(managers)) await manager.stop();
    await managers[pace].start();
  };
  return { kube, certificates, apiserver, operator, setHpaPace, stop };
}

function adminKube(certificates: Certificates): Kube {
  return new Kube({
    server: apiServerAddress,
    caFile: certificates.ca,
    certFile: certificates.cert('admin'),
    keyFile: certificates.key('admin'),
  });
}

/** KEDA's definitions, its namespace, and the way from the API server to its adapter. */
async function applyKeda(kube: Kube, crdFolder: string): Promise<void> {
  const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const files = readdirSync(crdFolder).filter((file) => file.endsWith('.yaml'));
  const named = files.map((file) => {
    const [group, plural] = file.replace('.yaml', '').split('_');
    return { name: `${plural}.${group}`, text: readFileSync(join(crdFolder, file), 'utf8') };
  });
  await Promise.all(named.map(({ name, text }) => kube.apply(`${crds}/${name}`, text)));
  await kube.apply('/api/v1/namespaces/keda', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'keda' } });
  await kube.apply('/api/v1/namespaces/keda/services/keda-metrics-apiserver', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'keda-metrics-apiserver', namespace: 'keda' },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  });
  const service = { namespace: 'keda', name: 'keda-metrics-apiserver', port: 16443 };
  const name = 'v1beta1.external.metrics.k8s.io';
  await kube.apply(`/apis/apiregistration.k8s.io/v1/apiservices/${name}`, {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name },
    spec: {
      group: 'external.metrics.k8s.io',
      version: 'v1beta1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
      service,
    },
  });
  for (const { name: crd } of named) {
    await eventually(`${crd} is served`, 10_000, async () => {
      const { status } = await kube.get(`${crds}/${crd}`);
      const conditions = status?.conditions as readonly { type: string; status: string }[] | undefined;
      return (
        conditions?.some(({ type, status: state }) => type === 'Established' && state === 'True') === true ||
        'it is not'
      );
    });
  }
}

function externalMetricsAreServed(kube: Kube): Promise<void> {
  return eventually('external metrics are served', 60_000, async () => {
    await kube.get('/apis/external.metrics.k8s.io/v1beta1');
    return true;
  });
}
