import type { Discovery } from '../discovery/discovery.ts';
import type { Endpoint, EndpointSnapshot, EndpointSource } from '../discovery/endpoint.ts';
import { staticSource } from '../discovery/named/static.ts';
import type { Deployment } from '../simulate/deployment.ts';

/** Finds the pods of a simulated Deployment as a watch of the Kubernetes API would: whole lists, at once. */
export class DeploymentDiscovery implements Discovery {
  readonly #deployment: Deployment;
  readonly #pollingIntervalMs: number;
  readonly #listeners = new Set<() => void>();
  #current: EndpointSnapshot;

  constructor(deployment: Deployment, pollingIntervalMs: number) {
    this.#deployment = deployment;
    this.#pollingIntervalMs = pollingIntervalMs;
    this.#current = this.#look();
  }

  open(request: Parameters<Discovery['open']>[0]): EndpointSource {
    if (request.kind === 'endpoints') return staticSource(request.urls);
    const own = new Set<() => void>();
    const leave = (listener: () => void): void => {
      own.delete(listener);
      this.#listeners.delete(listener);
    };
    return {
      current: () => this.#current,
      subscribe: (listener) => {
        const each = (): void => listener();
        own.add(each);
        this.#listeners.add(each);
        return () => leave(each);
      },
      close: () => {
        for (const listener of own) leave(listener);
      },
    };
  }

  /** Looks at the Deployment and tells the listeners when something has changed. */
  refresh(): void {
    const seen = this.#look();
    if (JSON.stringify(seen) === JSON.stringify(this.#current)) return;
    this.#current = seen;
    for (const listener of this.#listeners) listener();
  }

  close(): void {
    this.#listeners.clear();
  }

  #look(): EndpointSnapshot {
    const { namespace } = this.#deployment.options;
    const endpoints = this.#deployment.addresses().map((address): Endpoint => {
      return {
        name: address.podName,
        address: '127.0.0.1',
        ports: [{ name: 'http', number: address.port }],
        phase: address.state,
        namespace,
        node: undefined,
        url: undefined,
      };
    });
    return {
      synced: true,
      endpoints,
      replicas: this.#deployment.replicas(),
      pollingIntervalMs: this.#pollingIntervalMs,
      problem: undefined,
      invalid: false,
    };
  }
}
