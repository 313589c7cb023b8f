import type { PresetName } from './catalogue/preset-name.ts';
import { knownPaths, presets } from './catalogue/presets.ts';
import type { EngineSelection } from './engine-selection.ts';

/** What the trigger says about the way to an endpoint's page; `undefined` is found by trying. */
export interface PageAddress {
  readonly engine: EngineSelection;
  readonly port: string | number | undefined;
  readonly path: string | undefined;
  readonly scheme: 'http' | 'https';
}

/** More pages than this are not tried on the ports of one endpoint; the usual ports, where it declares others, come on top. */
const MAX_CANDIDATES = 12;
/** Names under which a page's port is declared, best first. */
const metricsPortNames = ['metrics', 'http-metrics', 'prometheus', 'http', 'http1', 'api'];
/** Where nothing is declared: the ports most model servers listen on unless told otherwise, the commonest first. */
const commonPorts = [8000, 30000, 8080, 3000, 80, 8002];

/** What discovery knows of an endpoint that tells where its page may be. */
export interface PageHost {
  /** An IP address or host name, IPv6 without brackets. */
  readonly address: string;
  readonly ports: readonly DeclaredPort[];
  /** Where it is given, it is used as it is. */
  readonly url: string | undefined;
}

interface DeclaredPort {
  readonly name: string | undefined;
  readonly number: number;
}

/** Where one endpoint's page may be, best guess first, or why it can't be anywhere. */
export type Candidates =
  | { readonly ok: true; readonly urls: readonly string[] }
  | { readonly ok: false; readonly problem: string };

export function candidateUrls(endpoint: PageHost, page: PageAddress): Candidates {
  if (endpoint.url !== undefined) return { ok: true, urls: urlsOf(endpoint.url, page) };
  const preset = page.engine.kind === 'preset' ? presets[page.engine.name as PresetName] : undefined;
  const ports = portsOf(endpoint.ports, page.port, preset?.ports);
  if (typeof ports === 'string') return { ok: false, problem: ports };
  const paths = page.path === undefined ? (preset?.paths ?? knownPaths) : [page.path];
  const host = endpoint.address.includes(':') ? `[${endpoint.address}]` : endpoint.address;
  const [usual, ...others] = paths;
  const at = (port: number, path: string): string => `${page.scheme}://${host}:${port}${path}`;
  // The usual path on every port comes before unusual ones on any: a second port must not be left out for them.
  const urls = [
    ...ports.map((port) => at(port, usual!)),
    ...ports.flatMap((port) => others.map((path) => at(port, path))),
  ];
  // A sidecar may declare its port where the server beside it declares none.
  const undeclared = page.port === undefined && preset === undefined ? commonPorts : [];
  const beside = undeclared.filter((port) => !ports.includes(port)).map((port) => at(port, usual!));
  return { ok: true, urls: [...urls.slice(0, MAX_CANDIDATES), ...beside] };
}

/** A static URL is used as it is; one without a path gets the paths that would be tried. */
function urlsOf(url: string, page: PageAddress): readonly string[] {
  const { pathname, search } = new URL(url);
  if (pathname !== '/' || search !== '') return [url];
  const preset = page.engine.kind === 'preset' ? presets[page.engine.name as PresetName] : undefined;
  const origin = url.replace(/\/$/, '');
  return (preset?.paths ?? knownPaths).map((path) => origin + path);
}

/** The ports to try, or a sentence on why the one asked for can't be had. */
function portsOf(
  declared: readonly DeclaredPort[],
  wanted: string | number | undefined,
  presetPorts: readonly number[] | undefined,
): readonly number[] | string {
  const usual = presetPorts ?? commonPorts;
  // A Service's port number has been resolved to the port its pods listen on.
  if (typeof wanted === 'number') return [declared.length === 1 ? declared[0]!.number : wanted];
  if (wanted !== undefined) {
    const named = declared.filter((port) => port.name === wanted);
    if (named.length > 0) return named.map((port) => port.number);
    return `expected a port named "${wanted}", found ${listOf(declared)}; set "port" to one of them`;
  }
  if (declared.length === 0) return usual;
  const rank = (port: DeclaredPort): number => {
    const byName = metricsPortNames.indexOf(port.name ?? '');
    const byNumber = usual.indexOf(port.number);
    if (byName === 0 || byName === 1) return byName;
    if (byNumber >= 0) return 2 + byNumber;
    return byName > 0 ? 100 + byName : 200;
  };
  const ranked = declared.toSorted((a, b) => rank(a) - rank(b)).map((port) => port.number);
  // A server's metrics port is often not declared beside the port that requests go to.
  return [...new Set([...ranked, ...(presetPorts ?? [])])];
}

function listOf(ports: readonly DeclaredPort[]): string {
  if (ports.length === 0) return 'no declared port';
  return ports
    .map((port) => (port.name === undefined ? `${port.number}` : `"${port.name}" (${port.number})`))
    .join(', ');
}
