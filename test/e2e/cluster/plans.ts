import { join } from 'node:path';
import type { Binaries } from '../build.ts';
import { answers } from './answers.ts';
import type { Certificates } from './certificates.ts';
import type { Kube } from './kube.ts';
import type { ProcessPlan } from './process.ts';

/** Seconds between two looks of the horizontal pod autoscaler at an object: in a hurry, and as in a cluster. */
export const hpaSyncSeconds = { hurried: 2, real: 15 } as const;
export type HpaPace = keyof typeof hpaSyncSeconds;
/** kwok gives pods their addresses from here, and every one of them is this machine. */
export const podCidr = '10.244.0.0/16';
/** The address of the Service `kubernetes`. */
export const serviceOfApiServer = '10.96.0.1';

export interface Place {
  readonly binaries: Binaries;
  readonly certificates: Certificates;
  readonly adminKubeconfig: string;
  readonly stateFolder: string;
  readonly stages: string;
}

const etcdAddress = 'http://127.0.0.1:2379';

export function etcdPlan({ binaries, stateFolder }: Place): ProcessPlan {
  return {
    name: 'etcd',
    command: binaries.path.etcd,
    args: [
      `--data-dir=${join(stateFolder, 'etcd')}`,
      `--listen-client-urls=${etcdAddress}`,
      `--advertise-client-urls=${etcdAddress}`,
      '--listen-peer-urls=http://127.0.0.1:2380',
      '--unsafe-no-fsync',
    ],
    isReady: () => answers(`${etcdAddress}/health`),
  };
}

export function apiserverPlan({ binaries, certificates }: Place, kube: Kube): ProcessPlan {
  return {
    name: 'kube-apiserver',
    command: binaries.path['kube-apiserver'],
    args: [
      `--etcd-servers=${etcdAddress}`,
      '--secure-port=6443',
      '--bind-address=127.0.0.1',
      `--advertise-address=${serviceOfApiServer}`,
      `--tls-cert-file=${certificates.cert('server')}`,
      `--tls-private-key-file=${certificates.key('server')}`,
      `--client-ca-file=${certificates.ca}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${certificates.cert('service-account')}`,
      `--service-account-signing-key-file=${certificates.key('service-account')}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      '--endpoint-reconciler-type=none',
      '--authorization-mode=RBAC',
      `--proxy-client-cert-file=${certificates.cert('admin')}`,
      `--proxy-client-key-file=${certificates.key('admin')}`,
      `--requestheader-client-ca-file=${certificates.ca}`,
      '--requestheader-allowed-names=admin',
      '--requestheader-username-headers=X-Remote-User',
      '--requestheader-group-headers=X-Remote-Group',
      '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    ],
    isReady: async () => (await kube.text('/readyz')) === 'ok',
  };
}

const controllers = [
  'deployment-controller',
  'replicaset-controller',
  'statefulset-controller',
  'endpointslice-controller',
  'garbage-collector-controller',
  'horizontal-pod-autoscaler-controller',
  'namespace-controller',
];

export function controllerManagerPlan({ binaries, adminKubeconfig }: Place, pace: HpaPace): ProcessPlan {
  return {
    name: 'kube-controller-manager',
    command: binaries.path['kube-controller-manager'],
    args: [
      `--kubeconfig=${adminKubeconfig}`,
      '--leader-elect=false',
      `--controllers=${controllers.join(',')}`,
      `--horizontal-pod-autoscaler-sync-period=${hpaSyncSeconds[pace]}s`,
      '--kube-api-qps=200',
      '--kube-api-burst=400',
    ],
  };
}

export function kwokPlan({ binaries, adminKubeconfig, stages }: Place): ProcessPlan {
  const args = [`--kubeconfig=${adminKubeconfig}`, `--config=${stages}`, '--manage-all-nodes=true'];
  return {
    name: 'kwok',
    command: binaries.path.kwok,
    args: [...args, `--cidr=${podCidr}`, '--node-ip=127.0.0.1', '--server-address=127.0.0.1:10247'],
    isReady: () => answers('http://127.0.0.1:10247/healthz'),
  };
}

const kedaEnvironment = { WATCH_NAMESPACE: '', KEDA_CLUSTER_OBJECT_NAMESPACE: 'keda', POD_NAMESPACE: 'keda' };
const metricsService = '127.0.0.1:9666';
const operatorHealth = '127.0.0.1:9081';

export function operatorPlan({ binaries, adminKubeconfig, stateFolder }: Place): ProcessPlan {
  return {
    name: 'keda-operator',
    command: binaries.path['keda-operator'],
    // Reading and writing replicas has a deadline of the polling interval plus this; without it slow machines miss it.
    env: { ...kedaEnvironment, KEDA_KUBERNETES_API_TIMEOUT: '10s' },
    args: [
      `--kubeconfig=${adminKubeconfig}`,
      `--cert-dir=${stateFolder}`,
      `--metrics-service-bind-address=${metricsService}`,
      '--metrics-bind-address=127.0.0.1:9080',
      `--health-probe-bind-address=${operatorHealth}`,
      '--leader-elect=false',
      // 20 a second would take minutes to take up hundreds of objects.
      '--kube-api-qps=200',
      '--kube-api-burst=400',
      '--enable-webhook-patching=false',
      '--enable-apiservice-patching=false',
    ],
    isReady: () => answers(`http://${operatorHealth}/readyz`),
  };
}

export function adapterPlan({ binaries, adminKubeconfig, certificates, stateFolder }: Place): ProcessPlan {
  const kubeconfigs = ['lister-kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig', 'kubeconfig'];
  return {
    name: 'keda-adapter',
    command: binaries.path['keda-adapter'],
    env: kedaEnvironment,
    args: [
      '--secure-port=16443',
      '--bind-address=127.0.0.1',
      `--cert-dir=${stateFolder}`,
      `--tls-cert-file=${certificates.cert('tls')}`,
      `--tls-private-key-file=${certificates.key('tls')}`,
      `--client-ca-file=${certificates.ca}`,
      `--requestheader-client-ca-file=${certificates.ca}`,
      ...kubeconfigs.map((flag) => `--${flag}=${adminKubeconfig}`),
      `--metrics-service-address=${metricsService}`,
      '--port=18080',
    ],
  };
}
