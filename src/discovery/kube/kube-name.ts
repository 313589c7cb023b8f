const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const dnsSubdomain = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

/**
 * Whether a string from outside may become a segment of an API path: as strict as the API server is, so that no
 * `..`, slash or query can come in with it.
 */
export function isKubeName(name: string): boolean {
  return dnsSubdomain.test(name) && !name.includes('..');
}

export function isNamespace(name: string): boolean {
  return dnsLabel.test(name);
}

/** The path of an API group's version: `apps/v1` → `/apis/apps/v1`, `v1` → `/api/v1`; `undefined` for anything else. */
export function apiPath(apiVersion: string): string | undefined {
  const [, group, version] = /^(?:([a-z0-9.-]{1,253})\/)?(v[a-z0-9]{1,62})$/.exec(apiVersion) ?? [];
  if (version === undefined || group?.includes('..')) return undefined;
  return group === undefined ? `/api/${version}` : `/apis/${group}/${version}`;
}
