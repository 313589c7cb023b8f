import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runHelm } from '../../scripts/chart/helm.ts';
import { parseTriggerMetadata } from '../../src/config/metadata/parse-trigger-metadata.ts';
import type { Values } from './render-chart.ts';
import { chart, helm } from './render-chart.ts';

function notes(values: Values, namespace = 'keda'): string {
  const argv = ['install', 'scaler', chart, '--namespace', namespace, '--dry-run=client', '--values', '-'];
  const { ok, stdout, stderr } = runHelm(helm!, argv, JSON.stringify(values));
  if (!ok) throw new Error(stderr);
  return stdout.slice(stdout.indexOf('NOTES:'));
}

/** The indented YAML of a kind, as somebody would copy it. */
function manifestIn(
  text: string,
  kind: string,
): { metadata: object; spec: { triggers: { metadata: Record<string, string> }[]; secretTargetRef: object[] } } {
  const block = text
    .split(/\n\n/)
    .find((part) => part.startsWith('    apiVersion') && part.includes(`kind: ${kind}\n`));
  return parse(block!.replaceAll(/^ {4}/gm, ''));
}

const mutual = { certificates: { certManager: { enabled: true } } };

describe.skipIf(helm === undefined)('the notes (need helm: npm run helm:get)', () => {
  it('hold a ScaledObject that works as it stands', () => {
    const { metadata } = manifestIn(notes({}), 'ScaledObject').spec.triggers[0]!;
    expect(metadata.scalerAddress).toBe('scaler-keda-llm-scaler.keda:6000');
    expect(parseTriggerMetadata(metadata)).toMatchObject({ ok: true });
  });

  it('say where the activator is, to clients and to triggers, and nothing of it where there is none', () => {
    expect(notes({})).not.toContain('activator');
    const text = notes({ activator: { enabled: true, service: 'models/llama' } });
    expect(text).toContain('http://scaler-keda-llm-scaler-activator.keda:80\n');
    const lines = text.match(/^ {4}gateway\w+: .*$/gm)!.join('\n');
    const metadata = { ...parse(lines.replaceAll(/^ +/gm, '')), scalerAddress: 'a:1', targetValue: '1' };
    expect(metadata).toMatchObject({
      gatewayService: 'keda/scaler-keda-llm-scaler-activator',
      gatewayPort: '8080',
    });
    expect(parseTriggerMetadata(metadata)).toMatchObject({ ok: true });
  });

  const kinds: readonly [namespace: string, values: Values, kind: string][] = [
    ['keda', mutual, 'ClusterTriggerAuthentication'],
    ['scaling', mutual, 'TriggerAuthentication'],
    ['scaling', { ...mutual, networkPolicy: { keda: { namespace: 'scaling' } } }, 'ClusterTriggerAuthentication'],
  ];

  it.each(kinds)('hold what KEDA needs for TLS in namespace %s with %j: a %s', (namespace, values, kind) => {
    const text = notes({ ...values, fullnameOverride: 'llmsc' }, namespace);
    const authentication = manifestIn(text, kind);
    expect(authentication.spec.secretTargetRef).toEqual([
      { parameter: 'caCert', name: 'llmsc-client', key: 'ca.crt' },
      { parameter: 'tlsClientCert', name: 'llmsc-client', key: 'tls.crt' },
      { parameter: 'tlsClientKey', name: 'llmsc-client', key: 'tls.key' },
    ]);
    const isCluster = kind.startsWith('Cluster');
    expect(authentication.metadata).toEqual({ name: 'keda-llm-scaler', ...(isCluster ? {} : { namespace: 'models' }) });
    const reference = { name: 'keda-llm-scaler', ...(isCluster ? { kind } : {}) };
    expect(manifestIn(text, 'ScaledObject').spec.triggers[0]).toHaveProperty('authenticationRef', reference);
    expect(text.match(/copy/g) ?? []).toHaveLength(isCluster ? 0 : 3);
    expect(text).not.toContain('keda-llm-scaler-client');
  });

  it('ask for the pair only where it is asked of KEDA, and for a Secret where the chart makes none', () => {
    const text = notes({ certificates: { secretName: 'pair', requireClientCertificate: false } }, 'scaling');
    expect(manifestIn(text, 'TriggerAuthentication').spec.secretTargetRef).toHaveLength(1);
    expect(text).toContain('over a Secret of yours:');
    expect(text).not.toContain('copy');
    expect(notes({ certificates: { secretName: 'pair' } })).toContain('over a Secret of yours in keda:');
  });

  it('say that there are other replicas, where there are', () => {
    expect(notes({})).toMatch(/^That is one replica of 2\. .*kubectl -n keda get pods/m);
    expect(notes({ replicaCount: 1 })).not.toContain('one replica of');
  });

  it.each([
    [{}, '8080'],
    [{ listen: { statusPort: 8081 } }, '8081'],
  ])('say where the status is with %j', (values, port) => {
    expect(notes(values)).toContain(`http://127.0.0.1:${port}/status`);
  });

  const warnings: [name: string, values: Values, words: RegExp | undefined][] = [
    ['neither TLS nor a NetworkPolicy', {}, /WARNING: neither TLS nor the NetworkPolicy/],
    ['a NetworkPolicy alone', { networkPolicy: { enabled: true } }, /NOTE: TLS is off/],
    ['mutual TLS', mutual, undefined],
    [
      'TLS without client certificates',
      { certificates: { secretName: 'pair', requireClientCertificate: false } },
      /WARNING: clients need no/,
    ],
    [
      'every address allowed',
      { ...mutual, targetPolicy: { endpointAllowCidrs: ['0.0.0.0/0'] } },
      /WARNING: targetPolicy/,
    ],
    ['some addresses allowed', { ...mutual, targetPolicy: { endpointAllowCidrs: ['10.0.0.0/8'] } }, undefined],
    [
      'certificates that are not verified',
      { ...mutual, scrape: { credentials: [{ namespaces: ['a'], hosts: ['h'], insecureSkipVerify: true }] } },
      /WARNING: scrape\.credentials\[0\] verifies no certificate/,
    ],
    [
      'a rule that verifies them',
      { ...mutual, scrape: { credentials: [{ namespaces: ['a'], hosts: ['h'], bearerToken: { secretName: 's' } }] } },
      undefined,
    ],
    ['one replica', { ...mutual, replicaCount: 1 }, /WARNING: with fewer than two replicas/],
    [
      'no right on the API',
      { ...mutual, rbac: { scope: 'none' } },
      /NOTE: Kubernetes discovery is off.*must list the networks/,
    ],
  ];

  it.each(warnings)('say of %s what is to be said', (_name, values, words) => {
    const lines = notes(values)
      .split('\n')
      .filter((line) => /^(WARNING|NOTE):/.test(line));
    expect(lines).toHaveLength(words === undefined ? 0 : 1);
    if (words !== undefined) expect(lines[0]).toMatch(words);
  });
});
