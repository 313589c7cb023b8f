import type { Endpoint, EndpointSource } from '../endpoint.ts';
import { fixedSource, nothingYet, refused } from '../endpoint-snapshot.ts';

/** Endpoints that a user listed. Nobody knows whether these are all of the workload's replicas. */
export function staticSource(urls: readonly string[]): EndpointSource {
  const wrong = urls.filter((url) => !isHttpUrl(url));
  if (wrong.length > 0) return fixedSource(refused(`not an http or https URL: ${wrong.join(', ')}`));
  return fixedSource({ ...nothingYet, synced: true, endpoints: [...new Set(urls)].map(staticEndpoint) });
}

function isHttpUrl(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

function staticEndpoint(url: string): Endpoint {
  const { hostname, protocol, port } = new URL(url);
  return {
    name: url,
    address: hostname.replace(/^\[(.*)\]$/, '$1'),
    ports: [{ name: undefined, number: Number(port || (protocol === 'https:' ? 443 : 80)) }],
    phase: 'ready',
    namespace: undefined,
    node: undefined,
    url,
  };
}
