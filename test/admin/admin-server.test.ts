import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { AdminServer } from '../../src/admin/start-admin-server.ts';
import { ask, startPages as start } from '../fakes/admin-pages.ts';

/** What a socket answers to bytes that need not be HTTP. */
function send(server: AdminServer, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

describe('health', () => {
  it('lives from the start, and is ready only when told so', async () => {
    const server = await start();
    expect(await ask(server, '/livez')).toMatchObject({ code: 200, body: 'ok\n' });
    expect(await ask(server, '/readyz')).toMatchObject({ code: 503, body: 'not ready: starting\n' });
    server.setReady(true);
    expect(await ask(server, '/readyz')).toMatchObject({ code: 200, body: 'ready\n' });
    server.setReady(false, 'draining');
    expect(await ask(server, '/readyz')).toMatchObject({ code: 503, body: 'not ready: draining\n' });
    expect(await ask(server, '/livez')).toMatchObject({ code: 200 });
  });

  it('does not depend on endpoints or triggers', async () => {
    const broken = (): never => {
      throw new Error('no status');
    };
    const server = await start({ status: broken, renderMetrics: broken });
    server.setReady(true);
    expect(await ask(server, '/readyz')).toMatchObject({ code: 200 });
    expect(await ask(server, '/livez')).toMatchObject({ code: 200 });
  });
});

describe('pages', () => {
  it.each([
    ['/', 200, '/status/NAMESPACE/NAME'],
    ['/?x=1', 200, '/livez'],
    ['/metrics', 200, 'up 1\n'],
    ['/metrics/', 404, 'no such page'],
    ['/status/models', 404, 'expected /status/NAMESPACE/NAME'],
    ['/status/a/b/c', 404, 'expected /status/NAMESPACE/NAME'],
    ['/status/%ff/%', 404, 'KEDA has not asked'],
    ['/statusx', 404, 'no such page'],
    ['/../../etc/passwd', 404, 'no such page'],
    [`/${'x'.repeat(2000)}`, 414, 'at most 1024'],
    [`/livez?${'x'.repeat(2000)}`, 200, 'ok'],
  ])('%s: %i', async (path, code, words) => {
    const got = await ask(await start(), path);
    expect(got.code).toBe(code);
    expect(got.body).toContain(words);
  });

  it('has headers that forbid everything a page does not need', async () => {
    const server = await start();
    const paths = ['/', '/livez', '/readyz', '/metrics', '/status', '/status/a/b', '/nothing'];
    for (const path of paths) {
      const { headers } = await ask(server, path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      });
    }
    expect(paths).toHaveLength(7);
    expect((await ask(server, '/metrics')).headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect((await ask(server, '/status')).headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it('answers HEAD with the headers alone', async () => {
    const server = await start();
    const head = await ask(server, '/metrics', 'HEAD');
    expect(head).toMatchObject({ code: 200, body: '' });
    expect(head.headers['content-length']).toBe('5');
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('refuses %s', async (method) => {
    const got = await ask(await start(), '/status', method);
    expect(got.code).toBe(405);
    expect(got.headers.allow).toBe('GET, HEAD');
  });

  it('says no more than that a page failed, and tells the log', async () => {
    const told: unknown[] = [];
    const server = await start({
      renderMetrics: () => Promise.reject(new Error('secret')),
      onError: (path, error) => told.push(path, (error as Error).message),
    });
    expect(await ask(server, '/metrics')).toMatchObject({ code: 500, body: 'internal error\n' });
    expect(told).toEqual(['/metrics', 'secret']);
    expect(await ask(server, '/livez')).toMatchObject({ code: 200 });
  });
});

describe('bad guests', () => {
  it.each([
    ['noise', Buffer.from([0, 255, 13, 10, 7, 13, 10, 13, 10])],
    ['TLS', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['headers without end', `GET /livez HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`],
    ['two lengths', 'GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n'],
  ])('hangs up on %s and goes on', async (_name, bytes) => {
    const server = await start();
    expect(await send(server, bytes)).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect(await ask(server, '/livez')).toMatchObject({ code: 200 });
  });

  it('closes in bounded time though somebody holds a connection', async () => {
    const server = await start();
    const socket = connect(server.port, '127.0.0.1', () => socket.write('GET /livez HTTP/1.1\r\nhost:'));
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('connect', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await server.close();
    await closed;
  });

  it('rejects when the port is taken', async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toThrow(`could not listen on 127.0.0.1:${port}`);
  });
});
