import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startAdmin } from '../../src/service/start-admin.ts';
import { settingsOf } from '../fakes/running-service.ts';
import { statuses, triggerStatus } from '../fakes/trigger-status.ts';

const pages = {
  renderMetrics: async () => ({ contentType: 'text/plain', body: 'up 1\n' }),
  status: () => statuses(triggerStatus()),
  version: '1.2.3',
  onError: () => undefined,
};

async function start(...flags: readonly string[]) {
  const admin = await startAdmin(settingsOf(['--admin-address=127.0.0.1:0', ...flags]), pages);
  onTestFinished(() => admin.close());
  return admin;
}

async function codeOf(address: string, path: string): Promise<number> {
  return (await fetch(`http://${address}${path}`)).status;
}

describe('the admin pages', () => {
  it('are on one address unless the status has its own', async () => {
    const admin = await start();
    expect(admin.statusAddress).toBe(admin.address);
    expect(await codeOf(admin.address, '/status')).toBe(200);
    expect(await codeOf(admin.address, '/metrics')).toBe(200);
  });

  it('are apart where it has', async () => {
    const admin = await start('--status-address=127.0.0.1:0');
    expect(admin.statusAddress).not.toBe(admin.address);
    const codes = async (address: string) =>
      Promise.all(['/status', '/status/models/llama', '/metrics', '/livez'].map((path) => codeOf(address, path)));
    expect(await codes(admin.address)).toEqual([404, 404, 200, 200]);
    expect(await codes(admin.statusAddress)).toEqual([200, 200, 404, 404]);
    expect(await (await fetch(`http://${admin.address}/status`)).text()).toContain(`but on ${admin.statusAddress}`);
  });

  it('know on both addresses whether the service is ready', async () => {
    const admin = await start('--status-address=127.0.0.1:0');
    const isReady = async () => (await (await fetch(`http://${admin.statusAddress}/status`)).json()) as object;
    expect(await isReady()).toMatchObject({ ready: false, why: 'starting' });
    admin.setReady(true);
    expect(await isReady()).toMatchObject({ ready: true, why: null });
    expect(await codeOf(admin.address, '/readyz')).toBe(200);
  });

  it.each(['--admin-address', '--status-address'])('leave nothing running where %s is taken', async (flag) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as { port: number };
    const other = flag === '--admin-address' ? '--status-address' : '--admin-address';
    const free = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => free.once('listening', resolve));
    const { port: freePort } = free.address() as { port: number };
    await new Promise((resolve) => free.close(resolve));
    const settings = settingsOf([`${flag}=127.0.0.1:${port}`, `${other}=127.0.0.1:${freePort}`]);
    await expect(startAdmin(settings, pages)).rejects.toThrow(`could not listen on 127.0.0.1:${port}`);
    await expect(fetch(`http://127.0.0.1:${freePort}/`)).rejects.toThrow();
  });
});
