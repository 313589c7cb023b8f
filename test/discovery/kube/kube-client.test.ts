import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeClient } from '../../../src/discovery/kube/kube-api.ts';
import { loadKubeClient } from '../../../src/discovery/kube/kube-client.ts';
import { FakeApiServer } from '../../fakes/api-server.ts';
import { pod, podsPath } from '../cluster.ts';

const never = new AbortController().signal;
let folder: string;
let closing: (() => Promise<unknown>)[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kube-client-'));
  closing = [];
});

afterEach(async () => {
  for (const close of closing) await close();
  rmSync(folder, { recursive: true });
});

async function started(server: FakeApiServer): Promise<string> {
  closing.push(() => server.stop());
  return server.start();
}

async function load(options: Parameters<typeof loadKubeClient>[0]): Promise<KubeClient> {
  const client = await loadKubeClient(options);
  closing.unshift(() => client.close());
  return client;
}

function kubeconfig(server: string, user: object, cluster: object = {}): string {
  const path = join(folder, 'config');
  // JSON is YAML.
  const content = {
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  writeFileSync(path, JSON.stringify(content));
  return path;
}

it('reads a server with a token from a kubeconfig', async () => {
  const server = new FakeApiServer();
  server.put(podsPath, pod('a'));
  server.token = 'secret';
  const client = await load({ kubeconfig: kubeconfig(await started(server), { token: 'secret' }), environment: {} });
  expect(await client.get(podsPath, never)).toMatchObject({
    status: 200,
    body: { items: [{ metadata: { name: 'a' } }] },
  });
});

it.each([
  ['$KUBECONFIG', (path: string) => ({ KUBECONFIG: path, HOME: '/nonexistent' })],
  ['~/.kube/config', () => ({ HOME: folder })],
])('finds the kubeconfig in %s', async (_name, environment) => {
  const server = new FakeApiServer();
  const path = kubeconfig(await started(server), {});
  mkdirSync(join(folder, '.kube'));
  writeFileSync(join(folder, '.kube', 'config'), readFileSync(path));
  const client = await load({ environment: environment(path) });
  expect((await client.get(podsPath, never)).status).toBe(200);
});

it('keeps the path in front of /api where the cluster is behind one', async () => {
  const server = new FakeApiServer();
  server.documents.set('/k8s/clusters/c1/version', { major: '1' });
  const path = kubeconfig(`${await started(server)}/k8s/clusters/c1`, {});
  const client = await load({ kubeconfig: path, environment: {} });
  expect(await client.get('/version', never)).toEqual({ status: 200, body: { major: '1' } });
});

it('uses a rotated token at once', async () => {
  const server = new FakeApiServer();
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'first\n');
  server.token = 'first';
  const user = { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } };
  const client = await load({ kubeconfig: kubeconfig(await started(server), user), environment: {} });
  expect((await client.get(podsPath, never)).status).toBe(200);
  server.token = 'second';
  expect((await client.get(podsPath, never)).status).toBe(401);
  writeFileSync(tokenFile, 'second\n');
  expect((await client.get(podsPath, never)).status).toBe(200);
});

it.each([
  ['there is neither pod nor kubeconfig', { HOME: '/nonexistent' }, 'not in a pod with a service account token'],
  ['the file is missing', { KUBECONFIG: '/nonexistent/config' }, 'ENOENT'],
])('says why there is no client when %s', async (_name, environment, words) => {
  await expect(loadKubeClient({ environment })).rejects.toThrow(words);
});

it('says that a kubeconfig names no cluster, or none with a URL', async () => {
  const path = join(folder, 'empty');
  writeFileSync(path, '{"clusters":[],"users":[],"contexts":[]}');
  await expect(loadKubeClient({ kubeconfig: path, environment: {} })).rejects.toThrow('no current context');
  await expect(loadKubeClient({ kubeconfig: kubeconfig('nowhere', {}), environment: {} })).rejects.toThrow(
    '"nowhere" is not a URL',
  );
});

