import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

export function freePort(): Promise<number> {
  return tryPort(0);
}

/** One below 32,768, for programs that read ports as signed numbers of 16 bits. */
export async function freeLowPort(): Promise<number> {
  for (let port = 20_000 + Math.floor(Math.random() * 10_000); port < 32_768; port++) {
    const isFree = await tryPort(port).catch(() => undefined);
    if (isFree !== undefined) return port;
  }
  throw new Error('expected a free port below 32768, found none');
}

function tryPort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
