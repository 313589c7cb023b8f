import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runHelm } from '../../scripts/chart/helm.ts';
import { manifests, renderManifest } from '../../scripts/chart/manifests.ts';
import { settingFields } from '../../src/config/settings/setting-fields.ts';
import { parseSettings } from '../../src/config/settings/settings.ts';
import { strangeFields } from './kube-shapes.ts';
import type { KubeObject, Values } from './render-chart.ts';
import { chart, container, helm, objectsOf, only, render } from './render-chart.ts';

const ciFiles = readdirSync(join(chart, 'ci')).map((name) => join(chart, 'ci', name));

function valuesOf(path: string): Values {
  return parse(readFileSync(path, 'utf8')) ?? {};
}

function named(objects: readonly KubeObject[]): string[] {
  return objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
}

describe.skipIf(helm === undefined)('the chart (needs helm: npm run helm:get)', () => {
  it('passes helm lint --strict with every set of values', () => {
    const files = ciFiles.flatMap((path) => ['--values', path]);
    expect(runHelm(helm!, ['lint', chart, '--strict']).stdout).toContain('0 chart(s) failed');
    expect(files).toHaveLength(14);
  });

  describe.each(ciFiles)('with %s', (path) => {
    const objects = helm === undefined ? [] : render(valuesOf(path));

    it('renders objects without a field that the API does not know', () => {
      expect(objects.length).toBeGreaterThan(6);
      expect(objects.flatMap(strangeFields)).toEqual([]);
    });

    it('passes settings that the scaler accepts', () => {
      const [command, ...flags] = container(objects).args;
      expect(command).toBe('serve');
      const parsed = parseSettings(flags, {});
      expect(parsed.ok ? [] : parsed.faults).toEqual([]);
    });

    it('labels every object, and names a namespace wherever one can', () => {
      for (const { kind, metadata } of objects.filter(({ metadata }) => metadata.labels?.['helm.sh/chart'])) {
        expect(metadata.labels['app.kubernetes.io/instance']).toBe('scaler');
        expect(metadata.namespace === undefined).toBe(kind.startsWith('ClusterRole'));
      }
    });

    it('runs under restricted PodSecurity, the test pod too', () => {
      const deployments = objects.filter(({ kind }) => kind === 'Deployment');
      const pods = [...deployments.map(({ spec }) => spec.template.spec), only(objects, 'Pod').spec];
      for (const { securityContext, containers, hostNetwork, volumes = [] } of pods) {
        expect(securityContext).toMatchObject({
          runAsNonRoot: true,
          runAsUser: 65532,
          seccompProfile: { type: 'RuntimeDefault' },
        });
        expect(hostNetwork).toBeUndefined();
        expect(volumes.filter((volume: object) => 'hostPath' in volume)).toEqual([]);
        expect(containers).toHaveLength(1);
        expect(containers[0].securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(containers[0].securityContext.privileged).toBeUndefined();
      }
    });

    it('selects its own pods with every selector', () => {
      const deployments = objects.filter(({ kind }) => kind === 'Deployment');
      const selecting = objects.filter(({ kind }) =>
        ['Deployment', 'Service', 'PodDisruptionBudget', 'NetworkPolicy', 'PodMonitor'].includes(kind),
      );
      expect(selecting.length).toBeGreaterThanOrEqual(3);
      for (const { metadata, spec } of selecting) {
        const labels = spec.podSelector?.matchLabels ?? spec.selector.matchLabels ?? spec.selector;
        const selected = deployments.filter(({ spec: { template } }) =>
          Object.entries(labels).every(([key, value]) => template.metadata.labels[key] === value),
        );
        const [owner] = deployments
          .filter((each) => metadata.name.startsWith(each.metadata.name))
          .sort((a, b) => b.metadata.name.length - a.metadata.name.length);
        expect(selected.map((each) => each.metadata.name)).toEqual([owner!.metadata.name]);
      }
    });
  });

  it('renders the same objects for every supported Kubernetes version, and none for an older one', () => {
    const latest = named(render());
    for (const version of ['1.30.0', '1.33.4-eks-abc', '1.35.0']) {
      expect(named(render({}, '--kube-version', version)), version).toEqual(latest);
    }
    expect(() => render({}, '--kube-version', '1.29.9')).toThrow('kubeVersion');
  });

  it('by default makes two replicas, spread and with a budget, and both Services', () => {
    const objects = render();
    expect(named(objects)).toEqual([
      'ClusterRole keda-scaler-keda-llm-scaler',
      'ClusterRoleBinding keda-scaler-keda-llm-scaler',
      'Deployment scaler-keda-llm-scaler',
      'Pod scaler-keda-llm-scaler-test',
      'PodDisruptionBudget scaler-keda-llm-scaler',
      'Service scaler-keda-llm-scaler',
      'Service scaler-keda-llm-scaler-headless',
      'ServiceAccount scaler-keda-llm-scaler',
    ]);
    const { replicas, strategy, template } = only(objects, 'Deployment').spec;
    expect({ replicas, rolling: strategy.rollingUpdate }).toEqual({
      replicas: 2,
      rolling: { maxSurge: 1, maxUnavailable: 0 },
    });
    expect(template.spec.topologySpreadConstraints.map((each: Values) => each.topologyKey)).toEqual([
      'kubernetes.io/hostname',
      'topology.kubernetes.io/zone',
    ]);
    for (const { labelSelector } of template.spec.topologySpreadConstraints) {
      expect(template.metadata.labels).toMatchObject(labelSelector.matchLabels);
    }
    expect(only(objects, 'Service', 'scaler-keda-llm-scaler-headless').spec.clusterIP).toBe('None');
  });

  it('limits memory and not the processor, and derives the heap from the limit', () => {
    const { resources, env } = container(render());
    expect(resources.limits).toEqual({ memory: '768Mi' });
    expect(env).toEqual([{ name: 'NODE_OPTIONS', value: '--max-old-space-size=384' }]);
  });

  it.each([
    ['1Gi', 512],
    ['1.5Gi', 768],
    ['1000M', 476],
    ['536870912', 256],
    [536870912, 256],
  ])('a memory limit of %s gives a heap of %i MiB', (memory, heap) => {
    const { env } = container(render({ resources: { limits: { memory } } }));
    expect(Math.abs(Number(env[0].value.split('=')[1]) - heap)).toBeLessThanOrEqual(1);
  });

  it('sets no heap where memory has no limit', () => {
    expect(container(render({ resources: { limits: null } })).env).toBeUndefined();
  });

  it('probes the admin port alone, and gives the pod the time that ending takes', () => {
    const objects = render({ shutdown: { preStopSeconds: 7, graceSeconds: 30 } });
    const { livenessProbe, readinessProbe, lifecycle, args, ports } = container(objects);
    expect(livenessProbe.httpGet).toEqual({ path: '/livez', port: 'admin' });
    expect(readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'admin' });
    expect(ports.map(({ name, containerPort }: Values) => [name, containerPort])).toEqual([
      ['grpc', 6000],
      ['admin', 8080],
    ]);
    expect(lifecycle.preStop).toEqual({ sleep: { seconds: 7 } });
    expect(args).toContain('--shutdown-grace=30s');
    expect(only(objects, 'Deployment').spec.template.spec.terminationGracePeriodSeconds).toBe(42);
  });

  it('names an image by digest where one is given, from the mirror where one is named', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const version = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8')).appVersion;
    expect(container(render()).image).toBe(`ghcr.io/keda-llm-scaler/keda-llm-scaler:${version}`);
    const image = { tag: '1.2.3', digest };
    expect(container(render({ image, global: { imageRegistry: 'mirror.example.org' } })).image).toBe(
      `mirror.example.org/keda-llm-scaler/keda-llm-scaler:1.2.3@${digest}`,
    );
  });

  it('makes no budget for a single replica, which nobody could evict', () => {
    expect(named(render({ replicaCount: 1 })).filter((name) => name.startsWith('PodDisruption'))).toEqual([]);
  });

  it('passes each setting that is given, under its flag', () => {
    const objects = render(valuesOf(join(chart, 'ci/namespaced-values.yaml')));
    expect(container(objects).args).toEqual(
      expect.arrayContaining([
        '--kubernetes=on',
        '--gateway-allow-namespaces=gateways',
        '--dcgm-service=gpu-operator/nvidia-dcgm-exporter:9400',
      ]),
    );
  });

  it('turns on every flag of serve with some set of values, and no other', () => {
    const args = ciFiles.flatMap((path) => container(render(valuesOf(path))).args as string[]);
    const more = container(render({ dcgm: { endpoints: ['http://10.0.0.1:9400/metrics'] } })).args as string[];
    const flags = new Set([...args, ...more].filter((arg) => arg.startsWith('--')).map((arg) => arg.split('=')[0]!));
    const known = Object.keys(settingFields).map(
      (name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    );
    // In a pod the service account speaks; a kubeconfig is for other places.
    expect([...flags].sort()).toEqual(known.filter((flag) => flag !== '--kubeconfig').sort());
  });

  it('has plain manifests in step (else: npm run chart:generate)', () => {
    expect(manifests).toHaveLength(4);
    for (const manifest of manifests) {
      const text = readFileSync(manifest.path, 'utf8');
      expect(text).toBe(renderManifest(helm!, manifest));
      expect(objectsOf(text).flatMap(strangeFields)).toEqual([]);
      expect(text).not.toMatch(/helm/i);
    }
  });
});
