import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { ServerCredentials } from '@grpc/grpc-js';

/** What the server shows to KEDA and, with `clientCaPem`, what it asks of KEDA. PEM text as read from files. */
export interface TlsPems {
  /** The certificate, followed by its chain. */
  readonly certPem: Buffer;
  readonly keyPem: Buffer;
  /** When given, only clients with a certificate of this authority may connect. */
  readonly clientCaPem?: Buffer | undefined;
}

/** TLS whose certificates can be replaced while the server runs: new connections get the new ones, old ones live on. */
export class TlsCredentials extends ServerCredentials {
  constructor(pems: TlsPems) {
    checkPems(pems);
    super({ requestCert: pems.clientCaPem !== undefined, rejectUnauthorized: true }, contextOf(pems));
  }

  /** Throws, and keeps the pair it has, when the new one can't be used. */
  replace(pems: TlsPems): void {
    checkPems(pems);
    this.updateSecureContextOptions(contextOf(pems));
  }

  override _equals(other: ServerCredentials): boolean {
    return other === this;
  }
}

/** When the first certificate expires, milliseconds since 1970. */
export function expiresAtMs(certPem: Buffer): number {
  return Date.parse(new X509Certificate(certPem).validTo);
}

function contextOf({ certPem, keyPem, clientCaPem }: TlsPems) {
  return { cert: [certPem], key: [keyPem], ...(clientCaPem === undefined ? {} : { ca: clientCaPem }) };
}

function checkPems(pems: TlsPems): void {
  const certificate = reading('certificate', () => new X509Certificate(pems.certPem));
  const key = reading('private key', () => createPrivateKey(pems.keyPem));
  if (!certificate.checkPrivateKey(key)) throw new Error('the TLS private key does not belong to the certificate');
  const { clientCaPem } = pems;
  if (clientCaPem !== undefined) reading('client authority', () => new X509Certificate(clientCaPem));
  reading('pair', () => createSecureContext(contextOf(pems)));
  const nowMs = Date.now();
  if (expiresAtMs(pems.certPem) <= nowMs) throw new Error(`the TLS certificate expired ${certificate.validTo}`);
  if (Date.parse(certificate.validFrom) > nowMs) {
    throw new Error(`the TLS certificate is not valid before ${certificate.validFrom}`);
  }
}

/** The reason of a failed read is left out of the message: a library may quote the file. */
function reading<Value>(what: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw new Error(`expected PEM text of a TLS ${what}, found something else`, { cause });
  }
}
