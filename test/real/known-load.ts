import { request } from 'node:http';
import type { Endings } from './endings.ts';
import { Gate, Lifeline } from './gate.ts';
import { until } from './until.ts';

export interface Asked {
  readonly port: number;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Requests that are inside a server for as long as they are wanted there, counted where they arrive. */
export class KnownLoad {
  readonly gate: Gate;
  readonly lifeline: Lifeline;

  private constructor(gate: Gate, lifeline: Lifeline) {
    this.gate = gate;
    this.lifeline = lifeline;
  }

  static async create(endings: Endings): Promise<KnownLoad> {
    const load = new KnownLoad(await Gate.listen(), await Lifeline.listen());
    endings.add(() => load.close());
    return load;
  }

  /** What a server needs to know to hold requests, and to end when this process does. */
  get env(): Readonly<Record<string, string>> {
    return {
      HOLDER_GATE_PORT: String(this.gate.port),
      HOLDER_LIFELINE_PORT: String(this.lifeline.port),
      PYTHONDONTWRITEBYTECODE: '1',
    };
  }

  /** Lets all requests go, and ends every process that lives with this. */
  close(): void {
    this.gate.close();
    this.lifeline.close();
  }

  /** Sends what is missing, or releases what is too much, and waits until exactly `count` requests are inside. */
  async hold(count: number, asked: Asked): Promise<void> {
    this.gate.release(this.gate.inside - count);
    for (let missing = count - this.gate.inside; missing > 0; missing--) ask(asked).catch(() => {});
    await this.untilInside(count);
  }

  async untilInside(count: number): Promise<void> {
    const isThere = (): true | undefined => (this.gate.inside === count ? true : undefined);
    await until(`${count} requests inside the server`, isThere, { latest: () => `${this.gate.inside} inside` });
  }
}

/** One request; resolves with its status when the answer has ended. GET where there is no body. */
export function ask({ port, path, body, headers = {} }: Asked): Promise<number | undefined> {
  const method = body === undefined ? 'GET' : 'POST';
  const all = { 'content-type': 'application/json', ...headers };
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers: all, agent: false }, (response) => {
      response.on('error', reject);
      response.on('end', () => resolve(response.statusCode));
      response.resume();
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
