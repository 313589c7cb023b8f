import type { handleServerStreamingCall, handleUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import type { OpenStreams } from './open-streams.ts';

type Serving = 'SERVING' | 'NOT_SERVING';
type HealthStatus = { readonly status: Serving | 'SERVICE_UNKNOWN' };
type Watcher = ServerWritableStream<HealthRequest, HealthStatus>;

interface HealthRequest {
  readonly service: string;
}

/** Watching is for people and meshes; each watcher is a stream somebody else opened. */
const maxWatchers = 1000;

/** The standard health service: every service of this server has the same status. Not probed by the kubelet. */
export class Health {
  readonly #services: readonly string[];
  readonly #streams: OpenStreams;
  readonly #watchers = new Set<Watcher>();
  #serving: Serving = 'NOT_SERVING';

  /** `services` by their full names; the empty name is the whole server. */
  constructor(services: readonly string[], streams: OpenStreams) {
    this.#services = ['', ...services];
    this.#streams = streams;
  }

  setServing(on: boolean): void {
    const serving = on ? 'SERVING' : 'NOT_SERVING';
    if (serving === this.#serving) return;
    this.#serving = serving;
    for (const watcher of this.#watchers) watcher.write(this.#statusOf(watcher.request.service));
  }

  handlers() {
    return { Check: this.#check, Watch: this.#watch, List: this.#list };
  }

  readonly #check: handleUnaryCall<HealthRequest, HealthStatus> = (call, reply) => {
    const { service } = call.request;
    if (this.#services.includes(service)) reply(null, this.#statusOf(service));
    else reply({ code: status.NOT_FOUND, details: 'unknown service' });
  };

  readonly #list: handleUnaryCall<object, { statuses: Record<string, HealthStatus> }> = (_call, reply) => {
    reply(null, { statuses: Object.fromEntries(this.#services.map((name) => [name, this.#statusOf(name)])) });
  };

  readonly #watch: handleServerStreamingCall<HealthRequest, HealthStatus> = (call) => {
    if (this.#watchers.size >= maxWatchers) {
      call.emit('error', { code: status.RESOURCE_EXHAUSTED, details: `at most ${maxWatchers} watchers` });
      return;
    }
    const forget = (): void => {
      this.#watchers.delete(call);
      this.#streams.remove(call);
    };
    call.once('cancelled', forget).once('finish', forget).once('close', forget);
    this.#watchers.add(call);
    call.write(this.#statusOf(call.request.service));
    this.#streams.add(call, undefined);
  };

  #statusOf(service: string): HealthStatus {
    return { status: this.#services.includes(service) ? this.#serving : 'SERVICE_UNKNOWN' };
  }
}
