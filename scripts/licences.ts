interface LockedPackage {
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

export interface UnfitLicence {
  readonly name: string;
  readonly licence: string | undefined;
}

/** Licences under which a package may be shipped within ours, Apache-2.0. */
const permissive = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
]);

/** Packages of a lock file that are shipped under another licence, or under none that is stated. */
export function unfitLicences(lock: { readonly packages: Readonly<Record<string, LockedPackage>> }): UnfitLicence[] {
  return Object.entries(lock.packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
    .filter(([, { license }]) => !isPermissive(license))
    .map(([path, { license }]) => ({ name: path.replace(/^.*node_modules\//, ''), licence: license }));
}

/** `A OR B` leaves the choice; `A AND B` asks for both. */
function isPermissive(expression: string | undefined): boolean {
  const choices = (expression ?? '').replaceAll(/[()]/g, '').split(/\s+OR\s+/);
  return choices.some((choice) => choice.split(/\s+AND\s+/).every((name) => permissive.has(name)));
}
