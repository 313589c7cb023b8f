import { readFile } from 'node:fs/promises';
import type { TlsFiles } from '../config/settings.ts';
import type { GrpcServer } from '../grpc/start-grpc-server.ts';
import type { TlsPems } from '../grpc/tls-credentials.ts';
import { expiresAtMs } from '../grpc/tls-credentials.ts';
import type { TlsEvents } from '../telemetry/telemetry-events.ts';

/** Kubernetes renews a mounted Secret within a minute or two; looking often costs nothing beside that. */
const LOOK_EVERY_MS = 10_000;

/** Reads certificate, key and client CA together. Rejects with the file's name where one can't be read. */
export async function readTlsFiles({ certFile, keyFile, clientCaFile }: TlsFiles): Promise<TlsPems> {
  const [certPem, keyPem, clientCaPem] = await Promise.all([
    readFile(certFile),
    readFile(keyFile),
    clientCaFile === undefined ? undefined : readFile(clientCaFile),
  ]);
  return { certPem, keyPem, clientCaPem };
}

/**
 * Gives the server each new set of files as it comes. A set that can't be used, say because only half of it has been
 * written, is refused and told once; the server keeps the last good one. Returns how to stop.
 */
export function followTlsFiles(files: TlsFiles, loaded: TlsPems, server: GrpcServer, events: TlsEvents): () => void {
  let last = loaded;
  events.certificateLoaded(expiresAtMs(loaded.certPem));
  const look = async (): Promise<void> => {
    try {
      const pems = await readTlsFiles(files);
      if (isSame(pems, last)) return;
      last = pems;
      server.setTls(pems);
      events.certificateLoaded(expiresAtMs(pems.certPem));
    } catch (error) {
      events.reloadFailed(error);
    }
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

function isSame(a: TlsPems, b: TlsPems): boolean {
  const same = (x: Buffer | undefined, y: Buffer | undefined): boolean => (x && y ? x.equals(y) : x === y);
  return same(a.certPem, b.certPem) && same(a.keyPem, b.keyPem) && same(a.clientCaPem, b.clientCaPem);
}
