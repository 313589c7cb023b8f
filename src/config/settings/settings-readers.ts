import { parseCidr } from '../access/address-policy.ts';
import { parseKubernetesName, parsePort, parseServiceName } from '../access/network-name.ts';
import { commaList } from '../comma-list.ts';
import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';
import { quoted } from '../quoted.ts';

/** Where to listen. */
export interface ListenAddress {
  /** An IP address or host name, IPv6 without brackets. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** Reads `host:port`, an IPv6 address in brackets. */
export function parseListenAddress(text: string): Parsed<ListenAddress> {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535) {
    return refuse('must be host:port, such as "0.0.0.0:6000" or "[::]:6000"');
  }
  return read({ host, port: Number(port) });
}

/** Reads a comma-separated list of networks, which stay texts. */
export function parseCidrList(text: string): Parsed<readonly string[]> {
  const items = commaList(text);
  if (!items.ok) return items;
  const faults = items.value.flatMap((item) => {
    const cidr = parseCidr(item);
    return cidr.ok ? [] : cidr.faults.map((fault) => `has a wrong network: ${fault}`);
  });
  return faults.length > 0 ? refuse(...faults) : items;
}

/** Reads `*` or a comma-separated list of namespaces. */
export function parseNamespaces(text: string): Parsed<'*' | readonly string[]> {
  if (text === '*') return read('*');
  const items = commaList(text);
  if (!items.ok) return items;
  const wrong = items.value.filter((item) => !parseKubernetesName(item).ok);
  if (wrong.length === 0) return items;
  return refuse(...wrong.map((item) => `has ${quoted(item)}, which is no namespace's name`));
}

export interface ServiceAddress {
  readonly namespace: string;
  readonly service: string;
  /** `undefined`: found. */
  readonly port: string | number | undefined;
}

/** Reads `namespace/name` or `namespace/name:port`. */
export function parseServiceAddress(text: string): Parsed<ServiceAddress> {
  const [name, portText, ...rest] = text.split(':');
  const service = parseServiceName(name!);
  if (!service.ok || service.value.namespace === undefined || rest.length > 0) {
    return refuse('must be namespace/name or namespace/name:port');
  }
  const place = { namespace: service.value.namespace, service: service.value.service };
  if (portText === undefined) return read({ ...place, port: undefined });
  const port = parsePort(portText);
  return port.ok ? read({ ...place, port: port.value }) : port;
}

/** Reads a file's path as it is, or anything else that is free text. */
export function anyText(text: string): Parsed<string> {
  return text.includes('\0') ? refuse('must not contain a zero byte') : read(text);
}
