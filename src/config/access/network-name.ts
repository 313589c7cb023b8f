import { commaList } from '../comma-list.ts';
import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';

const dnsLabel = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
/** SRV names have labels that begin with an underscore. */
const hostLabel = /^[a-z0-9_](?:[-a-z0-9_]{0,61}[a-z0-9_])?$/i;
const labelRule = 'lower-case letters, digits and "-", at most 63, as Kubernetes names are';

/** Reads the name of a Service or namespace. A fault is a predicate, to follow the name of what was read. */
export function parseKubernetesName(text: string): Parsed<string> {
  return dnsLabel.test(text) ? read(text) : refuse(`must be ${labelRule}`);
}

/** Reads the name of a Service in the ScaledObject's own namespace. */
export function parseOwnService(text: string): Parsed<string> {
  const [, name] = /^[^/]+\/([^/]+)$/.exec(text) ?? [];
  if (name === undefined) return parseKubernetesName(text);
  return refuse(`must be a Service of the ScaledObject's own namespace: write its name alone, "${name.slice(0, 63)}"`);
}

export interface ServiceName {
  /** `undefined`: the ScaledObject's own. */
  readonly namespace: string | undefined;
  readonly service: string;
}

/** Reads `name` or `namespace/name`. */
export function parseServiceName(text: string): Parsed<ServiceName> {
  const parts = text.split('/');
  if (parts.length > 2 || !parts.every((part) => dnsLabel.test(part))) {
    return refuse(`must be a Service's name, or namespace/name (each of ${labelRule})`);
  }
  return read({ namespace: parts.length === 2 ? parts[0] : undefined, service: parts.at(-1)! });
}

/** Reads a port's number, 1 to 65535, or the name it has on the pod or Service (at most 15 characters). */
export function parsePort(text: string): Parsed<string | number> {
  if (/^\d+$/.test(text)) {
    const number = text.length <= 5 ? Number(text) : 0;
    return number >= 1 && number <= 65_535 ? read(number) : refuse('must be a port from 1 to 65535');
  }
  const isName = /^[a-z0-9](?:-?[a-z0-9]){0,14}$/.test(text) && text.length <= 15 && /[a-z]/.test(text);
  if (isName) return read(text);
  return refuse('must be a port from 1 to 65535, or a port\'s name: at most 15 of a-z, 0-9 and single "-"');
}

/** More pages than this are not read of one replica. */
const mostPorts = 64;

/** Reads ports, by name or number, separated by commas; `8000-8007` is each number of the range. */
export function parsePorts(text: string): Parsed<readonly (string | number)[]> {
  const items = commaList(text);
  if (!items.ok) return items;
  const ports = new Set<string | number>();
  for (const item of items.value) {
    const parsed = /^\d+-\d+$/.test(item) ? portRange(item) : onePort(item);
    if (!parsed.ok) return parsed;
    for (const port of parsed.value) ports.add(port);
    if (ports.size > mostPorts) return refuse(`names more than ${mostPorts} ports`);
  }
  return read([...ports]);
}

function onePort(text: string): Parsed<readonly (string | number)[]> {
  const parsed = parsePort(text);
  return parsed.ok ? read([parsed.value]) : parsed;
}

function portRange(text: string): Parsed<readonly number[]> {
  const [first = 0, last = 0] = text.split('-').map(Number);
  if (first < 1 || last > 65_535 || last < first) {
    return refuse(`has the range ${text}: it must go from a lower port to a higher one, 1 to 65535`);
  }
  if (last - first >= mostPorts) return refuse(`has the range ${text}: more than ${mostPorts} ports`);
  return read(Array.from({ length: last - first + 1 }, (_, at) => first + at));
}

/** Reads a host name that DNS can resolve, SRV names (`_http._tcp.name`) included; not an address. */
export function parseHostName(text: string): Parsed<string> {
  if (/^[\d.]+$/.test(text) || /^\[?[0-9a-f]*:[0-9a-f:.]*\]?$/i.test(text)) {
    return refuse('is an address, not a name: list addresses as "endpoints"');
  }
  if (/^[^/:]+:\d+$/.test(text)) return refuse('must be a name alone: give its port as "port"');
  const labels = text.replace(/\.$/, '').split('.');
  const isName = text.length <= 254 && labels.every((label) => hostLabel.test(label));
  return isName ? read(text) : refuse('must be a host name, such as "llama-headless.models.svc.cluster.local"');
}

/** Reads the path of a page, its query included. */
export function parsePath(text: string): Parsed<string> {
  if (!text.startsWith('/')) return refuse('must begin with "/", such as "/metrics"');
  if (text.startsWith('//')) return refuse('must begin with one "/": the host is not part of it');
  if (!/^[\x21-\x7e]+$/.test(text) || /[#\\"<>]/.test(text)) {
    return refuse('must be a plain path: no spaces, fragment or characters that a URL must escape');
  }
  return text.length <= 1024 ? read(text) : refuse('must be at most 1024 characters long');
}
