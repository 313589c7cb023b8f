import type { Endpoint, EndpointPort } from './endpoint.ts';

/** A port as a user asks for it: by name or number; `undefined`: whichever is found. */
export type AskedPort = string | number | undefined;

/**
 * Narrows an endpoint's ports to the one asked for. A number needs no declaration, since containers may listen on
 * ports they don't declare; a name that the endpoint doesn't have leaves none.
 */
export function withAskedPort(endpoint: Endpoint, port: AskedPort): Endpoint {
  if (port === undefined) return endpoint;
  const declared = endpoint.ports.find(({ name, number }) =>
    typeof port === 'number' ? number === port : name === port,
  );
  if (declared !== undefined) return { ...endpoint, ports: [declared] };
  return { ...endpoint, ports: typeof port === 'number' ? [{ name: undefined, number: port }] : [] };
}

/** Says which ports there are, where none of the endpoints has the one asked for by name. */
export function missingPort(endpoints: readonly Endpoint[], port: AskedPort, owner: string): string | undefined {
  const ports = endpoints.flatMap((endpoint) => endpoint.ports);
  if (typeof port !== 'string' || endpoints.length === 0 || ports.some(({ name }) => name === port)) return undefined;
  return `${owner} has no port "${port}"; ${listOfPorts(ports)}`;
}

/** `its ports: http (8000), 9090`. */
export function listOfPorts(ports: readonly EndpointPort[]): string {
  const words = ports.map(({ name, number }) => (name === undefined ? `${number}` : `${name} (${number})`));
  return words.length === 0 ? 'it declares none' : `its ports: ${[...new Set(words)].join(', ')}`;
}
