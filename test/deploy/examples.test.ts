import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { parseActivatorSettings } from '../../src/config/activator/activator-settings.ts';
import { parseTriggerMetadata } from '../../src/config/metadata/parse-trigger-metadata.ts';
import { engineChoices, gatewayChoices, triggerFields } from '../../src/config/metadata/trigger-fields.ts';
import type { TriggerMetadata } from '../../src/config/metadata/trigger-metadata.ts';
import { presets } from '../../src/presets/catalogue/presets.ts';
import { container, helm, only, render, rulesOf } from './render-chart.ts';

const folder = 'deploy/examples';

interface Trigger {
  readonly type: string;
  readonly metricType?: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly authenticationRef?: { readonly name: string };
}

interface Example {
  readonly file: string;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests are about.
  readonly objects: readonly any[];
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests are about.
  readonly scaledObject: any;
}

const examples = readdirSync(folder).map((file): Example => {
  const text = readFileSync(join(folder, file), 'utf8');
  const objects = parseAllDocuments(text).map((document) => {
    expect(document.errors, file).toEqual([]);
    return document.toJS();
  });
  return { file, text, objects, scaledObject: objects.find(({ kind }) => kind === 'ScaledObject') };
});

const triggers = examples.flatMap(({ file, scaledObject }) =>
  (scaledObject.spec.triggers as Trigger[])
    .filter(({ type }) => type === 'external-push')
    .map((trigger) => ({ file, ...trigger })),
);

function parsed(metadata: Trigger['metadata']): TriggerMetadata {
  const result = parseTriggerMetadata(metadata);
  if (!result.ok) throw new Error(result.faults.join('; '));
  return result.value;
}

