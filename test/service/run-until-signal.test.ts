import { describe, expect, it } from 'vitest';
import { runUntilSignal } from '../../src/service/run-until-signal.ts';
import { withEndings } from '../../src/service/with-endings.ts';
import { createLogger } from '../../src/telemetry/logger.ts';

const asked = () => Promise.resolve('SIGTERM');

/** What it came to, and the messages and errors that were logged. */
async function run(start: () => Promise<{ close(): Promise<void> }>) {
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', format: 'json', write: (line) => lines.push(line) });
  const code = await runUntilSignal(logger, start, asked);
  const said = lines.map((line) => JSON.parse(line) as { message: string; error?: string; signal?: string });
  return {
    code,
    said: said.map(({ message, error, signal }) => [message, error ?? signal].filter(Boolean).join(': ')),
  };
}

describe('a process that runs until it is asked to end', () => {
  it.each([
    ['0 where it ended well', async () => ({ close: async () => {} }), 0, ['ending: SIGTERM', 'ended']],
    ['1 where it could not start', () => Promise.reject(new Error('no port')), 1, ['could not start: no port']],
    [
      '1 where something did not end well',
      async () => ({ close: () => Promise.reject(new Error('a socket')) }),
      1,
      ['ending: SIGTERM', 'did not end well: a socket'],
    ],
  ])('exits with %s', async (_what, start, code, said) => {
    expect(await run(start)).toEqual({ code, said });
  });
});

describe('a start that fails', () => {
  it('ends what was started, the last first, and tells why it failed, whatever ends badly', async () => {
    const ended: string[] = [];
    const start = withEndings(async (endings) => {
      endings.defer(() => void ended.push('first'));
      endings.defer(() => Promise.reject(new Error('an ending')));
      endings.defer(() => void ended.push('last'));
      throw new Error('the reason');
    });
    await expect(start).rejects.toThrow('the reason');
    expect(ended).toEqual(['last', 'first']);
  });
});
