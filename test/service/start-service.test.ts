import { expect, it, onTestFinished } from 'vitest';
import type { Discovery } from '../../src/discovery/discovery.ts';
import { startService } from '../../src/service/start-service.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { settingsOf } from '../fakes/running-service.ts';

const flags = ['--grpc-address=127.0.0.1:0', '--admin-address=127.0.0.1:0', '--kubernetes=off', '--shutdown-grace=1s'];

/** A discovery that finds nothing and does not end well. */
function endsBadly(): Discovery {
  const fail = (): never => {
    throw new Error('discovery did not end');
  };
  return { open: fail, close: fail } as Pick<Discovery, 'open' | 'close'> as Discovery;
}

const isServed = async (address: string): Promise<boolean> => {
  try {
    return (await fetch(`http://${address}/livez`)).ok;
  } catch {
    return false;
  }
};

it('ends everything else where one thing does not end well, and then says so', async () => {
  const logger = createLogger({ level: 'error', format: 'json', write: () => undefined });
  const service = await startService(settingsOf(flags), logger, { discovery: endsBadly() });
  onTestFinished(() => service.close().catch(() => undefined));
  expect(await isServed(service.adminAddress)).toBe(true);
  await expect(service.close()).rejects.toThrow('discovery did not end');
  expect(await isServed(service.adminAddress)).toBe(false);
  await service.close();
});

it('says why it can not start, not what ended badly because of it', async () => {
  const logger = createLogger({ level: 'error', format: 'json', write: () => undefined });
  const settings = settingsOf([...flags, '--tls-cert-file=/none.pem', '--tls-key-file=/none.pem']);
  await expect(startService(settings, logger, { discovery: endsBadly() })).rejects.toThrow('/none.pem');
  const taken = await startService(settingsOf(flags), logger);
  onTestFinished(() => taken.close());
  const same = settingsOf([`--grpc-address=${taken.grpcAddress}`, ...flags.slice(1)]);
  await expect(startService(same, logger, { discovery: endsBadly() })).rejects.toThrow(/listen|in use/);
});
