import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { stringify } from 'yaml';

/** A real API server with RBAC and Pod Security admission, on loopback, that one token rules. */
export interface ApiServer {
  /** For helm. */
  readonly kubeconfig: string;
  /** The answer's body, whatever its status. */
  send(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: KubeBody }>;
  stop(): Promise<void>;
}

export interface KubeBody {
  readonly message?: string;
  readonly status?: { readonly allowed?: boolean };
  readonly [key: string]: unknown;
}

const token = 'administrator';
const readyWithinMs = 60_000;

/** Starts etcd and the API server from their binaries. Rejects when it is not ready in time. */
export async function startApiServer(etcdPath: string, apiServerPath: string): Promise<ApiServer> {
  const folder = mkdtempSync(join(tmpdir(), 'api-server-'));
  const [client, peer, port] = [await freePort(), await freePort(), await freePort()];
  const log = openSync(join(folder, 'log'), 'w');
  const children: ChildProcess[] = [];
  const start = (path: string, flags: Readonly<Record<string, string>>): void => {
    const argv = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
    children.push(spawn(path, argv, { stdio: ['ignore', log, log] }));
  };
  start(etcdPath, {
    'data-dir': join(folder, 'etcd'),
    'listen-client-urls': `http://127.0.0.1:${client}`,
    'advertise-client-urls': `http://127.0.0.1:${client}`,
    'listen-peer-urls': `http://127.0.0.1:${peer}`,
    'initial-advertise-peer-urls': `http://127.0.0.1:${peer}`,
    'initial-cluster': `default=http://127.0.0.1:${peer}`,
  });
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keyFile = fileIn(folder, 'account.key', keys.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString());
  const publicFile = fileIn(folder, 'account.pub', keys.publicKey.export({ type: 'spki', format: 'pem' }).toString());
  start(apiServerPath, {
    'etcd-servers': `http://127.0.0.1:${client}`,
    'secure-port': String(port),
    'bind-address': '127.0.0.1',
    'cert-dir': join(folder, 'certificates'),
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': publicFile,
    'service-account-signing-key-file': keyFile,
    'service-cluster-ip-range': '10.98.0.0/16',
    'authorization-mode': 'RBAC',
    'token-auth-file': fileIn(folder, 'tokens.csv', `${token},admin,1,system:masters\n`),
  });
  const server = `https://127.0.0.1:${port}`;
  const kubeconfig = fileIn(folder, 'kubeconfig', kubeconfigOf(server));
  const send = senderTo(server);
  const stop = async (): Promise<void> => {
    const ended = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(ended);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(send);
  } catch (error) {
    await stop();
    throw error;
  }
  return { kubeconfig, send, stop };
}

function fileIn(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function kubeconfigOf(server: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'it', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'admin' } }],
    'current-context': 'it',
  });
}

function senderTo(server: string): ApiServer['send'] {
  // The server makes its certificate itself at its start, on loopback.
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  return async (method, path, body) => {
    const type = method === 'PATCH' ? 'application/apply-patch+yaml' : 'application/json';
    const headers = { authorization: `Bearer ${token}`, 'content-type': type };
    const text = body === undefined ? null : JSON.stringify(body);
    const answer = await request(server + path, { dispatcher, method, headers, body: text });
    const read = await answer.body.text();
    return { status: answer.statusCode, body: read.startsWith('{') ? JSON.parse(read) : { message: read } };
  };
}

async function untilReady(send: ApiServer['send']): Promise<void> {
  const endMs = performance.now() + readyWithinMs;
  for (;;) {
    const status = await send('GET', '/readyz').then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return;
    if (performance.now() > endMs) throw new Error(`the API server was not ready within ${readyWithinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
