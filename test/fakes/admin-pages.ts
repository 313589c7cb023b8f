import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:http';
import { onTestFinished } from 'vitest';
import { probeRoutes } from '../../src/admin/probe-routes.ts';
import type { AdminServer, AdminServerOptions } from '../../src/admin/start-admin-server.ts';
import { startAdminServer } from '../../src/admin/start-admin-server.ts';
import type { StatusSource } from '../../src/status-page/status-route.ts';
import { statusElsewhere, statusRoute } from '../../src/status-page/status-route.ts';
import { statuses } from './trigger-status.ts';

interface Served extends Partial<Omit<AdminServerOptions, 'routes'>> {
  readonly renderMetrics?: Parameters<typeof probeRoutes>[0] | undefined;
  readonly status?: StatusSource['status'] | undefined;
  readonly statusAddress?: string;
}

const onePage = async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', body: 'up 1\n' });

/** An admin server with all pages of the scaler, but for those that are `undefined`. It ends with the test. */
export async function startPages(served: Served = {}): Promise<AdminServer> {
  const { renderMetrics, status, statusAddress, ...options } = {
    renderMetrics: onePage,
    status: () => statuses(),
    ...served,
  };
  const routes = [
    ...(renderMetrics ? probeRoutes(renderMetrics) : []),
    ...(status ? [statusRoute({ status, version: '1.2.3' })] : []),
    ...(statusAddress === undefined ? [] : [statusElsewhere(statusAddress)]),
  ];
  const server = await startAdminServer({ host: '127.0.0.1', port: 0, routes, ...options });
  onTestFinished(() => server.close());
  return server;
}

interface Got {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export function ask(server: AdminServer, path: string, method = 'GET', headers = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const to = { host: '127.0.0.1', port: server.port, path, method, headers, agent: false };
    const asked = request(to, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ code: response.statusCode!, headers: response.headers, body }));
    });
    asked.on('error', reject).end();
  });
}
