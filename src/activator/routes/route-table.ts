import type { RouteRule } from '../../config/activator/route-rule.ts';

/** Which route a request belongs to, as far as its head tells. */
export type RouteMatch =
  | { readonly kind: 'route'; readonly rule: RouteRule }
  /** The body's `model` decides between these. */
  | { readonly kind: 'by-model'; readonly rules: readonly RouteRule[] }
  | { readonly kind: 'unknown-host'; readonly hosts: readonly string[] };

interface Place {
  readonly host: string;
  readonly pathPrefix: string;
  readonly rules: RouteRule[];
}

/**
 * Finds the route of a request: by host, the exact one before a wildcard before none; there by the longest path prefix;
 * and there by model, where its rules name models.
 */
export class RouteTable {
  readonly #places: readonly Place[];
  readonly rules: readonly RouteRule[];

  constructor(rules: readonly RouteRule[]) {
    this.rules = rules;
    const places = new Map<string, Place>();
    for (const rule of rules) {
      const key = `${rule.host}${rule.pathPrefix}`;
      const place = places.get(key) ?? { host: rule.host, pathPrefix: rule.pathPrefix, rules: [] };
      place.rules.push(rule);
      places.set(key, place);
    }
    this.#places = [...places.values()].sort(mostParticularFirst);
  }

  /** @param host as the client named it, with or without a port */
  find(host: string, path: string): RouteMatch {
    const name = host.replace(/:\d*$/, '').toLowerCase();
    const place = this.#places.find((each) => isHostOf(each, name) && isPrefixOf(each.pathPrefix, path));
    if (place === undefined) return { kind: 'unknown-host', hosts: [...new Set(this.rules.map((rule) => rule.host))] };
    const [only] = place.rules;
    if (place.rules.length === 1 && only!.models.length === 0) return { kind: 'route', rule: only! };
    return { kind: 'by-model', rules: place.rules };
  }
}

/** The rule for a model: the one that names it, or the one that names none. */
export function ruleOfModel(rules: readonly RouteRule[], model: string | undefined): RouteRule | undefined {
  const named = model === undefined ? undefined : rules.find(({ models }) => models.includes(model));
  return named ?? rules.find(({ models }) => models.length === 0);
}

function isHostOf({ host }: Place, name: string): boolean {
  if (host === '*') return true;
  return host.startsWith('*.') ? name.endsWith(host.slice(1)) : name === host;
}

/** A prefix ends where a segment of the path does: `/llama` is one of `/llama/v1`, and none of `/llama2`. */
function isPrefixOf(prefix: string, path: string): boolean {
  if (prefix === '/') return true;
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
}

function mostParticularFirst(a: Place, b: Place): number {
  return rankOf(b.host) - rankOf(a.host) || b.pathPrefix.length - a.pathPrefix.length;
}

function rankOf(host: string): number {
  if (host === '*') return 0;
  return host.startsWith('*.') ? host.length : 1000 + host.length;
}
