import type { ChannelOptions } from '@grpc/grpc-js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import type { Answers } from '../triggers/answers.ts';
import { StreamKeeper } from './answer-stream.ts';
import { loadContract } from './contract.ts';
import { externalScaler } from './external-scaler.ts';
import type { GrpcEvents } from './grpc-events.ts';
import { Health } from './health.ts';
import { hearLibrary } from './library-log.ts';
import { refusedUnread } from './refused-unread.ts';
import type { ConnectionLimits } from './stream-lifetime.ts';
import type { TlsPems } from './tls-credentials.ts';
import { TlsCredentials } from './tls-credentials.ts';

export interface GrpcServerOptions {
  /** An IP address or host name, IPv6 without brackets. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly answers: Answers;
  readonly events: GrpcEvents;
  /** Plaintext HTTP/2 when left out. */
  readonly tls?: TlsPems | undefined;
  /** Age at which a connection is asked to end, so that KEDA resolves our name again; shifted by up to a tenth. */
  readonly maxConnectionAgeMs?: number;
  /** How long after that it is cut. Our own streams end with OK before. */
  readonly maxConnectionAgeGraceMs?: number;
  /** Longest wait for an answer before `UNAVAILABLE`; above a trigger's own wait for its first cycle. */
  readonly answerWithinMs?: number;
  /** How long `drain` waits for calls and connections to end. */
  readonly drainGraceMs?: number;
}

export interface GrpcServer {
  /** `host:port` as a URL has it. */
  readonly address: string;
  readonly port: number;
  /** What the health service says; false until told. */
  setServing(on: boolean): void;
  /** Replaces the certificates for new connections. Throws, and keeps the old ones, when they can't be used. */
  setTls(pems: TlsPems): void;
  /** Streams end with OK, calls under way are finished, and after the grace what is left is cut. */
  drain(): Promise<void>;
}

/** A ScaledObjectRef is tiny: 16 KiB of metadata is the most that is accepted. */
const maxReceiveBytes = 64 * 1024;

/**
 * No limit on concurrent streams: all ScaledObjects share one connection, and with a low limit open push streams would
 * make every other call wait for ever. Keepalive finds an operator that vanished without a word.
 */
function serverOptions({ maxAgeMs, graceMs }: ConnectionLimits): ChannelOptions {
  return {
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.max_connection_age_ms': maxAgeMs,
    'grpc.max_connection_age_grace_ms': graceMs,
    'grpc.max_connection_idle_ms': 15 * 60_000,
    'grpc.max_receive_message_length': maxReceiveBytes,
    // Megabytes for one connection: over ten thousand streams.
    'grpc-node.max_session_memory': 128,
    'grpc.enable_channelz': 0,
  };
}

/** Listens for KEDA. Rejects when the address can't be listened on or the certificates can't be used. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { host, answers, events, tls, drainGraceMs = 10_000, answerWithinMs = 2000 } = options;
  const { maxConnectionAgeMs = 600_000, maxConnectionAgeGraceMs = 300_000 } = options;
  const limits = { maxAgeMs: maxConnectionAgeMs, graceMs: maxConnectionAgeGraceMs };
  hearLibrary((line) => process.stderr.write(line));
  const contract = loadContract();
  const keeper = new StreamKeeper(limits);
  const health = new Health(['externalscaler.ExternalScaler'], keeper.streams);
  const credentials = tls === undefined ? undefined : new TlsCredentials(tls);

  const interceptors = [refusedUnread((method) => events.messageTooLarge(method))];
  const server = new Server({ ...serverOptions(limits), interceptors });
  server.addService(contract.externalScaler, externalScaler(answers, keeper, events, answerWithinMs));
  server.addService(contract.health, health.handlers());
  new ReflectionService(contract.definition).addToServer(server);
  const port = await listen(server, hostPort(host, options.port), credentials ?? ServerCredentials.createInsecure());

  const address = hostPort(host, port);
  let drained: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    health.setServing(false);
    await keeper.streams.endAll();
    await shutDown(server, address, drainGraceMs);
  };
  return {
    address,
    port,
    setServing: (on) => health.setServing(on),
    setTls(pems) {
      if (credentials === undefined) throw new Error('this server was started without TLS');
      credentials.replace(pems);
    },
    drain() {
      drained ??= drain();
      return drained;
    },
  };
}

function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function listen(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error === null) resolve(port);
      else reject(new Error(`could not listen on ${address}: ${error.message}`, { cause: error }));
    });
  });
}

/** Without channelz `forceShutdown` leaves connections open, and only `drain` cuts them. */
function shutDown(server: Server, address: string, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    server.drain(address, graceMs);
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, graceMs + 1000);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
