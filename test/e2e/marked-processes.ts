import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A process of this machine that carries a mark in its environment. */
export interface Marked {
  readonly pid: number;
  /** Its command line, separated by spaces. */
  readonly args: string;
}

const kinds = ['net', 'pid', 'mnt'] as const;

/** Every process whose environment has the entry, those in other namespaces included. */
export function markedProcesses(entry: string): readonly Marked[] {
  return processes().flatMap((pid) => {
    const environment = text(join('/proc', String(pid), 'environ'));
    if (!environment?.split('\0').includes(entry)) return [];
    return [{ pid, args: (text(join('/proc', String(pid), 'cmdline')) ?? '').replaceAll('\0', ' ').trim() }];
  });
}

export function nameOf({ args }: Marked): string {
  return basename(args.split(' ', 1)[0] ?? '');
}

/** The namespaces a process is in, as `net:[4026531840]`. */
export function namespacesOf(pid: number): readonly string[] {
  return kinds.flatMap((kind) => {
    try {
      return [readlinkSync(join('/proc', String(pid), 'ns', kind))];
    } catch {
      return [];
    }
  });
}

export function foreignNamespaces(running: readonly Marked[], own: readonly string[]): ReadonlySet<string> {
  return new Set(running.flatMap(({ pid }) => namespacesOf(pid)).filter((namespace) => !own.includes(namespace)));
}

/** Whether a process is in it or a mount holds it. */
export function hasNamespace(namespace: string): boolean {
  const isMounted = readFileSync('/proc/self/mountinfo', 'utf8').includes(namespace);
  return isMounted || processes().some((pid) => namespacesOf(pid).includes(namespace));
}

function processes(): readonly number[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/** `undefined` where the process is gone or belongs to somebody else. */
function text(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
