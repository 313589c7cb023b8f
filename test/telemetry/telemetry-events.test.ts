import { describe, expect, it } from 'vitest';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createScalerMetrics } from '../../src/telemetry/scaler-metrics.ts';
import { createTelemetry } from '../../src/telemetry/telemetry-events.ts';
import type { DecisionChange } from '../../src/triggers/world.ts';

function start() {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({ level: 'debug', format: 'json', write: (line) => lines.push(JSON.parse(line)) });
  const metrics = createScalerMetrics({
    status: () => ({ triggers: [], refused: [] }),
    version: '1',
    nodeVersion: 'v24',
  });
  const clock = { nowMs: 0 };
  const telemetry = createTelemetry({ metrics, logger, nowMs: () => clock.nowMs });
  const value = async (series: string): Promise<string | undefined> => {
    const { body } = await metrics.render();
    return body
      .split('\n')
      .find((line) => line.startsWith(`keda_llm_scaler_${series} `))
      ?.split(' ')
      .at(-1);
  };
  return { lines, telemetry, clock, value };
}

const change: DecisionChange = {
  namespace: 'models',
  scaledObject: 'llama',
  metric: 'concurrency',
  metricValue: 40,
  active: true,
  reason: '40 requests on 1 replica',
};

describe('what is counted', () => {
  it('calls and streams', async () => {
    const { telemetry, value } = start();
    telemetry.grpc.handled('GetMetrics', 'OK', 0.003);
    telemetry.grpc.handled('GetMetrics', 'UNAVAILABLE', 0.9);
    telemetry.grpc.streamOpened('StreamIsActive');
    expect(await value('streams{method="StreamIsActive"}')).toBe('1');
    telemetry.grpc.streamClosed('StreamIsActive', 'OK');
    expect(await value('streams{method="StreamIsActive"}')).toBe('0');
    expect(await value('grpc_server_handled_total{method="GetMetrics",code="OK"}')).toBe('1');
    expect(await value('grpc_server_handled_total{method="GetMetrics",code="UNAVAILABLE"}')).toBe('1');
    expect(await value('grpc_server_handled_total{method="StreamIsActive",code="OK"}')).toBe('1');
    expect(await value('grpc_server_handling_seconds_bucket{le="0.005",method="GetMetrics"}')).toBe('1');
    expect(await value('grpc_server_handling_seconds_count{method="GetMetrics"}')).toBe('2');
    expect(await value('grpc_server_handling_seconds_count{method="StreamIsActive"}')).toBeUndefined();
  });

  it('scrapes, failed ones beside all', async () => {
    const { telemetry, value } = start();
    expect(await value('scrape_failures_total{reason="timeout"}')).toBe('0');
    telemetry.scrape.scrapeFinished('ok', 0.006, 50_000);
    telemetry.scrape.scrapeFinished('timeout', 0.8, 0);
    telemetry.scrape.scrapeFinished('wrong-engine', 0.01, 300);
    telemetry.scrape.scrapeStartsSkipped(1);
    expect(await value('scrapes_total')).toBe('3');
    expect(await value('scrape_failures_total{reason="timeout"}')).toBe('1');
    expect(await value('scrape_failures_total{reason="wrong-engine"}')).toBe('1');
    expect(await value('scrape_failures_total{reason="ok"}')).toBeUndefined();
    expect(await value('scrape_bytes_total')).toBe('50300');
    expect(await value('scrape_duration_seconds_count')).toBe('3');
    expect(await value('scrape_starts_skipped_total')).toBe('1');
  });

  it('triggers, pushes, discovery, denials and certificates', async () => {
    const { telemetry, value } = start();
    telemetry.triggers.triggerAdded('key');
    telemetry.triggers.triggerDropped('key');
    telemetry.triggers.pushSent('models', 'llama');
    telemetry.triggers.limitReached('triggers');
    telemetry.grpc.messageTooLarge('IsActive');
    telemetry.discovery.watchOpened('pods');
    telemetry.discovery.watchOpened('pods');
    telemetry.discovery.watchClosed('pods');
    telemetry.discovery.listed('pods', false);
    telemetry.discovery.listed('pods', true);
    telemetry.discovery.failed('pods', 'forbidden');
    telemetry.policy.policyDenied('loopback');
    telemetry.tls.certificateLoaded(1_900_000_000_000);
    telemetry.tls.reloadFailed(new Error('torn'));
    telemetry.credentials.reloaded(1);
    telemetry.credentials.reloadFailed('rule 1: empty');
    const want: [series: string, value: string][] = [
      ['triggers_added_total', '1'],
      ['triggers_dropped_total', '1'],
      ['pushes_sent_total', '1'],
      ['limit_refusals_total{limit="triggers"}', '1'],
      ['limit_refusals_total{limit="triggers-per-namespace"}', '0'],
      ['limit_refusals_total{limit="message-bytes"}', '1'],
      ['grpc_server_handled_total{method="IsActive",code="RESOURCE_EXHAUSTED"}', '1'],
      ['discovery_watches{resource="pods"}', '1'],
      ['discovery_lists_total{resource="pods"}', '2'],
      ['discovery_relists_total{resource="pods"}', '1'],
      ['discovery_failures_total{resource="pods",reason="forbidden"}', '1'],
      ['policy_denials_total{reason="loopback"}', '1'],
      ['tls_certificate_expiry_timestamp_seconds', '1900000000'],
      ['tls_reload_failures_total', '1'],
      ['scrape_credential_reload_failures_total', '1'],
    ];
    for (const [series, count] of want) expect([series, await value(series)]).toEqual([series, count]);
    expect(want).toHaveLength(15);
  });
});

