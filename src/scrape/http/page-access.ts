import type { SecureContext } from 'node:tls';
import { createSecureContext } from 'node:tls';
import type { WireTls } from './wire.ts';

/** A rule's files as they were read last. Holds a secret: to be handed on, never shown. */
export interface AccessMaterial {
  /** A whole `Authorization` header. */
  readonly authorization: string | undefined;
  /** Authorities, instead of those that Node knows. */
  readonly caPem: string | undefined;
  /** The name that certificates must carry, instead of the host that is dialled. */
  readonly serverName: string | undefined;
  readonly verify: boolean;
}

/** What goes with a request beside its URL. */
export interface PageAccess {
  readonly authorization: string | undefined;
  /** `undefined`: as for every page. The same object for as long as nothing about it changes. */
  readonly tls: WireTls | undefined;
  readonly hasOwnAuthority: boolean;
}

/** Certificates of the authorities that Node knows, for the host that is dialled. */
export function usualTls(): WireTls {
  return { secureContext: contextOf(undefined), serverName: undefined, verify: true };
}

/** Access for each rule of a list, by its place. What is replaced serves the requests that begin after that. */
export class AccessTable {
  readonly #rows: { readonly material: AccessMaterial; readonly access: PageAccess }[];

  constructor(materials: readonly AccessMaterial[]) {
    this.#rows = materials.map((material) => ({ material, access: accessOf(material, tlsOf(material)) }));
  }

  at(place: number): PageAccess | undefined {
    return this.#rows[place]?.access;
  }

  replace(place: number, material: AccessMaterial): void {
    const before = this.#rows[place];
    // A new token alone leaves connections as they are.
    const tls = before !== undefined && isSameTls(before.material, material) ? before.access.tls : tlsOf(material);
    this.#rows[place] = { material, access: accessOf(material, tls) };
  }
}

/** The same for one page. */
export function pageAccess(material: AccessMaterial): PageAccess {
  return accessOf(material, tlsOf(material));
}

function accessOf({ authorization, caPem }: AccessMaterial, tls: WireTls | undefined): PageAccess {
  return { authorization, tls, hasOwnAuthority: caPem !== undefined };
}

function tlsOf({ caPem, serverName, verify }: AccessMaterial): WireTls | undefined {
  if (caPem === undefined && serverName === undefined && verify) return undefined;
  return { secureContext: contextOf(caPem), serverName, verify };
}

function isSameTls(a: AccessMaterial, b: AccessMaterial): boolean {
  return a.caPem === b.caPem && a.serverName === b.serverName && a.verify === b.verify;
}

/** Made when the first `https` page needs it, for reading all known authorities takes milliseconds. */
function contextOf(caPem: string | undefined): () => SecureContext {
  let context: SecureContext | undefined;
  return () => {
    context ??= createSecureContext(caPem === undefined ? {} : { ca: caPem });
    return context;
  };
}
