import type { ServerUnaryCall, ServerWritableStream, ServiceClientConstructor, sendUnaryData } from '@grpc/grpc-js';
import { loadPackageDefinition, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

export const protoPath = 'proto/externalscaler.proto';

type Unary = ServerUnaryCall<Record<string, unknown>, unknown>;
type Stream = ServerWritableStream<Record<string, unknown>, unknown>;

/** What the next calls are answered with; tests change it while it runs. */
export interface Script {
  specs: { metricName: string; targetSize?: number; targetSizeFloat?: number }[];
  values: { metricName?: string; metricValue?: number; metricValueFloat?: number }[];
  active: boolean;
  /** Calls that fail with UNAVAILABLE. */
  failing: Set<string>;
  /** Calls that are never answered. */
  hanging: Set<string>;
}

/** A real gRPC server that answers by script and writes down who called what. */
export class ScriptedScaler {
  readonly script: Script = {
    specs: [{ metricName: 'concurrency', targetSize: 10, targetSizeFloat: 10 }],
    values: [{ metricName: 'concurrency', metricValue: 0, metricValueFloat: 0 }],
    active: false,
    failing: new Set(),
    hanging: new Set(),
  };
  readonly calls: string[] = [];
  readonly requests: Record<string, unknown>[] = [];
  readonly activityStreams: Stream[] = [];
  readonly specStreams: Stream[] = [];
  readonly #server = new Server();
  #port = 0;

  static async start({ withSpecStream = false, port = 0 } = {}): Promise<ScriptedScaler> {
    const scaler = new ScriptedScaler();
    scaler.#serve(withSpecStream);
    await new Promise<void>((resolve, reject) => {
      scaler.#server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
        scaler.#port = bound;
        if (error === null) resolve();
        else reject(error);
      });
    });
    return scaler;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** The calls since the last time it was asked. */
  taken(): string[] {
    return this.calls.splice(0);
  }

  close(): void {
    this.#server.forceShutdown();
  }

  #serve(withSpecStream: boolean): void {
    const loaded = loadPackageDefinition(loadSync(protoPath, { longs: Number })) as unknown as {
      externalscaler: { ExternalScaler: ServiceClientConstructor };
    };
    const handlers = {
      GetMetricSpec: this.#unary('GetMetricSpec', () => ({ metricSpecs: this.script.specs })),
      GetMetrics: this.#unary('GetMetrics', () => ({ metricValues: this.script.values })),
      IsActive: this.#unary('IsActive', () => ({ result: this.script.active })),
      StreamIsActive: (stream: Stream) => {
        this.calls.push('StreamIsActive');
        this.activityStreams.push(stream);
      },
      ...(withSpecStream ? { StreamMetricSpec: (stream: Stream) => void this.specStreams.push(stream) } : {}),
    };
    this.#server.addService(loaded.externalscaler.ExternalScaler.service, handlers);
  }

  #unary(name: string, answer: () => object) {
    return (call: Unary, reply: sendUnaryData<unknown>): void => {
      this.calls.push(name);
      this.requests.push(call.request);
      if (this.script.hanging.has(name)) return;
      if (this.script.failing.has(name)) reply({ code: status.UNAVAILABLE, details: `${name} is holding` });
      else reply(null, answer());
    };
  }
}
