import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseTriggerMetadata } from '../../src/config/metadata/parse-trigger-metadata.ts';
import type { DemoFlags } from '../../src/config/settings/command-flags.ts';
import { headOf } from '../../src/demo/demo-head.ts';
import { DemoJournal } from '../../src/demo/demo-journal.ts';
import { planOf, scaledObjectOf } from '../../src/demo/demo-plan.ts';
import type { DemoEnd } from '../../src/demo/demo-summary.ts';
import { faultsOf, renderSummary } from '../../src/demo/demo-summary.ts';
import { clockTime, renderHeading, renderRow } from '../../src/demo/demo-table.ts';
import { DeploymentDiscovery } from '../../src/demo/deployment-discovery.ts';
import type { StartService } from '../../src/demo/run-demo.ts';
import { runDemo } from '../../src/demo/run-demo.ts';
import { startService } from '../../src/service/start-service.ts';
import { Deployment } from '../../src/simulate/deployment.ts';
import { smallReplica } from '../../src/simulate/engine/engine-profiles.ts';
import { OpenRequest } from '../../src/simulate/traffic/open-request.ts';
import { RequestLog } from '../../src/simulate/traffic/request-log.ts';
import { TraceError } from '../../src/simulate/traffic/trace-lines.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { ManualClock } from '../../src/time/manual-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'demo-'));
afterAll(() => rmSync(folder, { recursive: true }));

function traceOf(lines: readonly string[]): string {
  const path = join(folder, `${lines.length}.csv`);
  writeFileSync(path, `t_s,input_tokens,output_tokens\n${lines.join('\n')}\n`);
  return path;
}

const real: StartService = (settings, parts) => {
  return startService(settings, createLogger({ level: 'error', format: 'console' }), parts);
};

async function run(flags: DemoFlags, service: StartService, signal = new AbortController().signal) {
  const lines: string[] = [];
  const exitCode = await runDemo(flags, service, { print: (line) => lines.push(line), inColour: false }, signal);
  return { exitCode, lines };
}

function replay(file: string, speed: number): DemoFlags {
  return { trace: { file, startMs: 0, durationMs: 30_000 }, speed, seed: 1 };
}

describe('the demo', () => {
  it('wakes the workload for a trace, serves all of it and lets it rest', { timeout: 120_000 }, async () => {
    const lines = Array.from({ length: 60 }, (_, index) => `${10 + index / 4},${400 + index},${80 + index}`);
    const { exitCode, lines: printed } = await run(replay(traceOf(lines), 20), real);
    const text = printed.join('\n');
    expect(text).not.toContain('failed:');
    expect(exitCode).toBe(0);
    expect(text).toMatch(/0→1/);
    expect(text).toMatch(/HPA: \d+\.\d over 8 asks \d+, \d+→\d+/);
    expect(text).toMatch(/cooldown over, \d+→0/);
    expect(text).toMatch(/requests served +60 of 60\nrequests lost +0/);
    expect(text).toMatch(/time to first token from zero +\d+\.\d s/);
    expect(text).toMatch(/\b\d+ % {2}/);
  });

  it('fails when the scaler gives no answer', { timeout: 120_000 }, async () => {
    const dead: StartService = async () => ({
      grpcAddress: '127.0.0.1:9',
      adminAddress: '',
      close: async () => undefined,
    });
    const { exitCode, lines } = await run(replay(traceOf(['1,100,10']), 400), dead);
    expect(exitCode).toBe(1);
    expect(lines).toContain('failed: the workload was never woken from zero');
    expect(lines).toContain('failed: 1 requests were never answered');
  });

  it('ends when it is interrupted', { timeout: 60_000 }, async () => {
    const interrupted = new AbortController();
    const running = run({ trace: undefined, speed: 1, seed: 1 }, real, interrupted.signal);
    interrupted.abort();
    const { exitCode, lines } = await running;
    expect(exitCode).toBe(1);
    expect(lines.join('\n')).toContain('failed: ');
  });

  it('starts nothing for a file that is no trace', async () => {
    const never: StartService = () => Promise.reject(new Error('was started'));
    await expect(run(replay(join(folder, 'none.csv'), 100), never)).rejects.toThrow(/none\.csv: ENOENT/);
  });

  it('ends at a broken line of the trace', async () => {
    await expect(run(replay(traceOf(['1,100,10', 'x']), 100), real)).rejects.toThrow(TraceError);
  });
});

