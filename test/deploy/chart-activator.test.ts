import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { activatorFields } from '../../src/config/activator/activator-fields.ts';
import { parseActivatorSettings } from '../../src/config/activator/activator-settings.ts';
import { activator as preset } from '../../src/presets/catalogue/gateway-presets.ts';
import { attacks, serviceReads, workloadReads } from './attempts.ts';
import type { Peer } from './network-policy.ts';
import { lets } from './network-policy.ts';
import type { Values } from './render-chart.ts';
import { chart, container, helm, only, render } from './render-chart.ts';
import { mayDo } from './rights.ts';

const name = 'scaler-keda-llm-scaler-activator';
const values: Values = parse(readFileSync(join(chart, 'ci/activator-values.yaml'), 'utf8'));
const objects = helm === undefined ? [] : render(values);
/** As little as can be said. */
const few: Values = { activator: { enabled: true, service: 'models/llama' } };

describe.skipIf(helm === undefined)('the activator (needs helm: npm run helm:get)', () => {
  it('leaves no trace by default', () => {
    expect(JSON.stringify(render())).not.toContain('activator');
  });

  it.each([
    ['few values', few],
    ['many values', values],
  ])('is given settings that it accepts, with %s', (_words, given) => {
    const [command, ...flags] = container(render(given), name).args;
    expect(command).toBe('activator');
    const parsed = parseActivatorSettings(flags, {});
    expect(parsed.ok ? [] : parsed.faults).toEqual([]);
  });

  it('gets each setting as it was written', () => {
    const parsed = parseActivatorSettings(container(objects, name).args.slice(1), {});
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        listenAddress: { port: 8000 },
        adminAddress: { port: 8080 },
        rule: {
          name: 'llama',
          listedModels: ['llama-3.1-8b'],
          replicas: { kind: 'service', namespace: 'models', service: 'llama', port: 'http' },
        },
        holdTimeout: 20 * 60_000,
        concurrencyPerReplica: 64,
        maxHeldBytes: 2 ** 31,
        quietPaths: ['/ready', '/status'],
        shutdownGrace: 120_000,
        spoolDirectory: '/var/spool/keda-llm-scaler',
      },
    });
  });

  it('takes every setting but those that the chart sets itself or a pod has no use for', () => {
    const schema = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8'));
    const [pattern] = Object.keys(schema.properties.activator.properties.settings.patternProperties);
    const ofTheChart = ['listenAddress', 'adminAddress', 'service', 'spoolDirectory', 'shutdownGrace'];
    const notInPods = ['replica', 'readyPath', 'kubeconfig'];
    const known = Object.keys(activatorFields).filter((field) => ![...ofTheChart, ...notInPods].includes(field));
    expect(pattern).toBe(`^(${known.join('|')})$`);
  });

  it('writes held bodies into a folder of its own, the root being read-only', () => {
    const { volumeMounts, securityContext } = container(objects, name);
    const { volumes } = only(objects, 'Deployment', name).spec.template.spec;
    expect(securityContext.readOnlyRootFilesystem).toBe(true);
    expect(volumeMounts).toEqual([{ name: 'spool', mountPath: '/var/spool/keda-llm-scaler' }]);
    expect(volumes).toEqual([{ name: 'spool', emptyDir: { sizeLimit: '2Gi' } }]);
  });

  it('is given the time that ending takes', () => {
    const shut = {
      ...few,
      activator: { ...(few.activator as Values), shutdown: { preStopSeconds: 9, graceSeconds: 300 } },
    };
    const rendered = render(shut);
    const { args, lifecycle } = container(rendered, name);
    expect(args).toContain('--shutdown-grace=300s');
    expect(lifecycle.preStop).toEqual({ sleep: { seconds: 9 } });
    expect(only(rendered, 'Deployment', name).spec.template.spec.terminationGracePeriodSeconds).toBe(314);
  });

  it('may list and watch Services and their EndpointSlices beside its model, and nothing more', () => {
    const all = [...serviceReads, ...workloadReads, ...attacks];
    for (const rendered of [objects, render(few)]) {
      const may = (namespace: string) =>
        all.filter(([verb, resource]) => mayDo(rendered, { verb, resource, namespace }, name));
      expect(may('models')).toEqual(serviceReads);
      for (const namespace of ['keda', 'research', 'default']) expect(may(namespace)).toEqual([]);
    }
  });

  it('gives the scaler the right to find it, and triggers leave to name it', () => {
    for (const [verb, resource] of serviceReads) {
      expect(mayDo(objects, { verb, resource, namespace: 'keda' }), `${verb} ${resource}`).toBe(true);
    }
    expect(container(objects).args).toContain('--gateway-allow-namespaces=keda');
    const listed = render({ ...few, targetPolicy: { gatewayAllowNamespaces: ['gateways'] } });
    expect(container(listed).args).toContain('--gateway-allow-namespaces=gateways,keda');
    const everywhere = render({ ...few, targetPolicy: { gatewayAllowNamespaces: ['*'] } });
    expect(container(everywhere).args).toContain('--gateway-allow-namespaces=*');
  });

  it('is asked by the scaler on a port that its preset knows', () => {
    const { ports } = container(render(few), name);
    const admin = ports.find((port: { name: string }) => port.name === 'admin').containerPort;
    expect(preset.ports).toContain(admin);
  });

  it('has no budget with one replica', () => {
    const budget = { kind: 'PodDisruptionBudget', name };
    expect(only(objects, budget.kind, budget.name).spec.maxUnavailable).toBe(1);
    const one = render({ activator: { enabled: true, service: 'models/llama', replicaCount: 1 } });
    expect(() => only(one, budget.kind, budget.name)).toThrow('found 0');
  });

  it('is scraped by Prometheus through a Service of its own', () => {
    const service = only(objects, 'Service', `${name}-metrics`);
    const { selector } = only(objects, 'ServiceMonitor', name).spec;
    expect(service.metadata.labels).toMatchObject(selector.matchLabels);
    const scalers = only(objects, 'ServiceMonitor', 'scaler-keda-llm-scaler').spec.selector.matchLabels;
    expect(service.metadata.labels).not.toMatchObject(scalers);
  });

  describe('its NetworkPolicy', () => {
    const scaler: Peer = {
      namespace: 'keda',
      labels: { 'app.kubernetes.io/name': 'keda-llm-scaler', 'app.kubernetes.io/instance': 'scaler' },
    };
    const shop: Peer = { namespace: 'shop' };
    const rows: [direction: 'in' | 'out', peer: Peer, port: string | number, passes: boolean][] = [
      ['in', shop, 'http', true],
      ['in', { namespace: 'other' }, 'http', false],
      ['in', { address: '203.0.113.9' }, 'http', false],
      ['in', shop, 'admin', false],
      ['in', scaler, 'admin', true],
      ['in', { ...scaler, namespace: 'shop' }, 'admin', false],
      ['in', { namespace: 'monitoring' }, 'admin', true],
      ['out', { namespace: 'models' }, 8000, true],
      ['out', { namespace: 'research' }, 8000, false],
      ['out', { address: '10.96.0.1' }, 443, true],
      ['out', { address: '169.254.169.254' }, 80, false],
    ];

    it.each(rows)('%s %j on %s: %s', (direction, peer, port, passes) => {
      expect(lets(only(objects, 'NetworkPolicy', name), direction, peer, port)).toBe(passes);
    });

    it('lets everybody ask where nobody is named', () => {
      const policy = only(render({ ...few, networkPolicy: { enabled: true } }), 'NetworkPolicy', name);
      expect(lets(policy, 'in', shop, 'http')).toBe(true);
      expect(lets(policy, 'in', shop, 'admin')).toBe(false);
    });

    it('lets the scaler out to it', () => {
      const policy = only(objects, 'NetworkPolicy', 'scaler-keda-llm-scaler');
      expect(lets(policy, 'out', { namespace: 'keda' }, 8080)).toBe(true);
    });
  });
});
