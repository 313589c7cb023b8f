import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Try } from './attempts.ts';
import { attacks, serviceReads, workloadReads } from './attempts.ts';
import type { Peer } from './network-policy.ts';
import { lets } from './network-policy.ts';
import type { KubeObject, Values } from './render-chart.ts';
import { chart, container, helm, only, render } from './render-chart.ts';
import { mayDo } from './rights.ts';

function withFile(name: string): KubeObject[] {
  return helm === undefined ? [] : render(parse(readFileSync(join(chart, 'ci', `${name}-values.yaml`), 'utf8')));
}

function allowed(objects: readonly KubeObject[], attempts: readonly Try[], namespace: string): string[] {
  return attempts
    .filter(([verb, resource]) => mayDo(objects, { verb, resource, namespace }))
    .map((attempt) => attempt.join(' '));
}

const words = (attempts: readonly Try[]) => attempts.map((attempt) => attempt.join(' '));

describe.skipIf(helm === undefined)('rights (needs helm: npm run helm:get)', () => {
  const all = [...workloadReads, ...serviceReads];

  it('of scope cluster reach every namespace, for reading what is scaled', () => {
    const objects = withFile('default');
    expect(allowed(objects, all, 'anywhere')).toEqual(words(all));
    expect(allowed(objects, attacks, 'anywhere')).toEqual([]);
    expect(allowed(objects, attacks, 'keda')).toEqual([]);
  });

  it('of scope namespaced end at the listed namespaces, and are fewer where only Services are read', () => {
    const objects = withFile('namespaced');
    for (const namespace of ['models', 'research']) expect(allowed(objects, all, namespace)).toEqual(words(all));
    for (const namespace of ['gateways', 'gpu-operator'])
      expect(allowed(objects, all, namespace)).toEqual(words(serviceReads));
    for (const namespace of ['keda', 'default', 'kube-system']) expect(allowed(objects, all, namespace)).toEqual([]);
    for (const namespace of ['models', 'gateways', 'keda']) expect(allowed(objects, attacks, namespace)).toEqual([]);
    expect(objects.filter(({ kind }) => kind.startsWith('ClusterRole'))).toEqual([]);
    expect(
      mayDo(objects, { verb: 'get', resource: 'leaderworkerset.x-k8s.io/leaderworkersets/scale', namespace: 'models' }),
    ).toBe(true);
  });

  it('of scope none do not exist', () => {
    const objects = withFile('no-api');
    expect(objects.filter(({ kind }) => /Role/.test(kind))).toEqual([]);
    expect(allowed(objects, [...all, ...attacks], 'models')).toEqual([]);
    expect(container(objects).args).toContain('--kubernetes=off');
  });

  it('never say more than list, watch and get, nor use a wildcard', () => {
    for (const name of ['default', 'namespaced', 'everything']) {
      const rules = withFile(name).flatMap(({ kind, rules: each }) => (/Role$/.test(kind) ? each : []));
      expect(rules.length).toBeGreaterThanOrEqual(5);
      expect(JSON.stringify(rules)).not.toContain('*');
      for (const { verbs } of rules) expect(['list', 'watch', 'get']).toEqual(expect.arrayContaining(verbs));
    }
  });

  it.each([
    ['cluster', true],
    ['none', false],
  ])('of scope %s mount a token: %s', (scope, mounted) => {
    const objects = render({ rbac: { scope } });
    expect(only(objects, 'Deployment').spec.template.spec.automountServiceAccountToken).toBe(mounted);
    expect(only(objects, 'ServiceAccount')).toHaveProperty('automountServiceAccountToken', false);
    expect(only(objects, 'Pod').spec.automountServiceAccountToken).toBe(false);
  });
});

const keda: Peer = { namespace: 'keda', labels: { app: 'keda-operator' } };
const prometheus: Peer = { namespace: 'monitoring', labels: { app: 'prometheus' } };
const dns: Peer = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
const model: Peer = { namespace: 'models', labels: { app: 'llama' } };
const stranger: Peer = { namespace: 'shop', labels: { app: 'cart' } };
const api: Peer = { address: '10.96.0.1' };
const internet: Peer = { address: '203.0.113.9' };