describe.each(examples)('$file', ({ text, objects, scaledObject }) => {
  const { metadata, spec } = scaledObject;

  it('says in its first lines what it is for', () => expect(text).toMatch(/^# \S.{20}/));

  it('has one ScaledObject with names that Kubernetes takes', () => {
    expect(objects.filter(({ kind }) => kind === 'ScaledObject')).toHaveLength(1);
    expect(`${metadata.namespace}/${metadata.name}`).toMatch(/^[a-z0-9-]+\/[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
    expect(Object.keys(spec.scaleTargetRef)).toEqual(expect.arrayContaining(['name']));
  });

  it('has only fields that a ScaledObject has', () => {
    const known = ['scaleTargetRef', 'pollingInterval', 'cooldownPeriod', 'minReplicaCount', 'maxReplicaCount'];
    const more = ['idleReplicaCount', 'fallback', 'advanced', 'triggers'];
    expect(Object.keys(spec).filter((key) => ![...known, ...more].includes(key))).toEqual([]);
    const ofTrigger = ['type', 'metadata', 'metricType', 'authenticationRef'];
    for (const trigger of spec.triggers) expect(ofTrigger).toEqual(expect.arrayContaining(Object.keys(trigger)));
  });

  it('sets the fields whose defaults are wrong for model servers, each with its reason', () => {
    expect(spec.pollingInterval).toBeGreaterThanOrEqual(5);
    expect(spec.pollingInterval).toBeLessThanOrEqual(10);
    expect(spec.cooldownPeriod).toBeGreaterThan(spec.pollingInterval);
    expect(spec.maxReplicaCount).toBeGreaterThan(spec.minReplicaCount);
    expect(spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.stabilizationWindowSeconds).toBeGreaterThan(
      0,
    );
    expect(text).toMatch(/pollingInterval: \d+ # .+/);
    expect(text).toMatch(/cooldownPeriod: \d+ # .+/);
    expect(text).toMatch(/# .*behavior|# Set some part of it always/);
    expect(text).toMatch(/stabilizationWindowSeconds: \d+ # .+/);
  });

  it('names something in front where nothing may run', () => {
    const fromZero = spec.minReplicaCount === 0 || spec.idleReplicaCount === 0;
    const inFront = (spec.triggers as Trigger[]).some((trigger) => 'gatewayService' in trigger.metadata);
    expect(inFront || !fromZero).toBe(true);
  });
});

describe.each(triggers)('a trigger of $file', ({ metadata, metricType }) => {
  it('has metadata that we accept, all of it texts', () => {
    expect(Object.values(metadata).filter((value) => typeof value !== 'string')).toEqual([]);
    expect(parsed(metadata).targetValue).toBeGreaterThan(0);
    expect(metadata.scalerAddress).toBe('keda-llm-scaler.keda:6000');
  });

  it('has an aggregation that goes with its metricType', () => {
    const allowed = metricType === 'Value' ? ['mean', 'max'] : ['sum'];
    expect(allowed).toContain(parsed(metadata).aggregation);
  });
});

describe.each(triggers)('the engine of $file', ({ metadata }) => {
  it('prints what the trigger counts', () => {
    const { engine, metric } = parsed(metadata);
    if (engine.kind !== 'preset') return expect(['auto', 'custom']).toContain(engine.kind);
    const { whyNoConcurrency, waiting, requests, kvCacheRatio } = presets[engine.name];
    if (metric === 'concurrency') expect(whyNoConcurrency).toBeUndefined();
    if (metric === 'waiting') expect(waiting).toMatch(/\w/);
    if (metric === 'requestRate') expect(requests).toMatch(/\w/);
    if (metric === 'kvCache') expect(kvCacheRatio).toMatch(/\w/);
  });
});

describe('the examples together', () => {
  const values = (key: string): Set<string> => new Set(triggers.flatMap(({ metadata }) => metadata[key] ?? []));

  it('show every engine', () => {
    const shown = values('engine');
    // vLLM is what the examples without an engine run.
    const expected = engineChoices.filter((engine) => !['auto', 'vllm'].includes(engine));
    expect(expected.filter((engine) => !shown.has(engine))).toEqual([]);
    expect(examples.map(({ file }) => file)).toContain('vllm.yaml');
  });

  it('show every gateway that says how many requests it has', () => {
    const shown = values('gatewayEngine');
    const expected = gatewayChoices.filter(
      (gateway) => gateway === 'custom' || (gateway !== 'auto' && presets[gateway].whyNoConcurrency === undefined),
    );
    expect(expected.length).toBeGreaterThanOrEqual(6);
    expect(expected.filter((gateway) => !shown.has(gateway))).toEqual([]);
  });

  it('use nearly every key', () => {
    const shown = new Set(triggers.flatMap(({ metadata }) => Object.keys(metadata)));
    const left = Object.keys(triggerFields).filter((key) => !shown.has(key));
    expect(left.sort()).toEqual([
      'activationTargetValue',
      'gatewayEndpoints',
      'gatewayPath',
      'path',
      'scrapeInterval',
      'scrapeTimeout',
      'staleAfter',
      'startingFor',
    ]);
  });

  it('show every situation once', () => {
    const of = (kind: (example: Example) => boolean): number => examples.filter(kind).length;
    expect(of(({ scaledObject }) => scaledObject.spec.minReplicaCount === 0)).toBeGreaterThanOrEqual(6);
    expect(of(({ scaledObject }) => scaledObject.spec.triggers.length > 1)).toBeGreaterThanOrEqual(3);
    expect(
      of(({ scaledObject }) => scaledObject.spec.triggers.some(({ metricType }: Trigger) => metricType === 'Value')),
    ).toBe(2);
    expect(of(({ objects }) => objects.some(({ kind }) => kind === 'TriggerAuthentication'))).toBe(1);
  });

  it('let a Value trigger, which multiplies, take one step per window', () => {
    const multiplied = examples
      .filter(({ scaledObject }) =>
        scaledObject.spec.triggers.some(({ metricType }: Trigger) => metricType === 'Value'),
      )
      .map(({ scaledObject: { spec } }) => ({
        windowsMs: (spec.triggers as Trigger[]).map(({ metadata }) => parsed(metadata).windowMs),
        steps: spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleUp.policies,
      }));
    expect(multiplied).toHaveLength(2);
    for (const { windowsMs, steps } of multiplied) {
      expect(steps).toHaveLength(1);
      expect(steps[0].periodSeconds * 1000).toBeGreaterThanOrEqual(Math.max(...windowsMs));
    }
  });

  it('have names of their own, so that all can be applied at once', () => {
    const names = examples.map(({ scaledObject: { metadata } }) => `${metadata.namespace}/${metadata.name}`);
    expect(new Set(names).size).toBe(examples.length);
  });

  it('show the rules for a protected page as the chart and the scaler take them', () => {
    const { text, scaledObject } = examples.find(({ file }) => file === 'protected-page.yaml')!;
    const written = [...text.matchAll(/^# {3}(.*)$/gm)].map(([, line]) => line).join('\n');
    const [rule, ...others] = parse(written).scrape.credentials;
    expect(others).toEqual([]);
    expect(rule.namespaces).toEqual([scaledObject.metadata.namespace]);
    expect(rule.ports.map(String)).toEqual([scaledObject.spec.triggers[0].metadata.port]);
    if (helm !== undefined) expect(rulesOf(render({ scrape: { credentials: [rule] } }))).toHaveLength(1);
  });

  it('show the activator as the chart makes it and as it names its route', () => {
    const { text, objects, scaledObject } = examples.find(({ file }) => file === 'scale-to-zero-activator.yaml')!;
    const values = parse([...text.matchAll(/^# {3}(.*)$/gm)].map(([, line]) => line).join('\n'));
    const { metadata: service, spec } = objects.find(({ kind }) => kind === 'Service');
    expect(values.activator.service).toBe(`${service.namespace}/${service.name}:${spec.ports[0].name}`);
    const { gatewayService, gatewayModel, gatewayPort } = scaledObject.spec.triggers[0].metadata;
    const settings = parseActivatorSettings([`--service=${values.activator.service}`], {});
    expect(settings).toMatchObject({
      ok: true,
      value: { rule: { name: gatewayModel }, adminAddress: { port: Number(gatewayPort) } },
    });
    if (helm === undefined) return;
    const rendered = render({ ...values, fullnameOverride: 'keda-llm-scaler' });
    const { name, namespace } = only(rendered, 'Service', 'keda-llm-scaler-activator').metadata;
    expect(gatewayService).toBe(`${namespace}/${name}`);
    expect(text).toContain(`http://${name}.${namespace},`);
    const args: string[] = container(rendered, 'keda-llm-scaler').args;
    expect(args).toContain(`--gateway-allow-namespaces=${namespace}`);
  });

  it('name in a TriggerAuthentication what KEDA reads', () => {
    const { objects, scaledObject } = examples.find(({ file }) => file === 'mutual-tls.yaml')!;
    const authentication = objects.find(({ kind }) => kind === 'TriggerAuthentication');
    expect(authentication.spec.secretTargetRef.map(({ parameter }: { parameter: string }) => parameter)).toEqual([
      'caCert',
      'tlsClientCert',
      'tlsClientKey',
    ]);
    expect(scaledObject.spec.triggers[0].authenticationRef.name).toBe(authentication.metadata.name);
    expect(scaledObject.metadata.namespace).toBe(authentication.metadata.namespace);
  });
});
