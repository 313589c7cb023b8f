import type { KeyObject } from 'node:crypto';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

export interface Certificate {
  readonly certPem: Buffer;
  readonly keyPem: Buffer;
}

export interface Authority {
  readonly certPem: Buffer;
  /** A certificate for `localhost` and 127.0.0.1, valid from and to these days of the age of the test (0 is now). */
  issue(commonName: string, fromDay?: number, toDay?: number): Certificate;
}

/** An authority of its own for one test run: nothing secret lies in the repository. */
export function makeAuthority(commonName: string): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ca = { subject: commonName, issuer: commonName, publicKey: keys.publicKey, days: [-1, 10], isAuthority: true };
  return {
    certPem: pem('CERTIFICATE', certificate(ca, keys.privateKey)),
    issue(subject, fromDay = -1, toDay = 10) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const content = { subject, issuer: commonName, publicKey: pair.publicKey, days: [fromDay, toDay] };
      const der = certificate({ ...content, isAuthority: false }, keys.privateKey);
      return { certPem: pem('CERTIFICATE', der), keyPem: pem('PRIVATE KEY', pkcs8(pair.privateKey)) };
    },
  };
}

interface Content {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly days: readonly number[];
  readonly isAuthority: boolean;
}

/** An X.509 certificate (RFC 5280, section 4.1) signed with ECDSA over SHA-256. */
function certificate(content: Content, signer: KeyObject): Buffer {
  const algorithm = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
  const tbs = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name(content.issuer),
    sequence(...content.days.map(time)),
    name(content.subject),
    content.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(basicConstraints(content.isAuthority), subjectAltName())),
  );
  const signature = sign('sha256', tbs, signer);
  return sequence(tbs, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
}

function basicConstraints(isAuthority: boolean): Buffer {
  const value = isAuthority ? sequence(der(0x01, Buffer.from([0xff]))) : sequence();
  return sequence(oid(0x55, 0x1d, 0x13), der(0x01, Buffer.from([0xff])), der(0x04, value));
}

function subjectAltName(): Buffer {
  const names = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])));
  return sequence(oid(0x55, 0x1d, 0x11), der(0x04, names));
}

function name(commonName: string): Buffer {
  return sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(commonName)))));
}

/** UTCTime, `YYMMDDhhmmssZ`. */
function time(day: number): Buffer {
  const at = new Date(Date.now() + day * 86_400_000).toISOString();
  return der(0x17, Buffer.from(`${at.slice(2, 19).replace(/\D/g, '')}Z`));
}

function oid(...bytes: number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

function pkcs8(key: KeyObject): Buffer {
  return key.export({ type: 'pkcs8', format: 'der' });
}

function pem(label: string, bytes: Buffer): Buffer {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return Buffer.from(`-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`);
}
