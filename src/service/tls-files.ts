import { readFile } from 'node:fs/promises';
import type { TlsFiles } from '../config/settings/settings.ts';
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

/** Follows the files for as long as the service runs. Returns how to stop. */
export function followTlsFiles(files: TlsFiles, loaded: TlsPems, server: TlsTaker, events: TlsEvents): () => void {
  const look = tlsLook(files, loaded, server, events);
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

/** The part of a server that takes certificates: `setTls` throws when it can't use them. */
export type TlsTaker = Pick<GrpcServer, 'setTls'>;

/**
 * Makes a look at the files, which gives the server what is new in them and never rejects. A set that can't be used,
 * say because only half of it has been written or because its time has not come, is told once and tried again at each
 * look; the server keeps the last good one.
 */
export function tlsLook(files: TlsFiles, loaded: TlsPems, server: TlsTaker, events: TlsEvents): () => Promise<void> {
  let good = loaded;
  let refused: TlsPems | undefined;
  events.certificateLoaded(expiresAtMs(loaded.certPem));
  const take = (pems: TlsPems): void => {
    try {
      server.setTls(pems);
    } catch (error) {
      if (refused === undefined || !isSame(pems, refused)) events.reloadFailed(error);
      refused = pems;
      return;
    }
    good = pems;
    refused = undefined;
    events.certificateLoaded(expiresAtMs(pems.certPem));
  };
  return async () => {
    try {
      const pems = await readTlsFiles(files);
      if (isSame(pems, good)) refused = undefined;
      else take(pems);
    } catch (error) {
      events.reloadFailed(error);
    }
  };
}

function isSame(a: TlsPems, b: TlsPems): boolean {
  const same = (x: Buffer | undefined, y: Buffer | undefined): boolean => (x && y ? x.equals(y) : x === y);
  return same(a.certPem, b.certPem) && same(a.keyPem, b.keyPem) && same(a.clientCaPem, b.clientCaPem);
}
