import { describe, expect, it } from 'vitest';
import { LogRate } from '../../src/telemetry/log-rate.ts';
import type { LogData, LogFormat, LogLevel } from '../../src/telemetry/logger.ts';
import { createLogger } from '../../src/telemetry/logger.ts';

function logTo(level: LogLevel = 'info', format: LogFormat = 'json') {
  const lines: string[] = [];
  return { lines, log: createLogger({ level, format, write: (line) => lines.push(line) }) };
}

describe('a JSON line', () => {
  it('has the level as a word, the time in RFC 3339, who speaks, the message and the data', () => {
    const { lines, log } = logTo();
    log.named('grpc').warn('call failed', { method: 'GetMetrics', count: 2, active: false, faults: ['a', 'b'] });
    expect(lines).toHaveLength(1);
    expect(lines[0]!.endsWith('}\n')).toBe(true);
    const line = JSON.parse(lines[0]!);
    expect(line).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      logger: 'grpc',
      method: 'GetMetrics',
      count: 2,
      active: false,
      faults: ['a', 'b'],
      message: 'call failed',
    });
  });

  it('speaks as the service where no part is named', () => {
    const { lines, log } = logTo();
    log.info('started');
    expect(JSON.parse(lines[0]!)).toMatchObject({ logger: 'keda-llm-scaler', level: 'info', message: 'started' });
  });

  it('leaves out what is not on the list, whatever the types were told', () => {
    const { lines, log } = logTo();
    const smuggled = {
      method: 'IsActive',
      scalerMetadata: { token: 'secret' },
      metadata: 'secret',
      error: { token: 'secret' },
    };
    log.error('refused', smuggled as unknown as LogData);
    expect(lines[0]).not.toContain('secret');
    expect(JSON.parse(lines[0]!)).toMatchObject({ method: 'IsActive' });
  });

  it('is bounded, and stays one line', () => {
    const { lines, log } = logTo();
    log.error('refused', { error: `${'x'.repeat(5000)}\n`, faults: Array<string>(500).fill('y\n') });
    expect(lines[0]!.length).toBeLessThan(3000);
    expect(lines[0]!.trimEnd()).not.toContain('\n');
  });

  it.each<[LogLevel, string[]]>([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
  ])('at level %s: %j', (level, want) => {
    const { lines, log } = logTo(level);
    for (const word of ['debug', 'info', 'warn', 'error'] as const) log[word]('said');
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(want);
  });
});

describe('a console line', () => {
  it('reads from left to right', () => {
    const { lines, log } = logTo('info', 'console');
    log.named('grpc').warn('call failed', { method: 'GetMetrics', reason: 'two words', count: 2 });
    expect(lines[0]).toMatch(/^\S+Z WARN {2}grpc: call failed reason="two words" method=GetMetrics count=2\n$/);
  });

  it('gives a terminal nothing to obey', () => {
    const { lines, log } = logTo('info', 'console');
    log.info('said', { reason: '\u001b[2J\u009b31m\r\n\u202e' });
    expect(lines[0]!.slice(0, -1)).not.toMatch(/[\p{Cc}\u202e]/u);
  });
});

describe('LogRate', () => {
  it('admits a key once in its span and says how many were left out', () => {
    const rate = new LogRate({ everyMs: 1000, maxKeys: 10 });
    const admitted = [0, 1, 999, 1000, 1500, 5000].map((nowMs) => rate.admit('a', nowMs));
    expect(admitted).toEqual([0, undefined, undefined, 2, undefined, 1]);
  });

  it('keeps keys apart', () => {
    const rate = new LogRate({ everyMs: 1000, maxKeys: 10 });
    expect([rate.admit('a', 0), rate.admit('b', 0), rate.admit('a', 1)]).toEqual([0, 0, undefined]);
  });

  it('remembers a bounded number of keys', () => {
    const rate = new LogRate({ everyMs: 1000, maxKeys: 2 });
    for (const key of ['a', 'b', 'c']) rate.admit(key, 0);
    expect([rate.admit('c', 1), rate.admit('b', 1), rate.admit('a', 1)]).toEqual([undefined, undefined, 0]);
  });
});
