import type { Client, ClientReadableStream, ServiceClientConstructor, ServiceError } from '@grpc/grpc-js';
import { credentials, loadPackageDefinition, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { WireMetricSpec, WireMetricValue } from '../../keda/keda-values.ts';
import type { StreamEnd, StreamMessages, WireScaledObjectRef } from './scaler.ts';

interface Methods extends StreamMessages {
  IsActive: { readonly result: boolean };
  GetMetricSpec: { readonly metricSpecs: readonly WireMetricSpec[] };
  GetMetrics: { readonly metricValues: readonly WireMetricValue[] };
}

type Unary = (request: object, reply: (error: ServiceError | null, answer: unknown) => void) => { cancel(): void };
type Streaming = (request: object) => ClientReadableStream<unknown>;

/** The service definition, from KEDA's contract file in this repository. */
function loadService(protoPath: string): ServiceClientConstructor {
  const definition = loadSync(protoPath, { longs: Number, defaults: true, objects: true, arrays: true });
  const contract = loadPackageDefinition(definition) as unknown as {
    externalscaler: { ExternalScaler: ServiceClientConstructor };
  };
  return contract.externalscaler.ExternalScaler;
}

export interface ConnectionOptions {
  readonly protoPath: string;
  /** How often this client's time passes while the wall's passes once; divides gRPC's reconnect back-off. */
  readonly timeScale: number;
}

/**
 * One gRPC channel as KEDA opens it: plaintext, every call to the next of the name's addresses, no deadlines, no
 * waiting for a broken connection, its own sockets.
 */
export class ScalerConnection {
  readonly #client: Client;
  /** Calls without an answer yet, and open streams. */
  readonly #open = new Set<{ cancel(): void }>();

  constructor(address: string, { protoPath, timeScale }: ConnectionOptions) {
    const Service = loadService(protoPath);
    this.#client = new Service(address, credentials.createInsecure(), {
      'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
      'grpc.use_local_subchannel_pool': 1,
      'grpc.initial_reconnect_backoff_ms': Math.max(20, 1000 / timeScale),
      'grpc.max_reconnect_backoff_ms': Math.max(100, 120_000 / timeScale),
    });
  }

  /** One unary call. Rejects with what the server said. */
  call<Name extends 'IsActive' | 'GetMetricSpec' | 'GetMetrics'>(name: Name, request: object): Promise<Methods[Name]> {
    const method = (this.#client as unknown as Record<Name, Unary>)[name].bind(this.#client);
    return new Promise((resolve, reject) => {
      const call = method(request, (error, answer) => {
        this.#open.delete(call);
        if (error === null) resolve(answer as Methods[Name]);
        else reject(error);
      });
      this.#open.add(call);
    });
  }

  /**
   * Opens a stream and hands over its messages one at a time: the next is read when `take` has finished with the
   * last. Resolves when the stream has ended, however it did.
   */
  async stream<Name extends keyof StreamMessages>(
    name: Name,
    ref: WireScaledObjectRef,
    take: (message: Methods[Name]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<StreamEnd> {
    const method = (this.#client as unknown as Record<Name, Streaming>)[name].bind(this.#client);
    const stream = method(ref);
    const cancel = (): void => stream.cancel();
    this.#open.add(stream);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      for await (const message of stream) await take(message as Methods[Name]);
      return { code: status.OK, details: '' };
    } catch (error) {
      const { code = status.UNKNOWN, details = String(error) } = error as Partial<ServiceError>;
      return { code, details };
    } finally {
      this.#open.delete(stream);
      signal.removeEventListener('abort', cancel);
    }
  }

  /** Closes the sockets; open calls and streams end as cancelled. */
  close(): void {
    for (const call of this.#open) call.cancel();
    this.#client.close();
  }
}