it('reads characters that were split between chunks, and drops what a cut left of a line', async () => {
  const server = new FakeApiServer();
  const client = await load({ kubeconfig: kubeconfig(await started(server), {}), environment: {} });
  const lines: string[] = [];
  let opened = 0;
  const listener = {
    onOpen: () => {
      opened += 1;
    },
    onLine: (line: string) => {
      lines.push(line);
    },
  };
  const watch = client.watch(`${podsPath}?watch=true&resourceVersion=100`, listener, never);
  watch.catch(() => undefined);
  await expect.poll(() => opened).toBe(1);
  const bytes = Buffer.from('"é"\n\n"ü"\n"ha');
  for (const byte of bytes) {
    server.sendBytes(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  await expect.poll(() => lines).toEqual(['"é"', '"ü"']);
  server.cutWatches();
  await expect(watch).rejects.toMatchObject({ failure: 'unreachable' });
  expect(lines).toHaveLength(2);
});

it('ends a watch when told to, when its reader throws, and as a fault when refused', async () => {
  const server = new FakeApiServer();
  const client = await load({ kubeconfig: kubeconfig(await started(server), {}), environment: {} });
  const path = `${podsPath}?watch=true&resourceVersion=100`;
  const stop = new AbortController();
  const told = client.watch(path, { onOpen: () => stop.abort(), onLine: () => undefined }, stop.signal);
  await expect(told).rejects.toThrow();
  const refuse = (): void => {
    throw new Error('enough');
  };
  server.put(podsPath, pod('a'));
  await expect(client.watch(path, { onOpen: () => undefined, onLine: refuse }, never)).rejects.toThrow('enough');
  await expect.poll(() => server.openWatches()).toBe(0);
  server.fail({ path: podsPath, status: 403 });
  const refused = client.watch(path, { onOpen: refuse, onLine: refuse }, never);
  await expect(refused).rejects.toMatchObject({ failure: 'forbidden' });
});

it('has at most 16 lists in hand at once, and each gets its turn even if those before it failed', async () => {
  const held: ServerResponse[] = [];
  const server = createServer((_request, response) => held.push(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = await load({ kubeconfig: kubeconfig(url, {}), environment: {} });
  const asked = Array.from({ length: 40 }, () => client.get('/version', never));
  const outcomes = Promise.allSettled(asked);
  for (const expected of [16, 16, 8]) {
    await expect.poll(() => held.length).toBe(expected);
    for (const [index, response] of held.splice(0).entries()) index % 4 === 0 ? response.destroy() : response.end('{}');
  }
  const fulfilled = (await outcomes).filter(({ status }) => status === 'fulfilled');
  expect(fulfilled).toHaveLength(30);
  const later = client.get('/version', never);
  await expect.poll(() => held.length).toBe(1);
  held[0]?.end('{}');
  expect((await later).status).toBe(200);
});

function openssl(...args: string[]): boolean {
  return spawnSync('openssl', args, { cwd: folder }).status === 0;
}

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!hasOpenssl)('over TLS', () => {
  function certificate(name: string): { cert: string; key: string } {
    const made = openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', `${name}.key`, '-out', `${name}.crt`],
    );
    expect(made).toBe(true);
    const [cert, key] = [`${name}.crt`, `${name}.key`].map((file) => readFileSync(join(folder, file), 'utf8'));
    return { cert: cert!, key: key! };
  }

  function serviceAccount(ca: string, token: string): void {
    const account = join(folder, 'var/run/secrets/kubernetes.io/serviceaccount');
    mkdirSync(account, { recursive: true });
    writeFileSync(join(account, 'ca.crt'), ca);
    writeFileSync(join(account, 'token'), token);
  }

  const inCluster = (url: string) => ({
    environment: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: new URL(url).port },
    root: folder,
  });

  it("uses a pod's service account, and follows its token and CA", async () => {
    const first = certificate('first');
    const server = new FakeApiServer(first);
    server.token = 't1';
    const url = await started(server);
    serviceAccount(first.cert, 't1');
    const client = await load(inCluster(url));
    expect((await client.get(podsPath, never)).status).toBe(200);
    server.token = 't2';
    serviceAccount(certificate('second').cert, 't2');
    await expect(client.get(podsPath, never)).rejects.toMatchObject({ failure: 'unreachable' });
    serviceAccount(first.cert, 't2');
    expect((await client.get(podsPath, never)).status).toBe(200);
  });

  it('trusts no certificate that its CA did not sign', async () => {
    const url = await started(new FakeApiServer(certificate('server')));
    serviceAccount(certificate('other').cert, 't');
    const client = await load(inCluster(url));
    await expect(client.get(podsPath, never)).rejects.toThrow(
      'cannot reach the Kubernetes API: DEPTH_ZERO_SELF_SIGNED_CERT',
    );
  });

  it('presents the client certificate of a kubeconfig', async () => {
    const own = certificate('client');
    const server = certificate('server');
    const fake = new FakeApiServer({ ...server, ca: own.cert, requestCert: true });
    const user = {
      'client-certificate-data': Buffer.from(own.cert).toString('base64'),
      'client-key-data': Buffer.from(own.key).toString('base64'),
    };
    const cluster = { 'certificate-authority-data': Buffer.from(server.cert).toString('base64') };
    const url = await started(fake);
    const known = await load({ kubeconfig: kubeconfig(url, user, cluster), environment: {} });
    expect((await known.get(podsPath, never)).status).toBe(200);
    const unknown = await load({ kubeconfig: kubeconfig(url, {}, cluster), environment: {} });
    await expect(unknown.get(podsPath, never)).rejects.toMatchObject({ failure: 'unreachable' });
  });
});
