import { X509Certificate } from 'node:crypto';

const longestSecretBytes = 8 * 1024;

/**
 * The `Authorization` header for a token, from a file's bytes; a line feed at its end is left out. Throws, without
 * repeating anything of it, where it is no token: a line feed inside could begin a header of somebody else's making.
 */
export function bearerHeader(bytes: Uint8Array): string {
  const token = lineOf(bytes);
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Error('expected one token of visible ASCII characters');
  return `Bearer ${token}`;
}

/** A user name for `basicHeader`, from a file's bytes; refused as a token is. */
export function usernameIn(bytes: Uint8Array): string {
  const username = lineOf(bytes);
  if (username.includes(':')) throw new Error('expected a user name without ":"');
  return username;
}

/** The `Authorization` header for a user name and a password, the latter from a file's bytes. */
export function basicHeader(username: string, passwordBytes: Uint8Array): string {
  return `Basic ${Buffer.from(`${username}:${lineOf(passwordBytes)}`).toString('base64')}`;
}

/** Certificates in PEM. Throws where there is none, or one that can't be read. */
export function authorities(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1');
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 || !blocks.every(isCertificate)) throw new Error('expected certificates in PEM');
  return `${blocks.join('\n')}\n`;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

function lineOf(bytes: Uint8Array): string {
  if (bytes.length > longestSecretBytes) throw new Error(`expected at most ${longestSecretBytes} bytes`);
  const text = utf8(bytes).replace(/\r?\n$/, '');
  if (text === '') throw new Error('expected one line, found none');
  if (/\p{Cc}/u.test(text)) throw new Error('expected one line without control characters');
  return text;
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('expected UTF-8 text');
  }
}
