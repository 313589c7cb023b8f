import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '../grpc/make-certificate.ts';
import type { Answer } from './page-host.ts';
import { page, vllmPage } from './page-host.ts';

/** A loopback server over TLS that remembers what it was shown. */
export interface SecurePage {
  readonly url: string;
  readonly port: number;
  /** The `Authorization` header of every request so far. */
  readonly shown: readonly (string | undefined)[];
  /** Shows another certificate to those who connect from now on. */
  certify(certificate: Certificate): void;
  close(): Promise<void>;
}

/** Serves over TLS on a free port of 127.0.0.1 until closed. */
export async function serveSecure({ certPem, keyPem }: Certificate, answer: Answer): Promise<SecurePage> {
  const shown: (string | undefined)[] = [];
  const server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    shown.push(request.headers.authorization);
    answer(response, request);
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}/metrics`,
    port,
    shown,
    certify: (next) => server.setSecureContext({ cert: next.certPem, key: next.keyPem }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A page of requests for those who show this header, and 401 for everybody else. */
export function protectedBy(authorization: () => string, running = 3): Answer {
  return (response, request) => {
    if (request.headers.authorization === authorization()) page(vllmPage(running, 0))(response, request);
    else response.writeHead(401, { 'www-authenticate': 'Bearer realm="hunter2"' }).end('hunter2');
  };
}