describe('what is logged', () => {
  it('one line for a decision’s change, with the data beside a constant message', () => {
    const { telemetry, lines } = start();
    telemetry.triggers.decisionChanged(change);
    expect(lines).toEqual([
      { level: 'info', time: expect.any(String), logger: 'triggers', ...change, message: 'decision changed' },
    ]);
  });

  it('mere changes of value not more than once in ten seconds, turning points always', () => {
    const { telemetry, lines, clock } = start();
    telemetry.triggers.decisionChanged(change);
    clock.nowMs = 1000;
    telemetry.triggers.decisionChanged({ ...change, metricValue: 41 });
    telemetry.triggers.decisionChanged({ ...change, metricValue: 0, active: false });
    telemetry.triggers.decisionChanged({ ...change, metricValue: undefined });
    telemetry.triggers.decisionChanged({ ...change, scaledObject: 'qwen' });
    clock.nowMs = 10_000;
    telemetry.triggers.decisionChanged({ ...change, metricValue: 42 });
    const seen = lines.map(({ metricValue, active, suppressed }) => [metricValue, active, suppressed]);
    expect(seen).toEqual([
      [40, true, undefined],
      [0, false, undefined],
      [undefined, true, undefined],
      [40, true, undefined],
      [42, true, 1],
    ]);
  });

  it('a repeated fault once a minute, with how often it was left out', () => {
    const { telemetry, lines, clock } = start();
    for (let second = 0; second <= 60; second++) {
      clock.nowMs = second * 1000;
      telemetry.discovery.failed('pods', 'forbidden');
    }
    telemetry.discovery.failed('pods', 'silent');
    expect(lines.map(({ failure, suppressed }) => [failure, suppressed])).toEqual([
      ['forbidden', undefined],
      ['forbidden', 59],
      ['silent', undefined],
    ]);
  });

  it('no more than a hundred lines a second of all triggers together, after a first rush', async () => {
    const { telemetry, lines, clock, value } = start();
    const faults = (count: number) => {
      for (let nth = 0; nth < count; nth++)
        telemetry.triggers.cycleFailed('models', `llama-${lines.length}-${nth}`, 'bug');
    };
    expect(await value('log_lines_left_out_total{reason="rate"}')).toBe('0');
    faults(1500);
    expect(lines).toHaveLength(1000);
    expect(await value('log_lines_left_out_total{reason="rate"}')).toBe('500');
    clock.nowMs = 1000;
    faults(150);
    expect(lines).toHaveLength(1100);
    clock.nowMs = 3_600_000;
    faults(1500);
    expect(lines).toHaveLength(2100);
    expect(await value('log_lines_left_out_total{reason="rate"}')).toBe('1050');
  });

  it('a trigger that breaks again and again once a minute, and counts what is left out', async () => {
    const { telemetry, lines, clock, value } = start();
    for (let second = 0; second <= 60; second++) {
      clock.nowMs = second * 1000;
      telemetry.triggers.cycleFailed('models', 'llama', 'bug');
    }
    expect(lines).toMatchObject([
      { level: 'error', scaledObject: 'llama', error: 'bug' },
      { level: 'error', scaledObject: 'llama', suppressed: 59 },
    ]);
    expect(await value('log_lines_left_out_total{reason="repeated"}')).toBe('59');
  });

  it('a fault of ours with its stack, whatever was thrown', () => {
    const { telemetry, lines } = start();
    telemetry.grpc.failed('GetMetrics', new Error('bug'));
    telemetry.grpc.failed('IsActive', undefined);
    telemetry.admin.pageFailed('/metrics', 'text');
    expect(lines).toMatchObject([
      {
        level: 'warn',
        logger: 'grpc',
        method: 'GetMetrics',
        error: 'bug',
        stack: expect.stringContaining('Error: bug'),
      },
      { logger: 'grpc', method: 'IsActive', error: 'undefined' },
      { logger: 'admin', path: '/metrics', error: 'text' },
    ]);
  });

  it('never a trigger’s key, which holds its metadata', () => {
    const { telemetry, lines } = start();
    telemetry.triggers.triggerAdded('["models","llama",[["token","secret"]]]');
    telemetry.triggers.triggerDropped('["models","llama",[["token","secret"]]]');
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
});
