import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';

/** An object of the API, as far as these tests look into one. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly [field: string]: unknown;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export class KubeStatusError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface KubeAccessFiles {
  readonly server: string;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export type WatchedChange = 'ADDED' | 'MODIFIED' | 'DELETED';

/** The API as its administrator sees it. */
export class Kube {
  readonly #server: string;
  readonly #agent: Agent;

  constructor({ server, caFile, certFile, keyFile }: KubeAccessFiles) {
    this.#server = server;
    const [ca, cert, key] = [caFile, certFile, keyFile].map((file) => readFileSync(file));
    this.#agent = new Agent({ keepAlive: true, ca, cert, key });
  }

  async get<Body = KubeObject>(path: string): Promise<Body> {
    return (await this.#ask('GET', path)) as Body;
  }

  /** `undefined` where there is none. */
  async find<Body = KubeObject>(path: string): Promise<Body | undefined> {
    try {
      return await this.get<Body>(path);
    } catch (error) {
      if (error instanceof KubeStatusError && error.status === 404) return undefined;
      throw error;
    }
  }

  async text(path: string): Promise<string> {
    return (await this.#ask('GET', path)) as string;
  }

  async post<Body = KubeObject>(path: string, object: object): Promise<Body> {
    return (await this.#ask('POST', path, { body: JSON.stringify(object), type: 'application/json' })) as Body;
  }

  /** Server-side apply: creates it or makes it so. `body` is JSON or YAML. */
  async apply(path: string, body: string | object): Promise<void> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const query = '?fieldManager=e2e&force=true';
    await this.#ask('PATCH', `${path}${query}`, { body: text, type: 'application/apply-patch+yaml' });
  }

  async patch(path: string, change: object): Promise<void> {
    await this.#ask('PATCH', path, { body: JSON.stringify(change), type: 'application/merge-patch+json' });
  }

  async remove(path: string, options?: object): Promise<void> {
    const body = options && { body: JSON.stringify(options), type: 'application/json' };
    await this.#ask('DELETE', path, body || undefined).catch((error: unknown) => {
      if (!(error instanceof KubeStatusError && error.status === 404)) throw error;
    });
  }

  /** Tells every object there is and every change, and starts anew when the watch breaks, until `signal`. */
  watch(path: string, onChange: (change: WatchedChange, object: KubeObject) => void, signal: AbortSignal): void {
    const separator = path.includes('?') ? '&' : '?';
    const again = (): void => {
      if (!signal.aborted) setTimeout(open, 200);
    };
    const open = (): void => {
      const options = { agent: this.#agent, signal };
      const asked = request(`${this.#server}${path}${separator}watch=1`, options, (response) => {
        response.on('error', () => undefined);
        const lines = createInterface({ input: response });
        lines.on('line', (line) => {
          const { type, object } = JSON.parse(line) as { type: string; object: KubeObject };
          if (type !== 'ERROR' && type !== 'BOOKMARK') onChange(type as WatchedChange, object);
        });
        lines.on('error', () => undefined);
        response.once('close', again);
      });
      asked.once('error', again);
      asked.end();
    };
    open();
  }

  close(): void {
    this.#agent.destroy();
  }

  async #ask(method: string, path: string, content?: { body: string; type: string }): Promise<unknown> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      // Without a length the body of a DELETE would be sent as if it were the next request.
      const headers = content && { 'content-type': content.type, 'content-length': Buffer.byteLength(content.body) };
      const options = { method, agent: this.#agent, timeout: 30_000, ...(headers && { headers }) };
      const asked = request(`${this.#server}${path}`, options, resolve);
      asked.once('timeout', () => asked.destroy(new Error(`no answer from the API server: ${method} ${path}`)));
      asked.once('error', reject);
      asked.end(content?.body);
    });
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const status = response.statusCode ?? 0;
    if (status >= 300) throw new KubeStatusError(status, `${method} ${path}: ${status} ${messageOf(text)}`);
    return response.headers['content-type']?.includes('json') ? JSON.parse(text) : text;
  }
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message: string }).message;
  } catch {
    return text.slice(0, 300);
  }
}
