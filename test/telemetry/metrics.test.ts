import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createActivatorTelemetry } from '../../src/telemetry/activator-telemetry.ts';
import { eventFamilies, triggerFamilies } from '../../src/telemetry/families.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { renderMetricsReference } from '../../src/telemetry/metrics-reference.ts';
import type { ScalerMetrics } from '../../src/telemetry/scaler-metrics.ts';
import { createScalerMetrics } from '../../src/telemetry/scaler-metrics.ts';
import type { Statuses } from '../../src/triggers/statuses.ts';
import type { TriggerStatus } from '../../src/triggers/trigger-status.ts';
import { endpointStatus, holdingStatus, triggerStatus } from '../fakes/trigger-status.ts';

function metricsOf(triggers: () => readonly TriggerStatus[], refused: Statuses['refused'] = []): ScalerMetrics {
  const status = (): Statuses => ({ triggers: triggers(), refused });
  return createScalerMetrics({ status, version: '1.2.3', nodeVersion: 'v24.0.0' });
}

async function linesOf(triggers: readonly TriggerStatus[], name: string): Promise<string[]> {
  const { body } = await metricsOf(() => triggers).render();
  const lines = body.split('\n').filter((line) => line.startsWith(`keda_llm_scaler_${name}`));
  return lines.map((line) => line.slice('keda_llm_scaler_'.length));
}

const llama = 'namespace="models",scaled_object="llama",metric="concurrency"';