describe('its ScaledObject', () => {
  it.each([0.1, 1, 10, 20, 100, 1000])('has metadata the service accepts at speed %d', (speed) => {
    const { triggers } = scaledObjectOf(speed, 'localhost:6000', 'http://127.0.0.1:8000/queue');
    expect(triggers).toHaveLength(1);
    expect(parseTriggerMetadata(triggers[0]!.metadata)).toMatchObject({ ok: true });
  });

  it('has windows shortened by the speed', () => {
    const { metadata } = scaledObjectOf(10, 'localhost:6000', 'http://127.0.0.1:8000/queue').triggers[0]!;
    expect(metadata).toMatchObject({ window: '6s', burstWindow: '1s', scrapeInterval: '250ms', idleAfter: '3s' });
  });
});

describe('its plan', () => {
  it('is the story unless a trace is given', () => {
    expect(planOf({ trace: undefined, speed: undefined, seed: 3 })).toMatchObject({ speed: 10, leastPeakReplicas: 2 });
    expect(planOf(replay('x.csv', 20))).toMatchObject({ speed: 20, spanMs: 30_000, showsProgress: true });
  });
});

function arriveAt(log: RequestLog, heldAtZero: boolean): OpenRequest {
  const request = new OpenRequest({ promptTokens: 1, outputTokens: 1 }, 0, heldAtZero);
  log.arrived(request);
  return request;
}

function endOf(changes: Partial<DemoEnd> = {}): DemoEnd {
  const log = new RequestLog();
  const request = arriveAt(log, true);
  request.firstTokenMs = 2500;
  log.gaveFirstToken(request);
  request.end = 'served';
  log.ended(request);
  const journal = new DemoJournal();
  journal.note({ kind: 'scaled', atMs: 1000, by: 'push', from: 0, to: 1, why: 'active' });
  journal.note({ kind: 'scaled', atMs: 2000, by: 'hpa', from: 1, to: 3, why: '24.0 over 8 asks 3' });
  journal.note({ kind: 'scaled', atMs: 90_000, by: 'poll', from: 3, to: 0, why: 'cooldown over' });
  const plan = planOf({ trace: undefined, speed: 10, seed: 1 });
  return { plan, log, journal, atZero: true, cutShort: undefined, clippedRequests: 0, ...changes };
}

function lossOf(): RequestLog {
  const log = new RequestLog();
  const lost = arriveAt(log, false);
  lost.end = 'lost';
  log.ended(lost);
  arriveAt(log, false);
  return log;
}

describe('its summary', () => {
  it('finds no fault with a whole run', () => {
    expect(faultsOf(endOf())).toEqual([]);
    expect(renderSummary(endOf()).map((line) => line.replace(/ {2,}/, ': '))).toEqual([
      'time to first token from zero: 2.5 s',
      'time to first token, median and p99: 2.5 s, 2.5 s',
      'peak replicas: 3',
      'back at zero: at 01:30',
      'requests served: 1 of 1',
      'requests lost: 0',
      'failed questions of KEDA: 0',
    ]);
  });

  it.each<[string, Partial<DemoEnd>, RegExp[]]>([
    ['nothing happened', { journal: new DemoJournal() }, [/never woken/, /at most 0 replicas/]],
    ['it did not return', { atZero: false }, [/did not return to zero/]],
    ['requests were lost or left', { log: lossOf() }, [/1 requests were lost/, /1 requests were never answered/]],
    ['nobody asked', { log: new RequestLog() }, [/not one request/]],
    ['it was cut short', { cutShort: 'interrupted' }, [/interrupted/]],
  ])('says so when %s', (_name, changes, words) => {
    const faults = faultsOf(endOf(changes));
    expect(faults).toHaveLength(words.length);
    for (const [index, each] of words.entries()) expect(faults[index]).toMatch(each);
  });
});

describe('its head', () => {
  const story = planOf({ trace: undefined, speed: 10, seed: 1 });
  const lines = headOf(story, { grpcAddress: '127.0.0.1:65535', adminAddress: '127.0.0.1:65534' });
  const object = scaledObjectOf(10, 'localhost:6000', 'http://127.0.0.1:8000/queue');

  it("names the autoscaler's limits as the ScaledObject has them", () => {
    const { stabilizationWindowSeconds, policies } = object.behavior!.scaleDown!;
    const { value, periodSeconds } = policies![0]!;
    const text = lines.join(' ').replaceAll(/ +/g, ' ');
    expect(text).toContain(`at most ${object.maxReplicaCount} replicas; scaleDown: to the most`);
    expect(text).toContain(`in the last ${stabilizationWindowSeconds} s, by at most ${value} % in ${periodSeconds} s.`);
  });

  it('says what the figures are', () => {
    const text = lines.join('\n');
    expect(text).toContain('requests: so far');
    expect(text).toContain('value: what KEDA was told, the larger of the means over 60 s and 6 s');
    expect(lines.at(-1)).toBe(renderHeading());
  });

  it('is no wider than the table', () => {
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
  });
});

