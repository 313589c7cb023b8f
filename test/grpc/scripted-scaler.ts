import type { ChannelOptions } from '@grpc/grpc-js';
import { Client, credentials, makeClientConstructor } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import type { Told } from '../../src/decision/told.ts';
import { loadContract } from '../../src/grpc/contract.ts';
import type { ExternalScalerClient } from '../../src/grpc/generated/externalscaler/ExternalScaler.ts';
import type { GrpcEvents } from '../../src/grpc/grpc-events.ts';
import type { GrpcServer, GrpcServerOptions } from '../../src/grpc/start-grpc-server.ts';
import { startGrpcServer } from '../../src/grpc/start-grpc-server.ts';
import type { Answers, MetricSpec, PushStream } from '../../src/triggers/answers.ts';
import type { TriggerRef } from '../../src/triggers/trigger-ref.ts';

/** Answers as told by the test, and remembers what was asked. */
export class ScriptedAnswers implements Answers {
  readonly asked: TriggerRef[] = [];
  readonly pushStreams = new Set<PushStream>();
  metricSpec: (ref: TriggerRef) => MetricSpec = () => ({ metricName: 'llm-concurrency', targetValue: 32 });
  answerWith: (ref: TriggerRef) => Promise<Told> = async () => ({ metricValue: 0, active: false });
  onOpen: (stream: PushStream) => void = () => {};

  answer(ref: TriggerRef): Promise<Told> {
    this.asked.push(ref);
    return this.answerWith(ref);
  }

  openPushStream(ref: TriggerRef, stream: PushStream): () => void {
    this.asked.push(ref);
    this.onOpen(stream);
    this.pushStreams.add(stream);
    return () => {
      this.pushStreams.delete(stream);
    };
  }
}

/** Every event as one line. */
export class RecordedEvents implements GrpcEvents {
  readonly lines: string[] = [];
  readonly errors: unknown[] = [];

  handled(method: string, code: string, seconds: number): void {
    if (!(seconds >= 0 && seconds < 60)) throw new RangeError(`a call can't take ${seconds} s`);
    this.lines.push(`handled ${method} ${code}`);
  }
  streamOpened(method: string): void {
    this.lines.push(`opened ${method}`);
  }
  messageTooLarge(method: string): void {
    this.lines.push(`too large ${method}`);
  }

  streamClosed(method: string, code: string): void {
    this.lines.push(`closed ${method} ${code}`);
  }
  failed(method: string, error: unknown): void {
    this.lines.push(`failed ${method}`);
    this.errors.push(error);
  }
}

export interface ScriptedScaler {
  readonly answers: ScriptedAnswers;
  readonly events: RecordedEvents;
  readonly server: GrpcServer;
  readonly client: ExternalScalerClient;
}

/** A server on a free loopback port and a client of it, both closed when the test ends. */
export async function startScripted(options: Partial<GrpcServerOptions> = {}): Promise<ScriptedScaler> {
  const answers = new ScriptedAnswers();
  const events = new RecordedEvents();
  const server = await startGrpcServer({ host: '127.0.0.1', port: 0, answers, events, drainGraceMs: 200, ...options });
  onTestFinished(() => server.drain());
  return { answers, events, server, client: clientOf(server) };
}

export function clientOf(server: GrpcServer, channel = credentials.createInsecure()): ExternalScalerClient {
  const { externalScaler } = loadContract();
  const ExternalScaler = makeClientConstructor(externalScaler, 'ExternalScaler');
  // A channel of its own, so that no test meets the connection of another.
  const own: ChannelOptions = { 'grpc.use_local_subchannel_pool': 1 };
  const client = new ExternalScaler(`127.0.0.1:${server.port}`, channel, own) as unknown as ExternalScalerClient;
  onTestFinished(() => client.close());
  return client;
}

/** A client for calls that are not KEDA's. */
export function bareClientOf(server: GrpcServer): Client {
  const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
  });
  onTestFinished(() => client.close());
  return client;
}

/** A unary call as a promise. */
export function call<Response>(
  start: (reply: (error: Error | null, response?: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    start((error, response) => {
      if (error === null) resolve(response as Response);
      else reject(error);
    });
  });
}

/** What a server stream delivered, and how it ended. */
export interface Followed<Message> {
  readonly messages: Message[];
  readonly ended: Promise<{ code: number; details: string }>;
  next(count: number): Promise<Message[]>;
}

export function follow<Message>(stream: NodeJS.EventEmitter): Followed<Message> {
  const messages: Message[] = [];
  stream.on('data', (message: Message) => messages.push(message));
  stream.on('error', () => {}); // The status says it too.
  const ended = new Promise<{ code: number; details: string }>((resolve) => stream.once('status', resolve));
  return {
    messages,
    ended,
    next: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (messages.length >= count) resolve(messages);
        };
        stream.on('data', look);
        look();
      }),
  };
}

export const ref = { name: 'llama', namespace: 'models', scalerMetadata: { targetValue: '32' } };