type Attempt = [direction: 'in' | 'out', who: string, peer: Peer, port: string | number, passes: boolean];

function rows(objects: readonly KubeObject[], attempts: readonly Attempt[]): string[] {
  const policy = only(objects, 'NetworkPolicy');
  return attempts
    .filter(([direction, , peer, port, passes]) => lets(policy, direction, peer, port) !== passes)
    .map(
      ([direction, who, , port, passes]) =>
        `${direction} ${who} ${port}: expected ${passes ? 'to pass' : 'to be stopped'}`,
    );
}

describe.skipIf(helm === undefined)('the NetworkPolicy (needs helm: npm run helm:get)', () => {
  it('lets in KEDA and Prometheus, each to its port, and the connection test', () => {
    const test: Peer = {
      namespace: 'keda',
      labels: { 'app.kubernetes.io/name': 'keda-llm-scaler-test', 'app.kubernetes.io/instance': 'scaler' },
    };
    const attempts: Attempt[] = [
      ['in', 'KEDA', keda, 'grpc', true],
      ['in', 'KEDA', keda, 'admin', false],
      ['in', 'Prometheus', prometheus, 'admin', true],
      ['in', 'Prometheus', prometheus, 'grpc', false],
      ['in', 'the test', test, 'grpc', true],
      ['in', 'the test', test, 'admin', false],
      ['in', 'another pod beside KEDA', { namespace: 'keda', labels: { app: 'other' } }, 'grpc', false],
      ['in', 'a pod that calls itself KEDA', { namespace: 'shop', labels: { app: 'keda-operator' } }, 'grpc', false],
      ['in', 'a tenant', stranger, 'grpc', false],
      ['in', 'a tenant', stranger, 'admin', false],
      ['in', 'the internet', internet, 'grpc', false],
    ];
    expect(rows(withFile('mtls'), attempts)).toEqual([]);
  });

  it('lets nobody to the status but who is named, and only where it has a port that can be reached', () => {
    const browser: Peer = { namespace: 'operators', labels: { app: 'browser' } };
    const attempts: Attempt[] = [
      ['in', 'a browser', browser, 'status', true],
      ['in', 'a browser', browser, 'admin', false],
      ['in', 'its neighbour', { namespace: 'operators', labels: { app: 'other' } }, 'status', false],
      ['in', 'Prometheus', prometheus, 'status', false],
      ['in', 'KEDA', keda, 'status', false],
      ['in', 'a tenant', stranger, 'status', false],
    ];
    expect(rows(withFile('everything'), attempts)).toEqual([]);
    const shut = attempts.map((attempt) => attempt.with(4, false) as Attempt);
    const networkPolicy = { enabled: true, status: { namespace: 'operators' } };
    for (const listen of [{}, { statusPort: 8081 }, { statusPort: 8081, statusHost: '[::1]' }]) {
      const objects = render({ networkPolicy, listen });
      expect(rows(objects, shut)).toEqual([]);
      expect(objects.some(({ metadata }) => metadata.name.endsWith('-status'))).toBe(false);
    }
  });

  it('lets out to pods, DNS and the Kubernetes API, and nowhere else', () => {
    const attempts: Attempt[] = [
      ['out', 'a model server', model, 8000, true],
      ['out', 'DNS', dns, 53, true],
      ['out', 'the API', api, 443, true],
      ['out', 'the API', { address: '192.0.2.1' }, 6443, true],
      ['out', 'the internet', internet, 80, false],
      ['out', 'cloud metadata', { address: '169.254.169.254' }, 80, false],
    ];
    expect(rows(withFile('mtls'), attempts)).toEqual([]);
  });

  it('ends at the API server’s networks where they are named', () => {
    const attempts: Attempt[] = [
      ['out', 'the API', api, 443, true],
      ['out', 'the internet', internet, 443, false],
    ];
    expect(rows(withFile('everything'), attempts)).toEqual([]);
  });

  it('ends at the listed namespaces and ports with scope namespaced', () => {
    const attempts: Attempt[] = [
      ['out', 'a model server', model, 8000, true],
      ['out', 'a model server', model, 22, false],
      ['out', 'a gateway', { namespace: 'gateways' }, 8000, true],
      ['out', 'a GPU exporter', { namespace: 'gpu-operator' }, 9400, true],
      ['out', 'a tenant', stranger, 8000, false],
    ];
    expect(rows(withFile('namespaced'), attempts)).toEqual([]);
  });

  it('closes the way to the API with scope none, and opens the networks that triggers may name', () => {
    const attempts: Attempt[] = [
      ['out', 'the API', { address: '172.16.0.1' }, 443, false],
      ['out', 'an allowed network', { address: '10.2.3.4' }, 8000, true],
      ['out', 'an allowed host', { address: '192.0.2.7' }, 8000, true],
      ['out', 'its neighbour', { address: '192.0.2.8' }, 8000, false],
      ['out', 'an allowed IPv6 network', { address: 'fd00:1::9' }, 8000, true],
      ['out', 'an allowed IPv6 host', { address: '2001:db8::7' }, 8000, true],
      ['out', 'its neighbour', { address: '2001:db8::8' }, 8000, false],
    ];
    expect(rows(withFile('no-api'), attempts)).toEqual([]);
  });
});

