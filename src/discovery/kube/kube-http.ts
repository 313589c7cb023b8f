import type { Dispatcher } from 'undici';
import type { KubeAnswer, KubeClient, WatchListener } from './kube-api.ts';
import { faultOfStatus, KubeFault, toKubeFault } from './kube-api.ts';

/** Where the API server is and how it knows us, asked before each request: tokens and certificates rotate. */
export interface KubeAccess {
  /** `https://10.0.0.1:443`, with the path in front of `/api` where the cluster is behind one. */
  readonly server: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

export interface KubeAccessSource {
  access(): Promise<KubeAccess>;
  close(): Promise<void>;
}

/** The API server is to begin its answer within this time, and not to pause longer than it inside a list. */
const answerTimeoutMs = 30_000;
const maxLineBytes = 8 * 1024 * 1024;
const newline = 0x0a;
const json = 'application/json';
/** Every Kubernetes since 1.15 can leave out all but the metadata; who can't sends the whole object. */
const metadataOnly = `${json};as=PartialObjectMetadata;g=meta.k8s.io;v=v1,${json}`;

/**
 * What answers may hold in memory at once. With text and objects made of it an answer takes some eight times its
 * bytes, which has to fit into the heap beside everything else.
 */
export interface AnswerLimits {
  /** At a start all lists are asked for in one instant: so many are under way, the others wait. */
  readonly atOnce: number;
  /** An answer that grows beyond this is large, and only one large answer is read at a time. */
  readonly usualBytes: number;
  /** A larger answer is given up: whoever asked can ask for less. */
  readonly mostBytes: number;
}

/** 100 pods are a few hundred kB; an object is at most 1.5 MB in etcd, ten fit into the largest answer. */
const usualLimits: AnswerLimits = { atOnce: 16, usualBytes: 2 * 1024 * 1024, mostBytes: 16 * 1024 * 1024 };

interface Gates {
  readonly limits: AnswerLimits;
  readonly all: Gate;
  readonly large: Gate;
}

/** The Kubernetes API over HTTP/1.1: no redirects, bounded bodies, one connection for each open watch. */
export function kubeOverHttp(source: KubeAccessSource, limits = usualLimits): KubeClient {
  const gates = { limits, all: gate(limits.atOnce), large: gate(1) };
  return {
    get: (path, signal) => get(source, path, { gates, signal, accept: json }),
    getMetadata: (path, signal) => get(source, path, { gates, signal, accept: metadataOnly }),
    watch: (path, listener, signal) => watch(source, path, { listener, signal }),
    close: () => source.close(),
  };
}

interface OneGet {
  readonly gates: Gates;
  readonly signal: AbortSignal;
  readonly accept: string;
}

async function get(source: KubeAccessSource, path: string, { gates, ...how }: OneGet): Promise<KubeAnswer> {
  const leave = await gates.all();
  try {
    const response = await send(source, path, { ...how, bodyTimeout: answerTimeoutMs });
    return { status: response.statusCode, body: await bodyOf(response.body, gates) };
  } catch (error) {
    throw toKubeFault(error);
  } finally {
    leave();
  }
}

/** While a large body waits for its turn nothing of it is read, and the server stops sending. */
async function bodyOf(body: AsyncIterable<Buffer>, { limits, large }: Gates): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let leave: (() => void) | undefined;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > limits.mostBytes)
        throw new KubeFault('too-large', `the Kubernetes API's answer is over ${limits.mostBytes} B`);
      if (bytes > limits.usualBytes) leave ??= await large();
      chunks.push(chunk);
    }
    return jsonOf(Buffer.concat(chunks).toString('utf8'));
  } finally {
    leave?.();
  }
}

interface OneWatch {
  readonly listener: WatchListener;
  readonly signal: AbortSignal;
}

async function watch(source: KubeAccessSource, path: string, { listener, signal }: OneWatch): Promise<void> {
  try {
    const response = await send(source, path, { signal, bodyTimeout: 0, accept: json });
    if (response.statusCode !== 200) {
      // The body is read to its end, and so given back, by nobody else.
      await response.body.dump({ limit: 64 * 1024 }).catch(() => undefined);
      throw faultOfStatus(response.statusCode, 'watch');
    }
    listener.onOpen();
    const lines = lineSplitter((line) => listener.onLine(line));
    for await (const chunk of response.body) lines(chunk);
  } catch (error) {
    throw toKubeFault(error);
  }
}

async function send(
  source: KubeAccessSource,
  path: string,
  { accept, ...limits }: { signal: AbortSignal; bodyTimeout: number; accept: string },
): Promise<Dispatcher.ResponseData> {
  const { server, headers, dispatcher } = await source.access();
  return dispatcher.request({
    ...limits,
    origin: server.origin,
    path: server.pathname.replace(/\/$/, '') + path,
    method: 'GET',
    headers: { accept, ...headers },
    headersTimeout: answerTimeoutMs,
  });
}

/** Resolves with the way out once there is a place. */
type Gate = () => Promise<() => void>;

/** Lets so many in at the same time, the others in the order they came. */
function gate(places: number): Gate {
  const waiting: (() => void)[] = [];
  let free = places;
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };
  return async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return leave;
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Cuts chunks into lines by bytes, so that a character split between two chunks stays whole. */
function lineSplitter(onLine: (line: string) => void): (chunk: Buffer) => void {
  let rest: Buffer[] = [];
  let restBytes = 0;
  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const line = Buffer.concat([...rest, chunk.subarray(start, end)]).toString('utf8');
      rest = [];
      restBytes = 0;
      start = end + 1;
      if (line.trim() !== '') onLine(line);
    }
    rest.push(chunk.subarray(start));
    restBytes += chunk.length - start;
    if (restBytes > maxLineBytes) throw new KubeFault('malformed', `a line of a watch is over ${maxLineBytes} B`);
  };
}
