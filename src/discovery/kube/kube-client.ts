import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { isIPv6 } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '@kubernetes/client-node';
import { KubeConfig } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import { Agent, ProxyAgent } from 'undici';
import type { KubeClient } from './kube-api.ts';
import type { KubeAccess, KubeAccessSource } from './kube-http.ts';
import { kubeOverHttp } from './kube-http.ts';

export interface KubeClientOptions {
  /** A kubeconfig file. Without it: the pod's service account, then `$KUBECONFIG`, then `~/.kube/config`. */
  readonly kubeconfig?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What stands before `/var/run/secrets/…`; empty in a pod. */
  readonly root?: string;
}

const accountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const keepAliveMs = 30_000;

/**
 * A client for the cluster we run in or are pointed at. `@kubernetes/client-node` reads kubeconfig and credentials,
 * nothing else of it is used: its watches end for good on an error. Importing this file costs 90 MB and a quarter of a
 * second, so import it only where Kubernetes discovery is on. Rejects, in words, where there is no cluster.
 */
export async function loadKubeClient(options: KubeClientOptions): Promise<KubeClient> {
  const config = readConfig(options);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error('the kubeconfig has no current context with a cluster');
  if (!URL.canParse(cluster.server)) throw new Error(`the kubeconfig's server "${cluster.server}" is not a URL`);
  const source = accessTo(config, cluster);
  await source.access();
  return kubeOverHttp(source);
}

function readConfig({ kubeconfig, environment, root = '' }: KubeClientOptions): KubeConfig {
  const config = new KubeConfig();
  const files = kubeconfig ?? environment.KUBECONFIG;
  const home = join(environment.HOME ?? homedir(), '.kube', 'config');
  const host = environment.KUBERNETES_SERVICE_HOST;
  const account = root + accountPath;
  if (kubeconfig === undefined && host && existsSync(join(account, 'token'))) {
    const address = `${isIPv6(host) ? `[${host}]` : host}:${environment.KUBERNETES_SERVICE_PORT ?? 443}`;
    config.loadFromClusterAndUser(
      { name: 'in-cluster', server: `https://${address}`, caFile: join(account, 'ca.crt'), skipTLSVerify: false },
      { name: 'service-account', authProvider: { name: 'tokenFile', config: { tokenFile: join(account, 'token') } } },
    );
  } else if (files) {
    loadFiles(config, files.split(':').filter(Boolean));
  } else if (existsSync(home)) {
    config.loadFromFile(home);
  } else {
    throw new Error('not in a pod with a service account token, and there is no kubeconfig');
  }
  return config;
}

function loadFiles(config: KubeConfig, [first = '', ...others]: readonly string[]): void {
  config.loadFromFile(first);
  for (const file of others) {
    const other = new KubeConfig();
    other.loadFromFile(file);
    config.mergeConfig(other, true);
  }
}

/** Asks for credentials anew each time, and makes a new dispatcher only when the TLS material has changed. */
function accessTo(config: KubeConfig, cluster: Cluster): KubeAccessSource {
  const server = new URL(cluster.server);
  // The library refuses plain HTTP unless verification is off. There is nothing to verify.
  if (server.protocol === 'http:') Object.assign(cluster, { skipTLSVerify: true });
  let dispatcher: Dispatcher | undefined;
  let material = '';
  return {
    async access(): Promise<KubeAccess> {
      const options: RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      const seen = JSON.stringify([options.ca, options.cert, options.key, options.pfx].map(String));
      if (dispatcher === undefined || seen !== material) {
        // Requests under way finish on the old one, which then holds no connection.
        dispatcher?.close().catch(() => undefined);
        dispatcher = dispatcherFor(config, cluster, options);
        material = seen;
      }
      return { server, headers: await headersOf(config, options), dispatcher };
    },
    async close() {
      await dispatcher?.destroy();
    },
  };
}

function dispatcherFor(config: KubeConfig, cluster: Cluster, options: RequestOptions): Dispatcher {
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
  const tls = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
  const given: object = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
  const how = config.createDispatcherOptions(cluster, given);
  if (how.type === 'socks') throw new Error('a kubeconfig with a SOCKS proxy-url is not supported');
  // HTTP/1.1: a watch has a connection to itself, and what ends one ends no other.
  if (how.type === 'proxy') return new ProxyAgent({ uri: how.uri, requestTls: given, allowH2: false });
  return new Agent({
    allowH2: false,
    connect: { ...given, allowH2: false, keepAlive: true, keepAliveInitialDelay: keepAliveMs },
  });
}

/** The library keeps a token file's content for a minute; read at each request, a rotated token works at once. */
async function headersOf(config: KubeConfig, options: RequestOptions): Promise<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = String(value).trim();
  if (options.auth) headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  const tokenFile: unknown = config.getCurrentUser()?.authProvider?.config?.tokenFile;
  if (typeof tokenFile === 'string') headers.authorization = `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`;
  return headers;
}