describe('the page', () => {
  const everything = [
    triggerStatus(),
    holdingStatus({ scaledObject: 'qwen' }),
    triggerStatus({ namespace: 'a"b\\c\nd\ud800', scaledObject: 'x'.repeat(500) }),
  ];

  it('follows the text format, line by line', async () => {
    const metrics = metricsOf(() => everything);
    metrics.events.grpcHandled.add(1, 'GetMetrics', 'OK');
    metrics.events.scrapeSeconds.add(0.1);
    const { contentType, body } = await metrics.render();
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(body.endsWith('\n')).toBe(true);
    const help = /^# HELP [a-z_0-9]+ \S.*$/;
    const type = /^# TYPE [a-z_0-9]+ (counter|gauge|histogram)$/;
    const sample = /^[a-z_0-9]+(\{([a-z_]+="(\\["\\n]|[^"\\])*",?)*\})? (-?\d+(\.\d+)?(e[+-]?\d+)?|\+Inf|NaN|Nan)$/;
    const lines = body.split('\n').filter((line) => line !== '');
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.filter((line) => !(help.test(line) || type.test(line) || sample.test(line)))).toEqual([]);
    const series = lines.filter((line) => !line.startsWith('#')).map((line) => line.slice(0, line.lastIndexOf(' ')));
    expect(series.filter((line, place) => series.indexOf(line) !== place)).toEqual([]);
  });

  it('declares each family once, with help and type before its samples, and keeps to the naming rules', async () => {
    const { body } = await metricsOf(() => everything).render();
    const declared = [...body.matchAll(/^# TYPE (keda_llm_scaler_\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]);
    const families = [...Object.values(eventFamilies), ...Object.values(triggerFamilies)];
    expect(declared.toSorted()).toEqual(families.map(({ name, type }) => [name, type]).toSorted());
    expect(families.length).toBeGreaterThan(25);
    for (const { name, type, help, labels } of families) {
      expect(name.endsWith('_total')).toBe(type === 'counter');
      expect(name).not.toMatch(/_(ms|millis|percent|kb|mb)(_|$)/);
      expect(help).toMatch(/^[A-Z1].*\.$/);
      expect(labels).not.toContain('endpoint');
    }
  });

  it('cuts long label values, which nobody else’s series collides with', async () => {
    const [line] = await linesOf([triggerStatus({ scaledObject: 'x'.repeat(500) })], 'target_value');
    expect(line).toContain(`scaled_object="${'x'.repeat(253)}"`);
  });
});

describe('trigger series', () => {
  it('count what is refused by its reason, from 0 on', async () => {
    const refused = { namespace: 'models', scaledObject: 'llama', detail: 'targetValue', askedAgoMs: 0 };
    const { body } = await metricsOf(
      () => [],
      [
        { ...refused, reason: 'invalid-trigger-metadata' },
        { ...refused, scaledObject: 'qwen', reason: 'invalid-trigger-metadata' },
      ],
    ).render();
    expect(body.split('\n').filter((line) => line.startsWith('keda_llm_scaler_refused_triggers'))).toEqual([
      'keda_llm_scaler_refused_triggers{reason="invalid-trigger-metadata"} 2',
      'keda_llm_scaler_refused_triggers{reason="denied-by-policy"} 0',
      'keda_llm_scaler_refused_triggers{reason="limit-reached"} 0',
    ]);
  });

  it('say what the status says', async () => {
    const triggers = [triggerStatus()];
    expect(await linesOf(triggers, 'metric_value')).toEqual([`metric_value{${llama}} 12.5`]);
    expect(await linesOf(triggers, 'target_value')).toEqual([`target_value{${llama}} 32`]);
    expect(await linesOf(triggers, 'active')).toEqual([`active{${llama}} 1`]);
    expect(await linesOf(triggers, 'data_age_seconds')).toEqual([`data_age_seconds{${llama}} 0.4`]);
    expect(await linesOf(triggers, 'endpoints_fresh')).toEqual([`endpoints_fresh{${llama}} 1`]);
    expect(await linesOf(triggers, 'endpoints_expected')).toEqual([`endpoints_expected{${llama}} 1`]);
    expect(await linesOf(triggers, 'desired_replicas')).toEqual([`desired_replicas{${llama}} 1`]);
    expect(await linesOf(triggers, 'triggers ')).toEqual(['triggers 1']);
  });

  it('tell triggers of one ScaledObject and metric apart by what they count', async () => {
    const triggers = [triggerStatus(), triggerStatus({ scope: 'model "a"' }), triggerStatus({ scope: 'model b' })];
    expect(await linesOf(triggers, 'metric_value')).toEqual([
      `metric_value{${llama}} 12.5`,
      `metric_value{${llama},scope="model \\"a\\""} 12.5`,
      `metric_value{${llama},scope="model b"} 12.5`,
    ]);
  });

  it('leave out what is unknown: never 0', async () => {
    const triggers = [holdingStatus()];
    expect(await linesOf(triggers, 'metric_value')).toEqual([]);
    expect(await linesOf(triggers, 'active')).toEqual([]);
    expect(await linesOf(triggers, 'desired_replicas')).toEqual([]);
    expect(await linesOf(triggers, 'data_age_seconds')).toEqual([]);
    expect(await linesOf(triggers, 'endpoints_expected')).toEqual([`endpoints_expected{${llama}} 1`]);
    expect(await linesOf([triggerStatus({ metricValue: Number.NaN })], 'metric_value')).toEqual([]);
  });

  it('name the reason of a hold, and the others with 0', async () => {
    expect(await linesOf([holdingStatus()], 'holding')).toEqual([
      `holding{${llama},reason="discovery-not-synced"} 0`,
      `holding{${llama},reason="nothing-readable"} 1`,
    ]);
  });

  it('go with their trigger', async () => {
    let triggers = [triggerStatus()];
    const metrics = metricsOf(() => triggers);
    expect((await metrics.render()).body).toContain('llama');
    triggers = [];
    expect((await metrics.render()).body).not.toContain('llama');
  });

  it('of equal labels: the one KEDA asked about last', async () => {
    const edited = triggerStatus({ targetValue: 64, askedAgoMs: 100 });
    const old = triggerStatus({ targetValue: 32, askedAgoMs: 90_000 });
    const want = [`target_value{${llama}} 64`];
    expect(await linesOf([edited, old], 'target_value')).toEqual(want);
    expect(await linesOf([old, edited], 'target_value')).toEqual(want);
  });

  it('count open push streams by ScaledObject and endpoints by state', async () => {
    const triggers = [
      triggerStatus({ openPushStreams: 1 }),
      triggerStatus({ metric: 'kvCache', openPushStreams: 2, endpoints: [endpointStatus({ state: 'stale' })] }),
    ];
    expect(await linesOf(triggers, 'push_streams')).toEqual([
      'push_streams{namespace="models",scaled_object="llama"} 3',
    ]);
    expect(await linesOf(triggers, 'endpoints{')).toEqual([
      'endpoints{state="read"} 1',
      'endpoints{state="stale"} 1',
      'endpoints{state="unreadable"} 0',
      'endpoints{state="not-serving"} 0',
    ]);
  });
});

describe('event families', () => {
  it('stay few whatever is given as a label value', async () => {
    const metrics = metricsOf(() => []);
    for (let reason = 0; reason < 1000; reason++) metrics.events.policyDenials.add(1, `made-up-${reason}`);
    const { body } = await metrics.render();
    const lines = body.split('\n').filter((line) => line.startsWith('keda_llm_scaler_policy_denials_total{'));
    expect(lines.length).toBeLessThanOrEqual(201);
    expect(lines).toContain('keda_llm_scaler_policy_denials_total{reason="other"} 800');
  });

  it('say nothing of certificates while there are none', async () => {
    const { body } = await metricsOf(() => []).render();
    expect(body).not.toMatch(/^keda_llm_scaler_tls_certificate_expiry_timestamp_seconds/m);
  });
});

const isActivators = (name: string): boolean => name.startsWith('keda_llm_scaler_activator_');

describe('docs/metrics.md', () => {
  const page = readFileSync('docs/metrics.md', 'utf8');
  const named = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name!);

  it.skipIf(process.platform !== 'linux')('is what the declarations say', () => {
    expect(page).toBe(renderMetricsReference());
  });

  it.skipIf(process.platform !== 'linux')('names every metric on the page, and no other', async () => {
    const { body } = await metricsOf(() => [triggerStatus()]).render();
    const served = [...body.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name!);
    expect(served.length).toBeGreaterThan(50);
    expect(named.filter((name) => !isActivators(name)).toSorted()).toEqual(served.toSorted());
  });

  it("names every metric of the activator's page", async () => {
    const state = { held: 2, heldBytes: 10, oldestHeldAtMs: 0, inFlight: 3, forwarded: 40, ready: 1 };
    const telemetry = createActivatorTelemetry({
      states: () => [{ ...state, name: 'll"ama', problem: undefined, coldSinceMs: undefined, coldStartsMs: [] }],
      logger: createLogger({ level: 'error', format: 'json', write: () => undefined }),
      version: '1.2.3',
      nodeVersion: '24.0.0',
      nowMs: () => 0,
    });
    telemetry.events.refused('llama', 'queue_full');
    telemetry.events.released('llama', 1500);
    const { body } = await telemetry.render();
    const served = [...body.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name!);
    expect(named.filter(isActivators).toSorted()).toEqual(served.filter(isActivators).toSorted());
    expect(served.filter((name) => !named.includes(name))).toEqual([]);
    expect(body).toContain('keda_llm_scaler_activator_held_requests{route="ll\\"ama"} 2\n');
    expect(body).toContain('keda_llm_scaler_activator_in_flight_requests{route="ll\\"ama"} 3\n');
    expect(body).toContain('keda_llm_scaler_activator_forwarded_requests_total{route="ll\\"ama"} 40\n');
    expect(body).toContain('keda_llm_scaler_activator_refusals_total{reason="queue_full"} 1\n');
    expect(body).toContain('keda_llm_scaler_activator_hold_seconds_sum 1.5\n');
  });
});