describe('its table', () => {
  const row = { atMs: 83_000, requests: 12, running: 3, waiting: 2, held: 1, ready: 1, starting: 2 };
  const rest = { value: 6.25, desired: 3, why: 'HPA: 6.3 over 2 asks 4, 1→3', isStep: true };

  it('keeps its cells under their headings', () => {
    const heading = renderHeading();
    const line = renderRow({ ...row, ...rest }, false);
    expect(line).toMatch(/01:23 +12 +3 +2 +1 +1\/2 +6\.3 +3 {2}HPA: 6\.3 over 2 asks 4, 1→3$/);
    expect(line.indexOf('HPA')).toBe(heading.indexOf('why'));
    expect(renderRow({ ...row, ...rest, value: undefined }, false)).toContain('unknown');
  });

  it('colours only steps, and only where there is colour', () => {
    expect(renderRow({ ...row, ...rest }, true)).toContain('\u001b[');
    expect(renderRow({ ...row, ...rest, isStep: false }, true)).not.toContain('\u001b[');
    expect(renderRow({ ...row, ...rest }, false)).not.toContain('\u001b[');
  });

  it.each([
    [0, '00:00'],
    [59_999, '00:59'],
    [3_599_000, '59:59'],
    [3_600_000, '1:00:00'],
  ])('prints %d ms as %s', (atMs, want) => expect(clockTime(atMs)).toBe(want));
});

it('tells its steps once, then the state of things', () => {
  const journal = new DemoJournal();
  expect(journal.takeWhy()).toEqual({ text: 'no poll yet', isStep: false });
  journal.note({ kind: 'value', atMs: 0, by: 'poll', metricName: 's0-x', total: 12 });
  journal.note({ kind: 'scaled', atMs: 0, by: 'poll', from: 0, to: 1, why: 'active' });
  journal.note({ kind: 'scaled', atMs: 0, by: 'hpa', from: 1, to: 2, why: '12.0 over 8 asks 2' });
  expect(journal.takeWhy()).toEqual({ text: 'KEDA: active, 0→1; HPA: 12.0 over 8 asks 2, 1→2', isStep: true });
  journal.note({ kind: 'polled', atMs: 0, active: true, failed: false, why: 'active' });
  expect(journal.takeWhy()).toEqual({ text: 'active', isStep: false });
  expect(journal.value).toBe(12);
  journal.note({ kind: 'error', atMs: 0, by: 'poll', message: 'holding: nothing readable' });
  expect(journal.value).toBeUndefined();
  expect(journal.takeWhy().text).toBe('holding: nothing readable');
});

it('finds the pods of the simulated Deployment, and says when they change', async () => {
  const clock = new ManualClock();
  const names = { namespace: 'models', name: 'llama', modelName: 'm', engineName: 'vllm' } as const;
  const times = { coldStartMs: 1000, graceMs: 1000, engine: smallReplica };
  const deployment = await Deployment.start({ ...names, ...times }, clock);
  const discovery = new DeploymentDiscovery(deployment, 500);
  const source = discovery.open({ kind: 'scale-target', namespace: 'models', name: 'llama', port: undefined });
  let changes = 0;
  const unsubscribe = source.subscribe(() => {
    changes += 1;
  });
  expect(source.current()).toMatchObject({ synced: true, endpoints: [], replicas: 0, pollingIntervalMs: 500 });
  const before = source.current();
  discovery.refresh();
  expect(source.current()).toBe(before);

  deployment.setReplicas(1);
  while (deployment.addresses().length === 0) await new Promise((resolve) => setImmediate(resolve));
  discovery.refresh();
  expect(source.current()).toMatchObject({ replicas: 1, endpoints: [{ name: 'llama-1', phase: 'starting' }] });
  expect(changes).toBe(1);
  clock.advanceTo(1000);
  deployment.tick();
  discovery.refresh();
  expect(source.current().endpoints).toMatchObject([{ phase: 'ready', address: '127.0.0.1' }]);
  expect(changes).toBe(2);
  unsubscribe();
  deployment.setReplicas(0);
  discovery.refresh();
  expect(changes).toBe(2);

  const gateway = discovery.open({ kind: 'endpoints', urls: [deployment.gatewayUrl] });
  expect(gateway.current().endpoints).toMatchObject([{ url: deployment.gatewayUrl }]);
  await deployment.close();
});