describe.skipIf(helm === undefined)('TLS (needs helm: npm run helm:get)', () => {
  it('is off by default, and without a trace in the pod', () => {
    const objects = render();
    expect(container(objects).args.join(' ')).not.toContain('tls');
    expect(only(objects, 'Deployment').spec.template.spec.volumes).toBeUndefined();
  });

  it('mounts what the flags name, readable for the group alone', () => {
    const objects = withFile('mtls');
    const { args, volumeMounts } = container(objects);
    const files = (args as string[]).filter((arg) => arg.startsWith('--tls')).map((arg) => arg.split('=')[1]!);
    expect(files).toHaveLength(3);
    for (const file of files) {
      expect(volumeMounts.some(({ mountPath, readOnly }: Values) => readOnly && file.startsWith(`${mountPath}/`))).toBe(
        true,
      );
    }
    const { volumes, securityContext } = only(objects, 'Deployment').spec.template.spec;
    expect(volumes.map(({ secret }: { secret: Values }) => secret.defaultMode)).toEqual([0o440, 0o440]);
    expect(securityContext.fsGroup).toBe(65532);
  });

  it('has a certificate for every way to write the address, and a pair for KEDA from the same authority', () => {
    const objects = withFile('mtls');
    const server = only(objects, 'Certificate', 'scaler-keda-llm-scaler').spec;
    const client = only(objects, 'Certificate', 'scaler-keda-llm-scaler-client').spec;
    const host = 'scaler-keda-llm-scaler';
    expect(server.dnsNames).toEqual([
      `${host}.keda`,
      `${host}.keda.svc`,
      `${host}.keda.svc.cluster.local`,
      `${host}-headless.keda`,
      `${host}-headless.keda.svc`,
      `${host}-headless.keda.svc.cluster.local`,
      'scaler.example.org',
    ]);
    expect(client.issuerRef).toEqual(server.issuerRef);
    expect([server.usages, client.usages]).toEqual([['server auth'], ['client auth']]);
    const mounted = only(objects, 'Deployment').spec.template.spec.volumes.map(
      ({ secret }: { secret: Values }) => secret.secretName,
    );
    expect(mounted).toEqual([server.secretName, server.secretName]);
  });

  it('asks no client for a certificate where told so', () => {
    const { args, volumeMounts } = container(withFile('tls-secret'));
    expect((args as string[]).filter((arg) => arg.startsWith('--tls'))).toHaveLength(2);
    expect(volumeMounts).toHaveLength(1);
  });
});
