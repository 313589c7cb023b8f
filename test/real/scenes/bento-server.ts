import { mkdtemp } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { join } from 'node:path';
import type { Endings } from '../endings.ts';
import { freePort } from '../free-port.ts';
import { Gate, Lifeline } from '../gate.ts';
import { Program } from '../program.ts';
import { serversDir } from '../start-server.ts';
import { until } from '../until.ts';

/** Worker processes of the service in `holder.py`. */
const WORKERS = 2;

/** One replica of a real BentoML service, with requests that stay in it until they are released. */
export class BentoServer {
  readonly port: number;
  readonly gate: Gate;
  /** Requests that ended without an answer. */
  lost = 0;
  readonly #python: string;
  readonly #scratchDir: string;
  readonly #lifeline: Lifeline;
  #program: Program | undefined;
  #isOver = false;

  private constructor(python: string, scratchDir: string, parts: { port: number; gate: Gate; lifeline: Lifeline }) {
    this.#python = python;
    this.#scratchDir = scratchDir;
    this.port = parts.port;
    this.gate = parts.gate;
    this.#lifeline = parts.lifeline;
  }

  static async create(python: string, scratchDir: string, endings: Endings): Promise<BentoServer> {
    const gate = await Gate.listen();
    endings.add(() => gate.close());
    const lifeline = await Lifeline.listen();
    endings.add(() => lifeline.close());
    const server = new BentoServer(python, scratchDir, { port: await freePort(), gate, lifeline });
    endings.add(() => server.end());
    return server;
  }

  get output(): string {
    return this.#program?.output ?? '';
  }

  /** Starts it as a new container would be: with nothing left of an earlier one. Waits until all workers serve. */
  async start(): Promise<void> {
    const homeDir = await mkdtemp(join(this.#scratchDir, 'bentoml-'));
    if (this.#isOver) throw new Error('not started: everything is being ended');
    const args = ['-m', 'bentoml', 'serve', 'holder:Holder', '--host', '127.0.0.1', '--port', String(this.port)];
    const program = new Program(this.#python, args, {
      cwd: serversDir,
      env: {
        BENTOML_HOME: homeDir,
        BENTOML_DO_NOT_TRACK: 'True',
        PYTHONDONTWRITEBYTECODE: '1',
        HOLDER_GATE_PORT: String(this.gate.port),
        HOLDER_LIFELINE_PORT: String(this.#lifeline.port),
      },
    });
    this.#program = program;
    await until('BentoML to be ready', async () => {
      if (program.hasEnded) throw new Error(`BentoML ended (${await program.exit}):\n${program.output}`);
      if (this.#lifeline.workers.length < WORKERS) return undefined;
      return (await this.get('/readyz').catch(() => 0)) === 200 ? true : undefined;
    });
  }

  /** Sends what is missing, or releases what is too much, and waits until exactly `count` requests are inside. */
  async hold(count: number): Promise<void> {
    this.gate.release(this.gate.inside - count);
    for (let missing = count - this.gate.inside; missing > 0; missing--) this.#send();
    const isThere = (): true | undefined => (this.gate.inside === count ? true : undefined);
    await until(`${count} requests inside the server`, isThere, { latest: () => `${this.gate.inside} inside` });
  }

  /** One request that is let go as soon as it has arrived. Resolves when it is answered. */
  async passOneThrough(): Promise<void> {
    this.gate.isOpen = true;
    try {
      const status = await this.#ask('POST', '/hold');
      if (status !== 200) throw new Error(`expected status 200 from the model server, found ${status}`);
    } finally {
      this.gate.isOpen = false;
    }
  }

  get(path: string): Promise<number | undefined> {
    return this.#ask('GET', path);
  }

  /** What a node failure does: every process of it is gone at once, in the middle of its requests. */
  async kill(): Promise<void> {
    const workers = this.#lifeline.workers;
    this.#program?.signal('SIGKILL');
    for (const pid of workers) killIfAlive(pid);
    await this.#program?.exit;
    await this.#untilWorkersGone();
  }

  /** Ends it for good. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.gate.release(this.gate.inside);
    await this.#program?.end();
    for (const pid of this.#lifeline.workers) killIfAlive(pid);
    await this.#untilWorkersGone();
  }

  #untilWorkersGone(): Promise<true> {
    return until('the workers to be gone', () => (this.#lifeline.workers.length === 0 ? true : undefined));
  }

  #send(): void {
    this.#ask('POST', '/hold').catch(() => {
      this.lost += 1;
    });
  }

  #ask(method: 'GET' | 'POST', path: string): Promise<number | undefined> {
    const headers = { 'content-type': 'application/json' };
    const options = { host: '127.0.0.1', port: this.port, path, method, headers, agent: false };
    return new Promise((resolve, reject) => {
      const sent = request(options, (response: IncomingMessage) => {
        response.on('error', reject);
        response.on('end', () => resolve(response.statusCode));
        response.resume();
      });
      sent.on('error', reject);
      sent.end(method === 'POST' ? '{}' : undefined);
    });
  }
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
