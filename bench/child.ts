import { fork } from 'node:child_process';
import { once } from 'node:events';

/** A process of this benchmark that carries out orders. */
export interface Child {
  /** Rejects with what went wrong there, or when the process ends. */
  order<Report>(name: string, argument?: unknown): Promise<Report>;
  stop(): Promise<void>;
}

interface Order {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

interface Answer {
  readonly id: number;
  readonly report?: unknown;
  readonly error?: string;
}

type Orders = Readonly<Record<string, (argument: never) => unknown>>;

/** Starts a module of this folder that calls `carryOut`. */
export function startChild(file: string): Child {
  const child = fork(file, { stdio: 'inherit' });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let nextId = 0;
  child.on('message', ({ id, report, error }: Answer) => {
    const order = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) order?.resolve(report);
    else order?.reject(new Error(error));
  });
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended`));
  });
  return {
    order: <Report>(name: string, argument?: unknown) => {
      const id = nextId++;
      const answer = Promise.withResolvers<unknown>();
      waiting.set(id, answer);
      child.send({ id, name, argument } satisfies Order);
      return answer.promise as Promise<Report>;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}

/** The child's side: one function for each name of order. Ends with its parent. */
export function carryOut(orders: Orders): void {
  const answer = async ({ id, name, argument }: Order): Promise<Answer> => {
    try {
      return { id, report: await orders[name]!(argument as never) };
    } catch (error) {
      return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  };
  process.on('message', (order: Order) => void answer(order).then((done) => process.send?.(done)));
  process.on('disconnect', () => process.exit());
}

/** True in the process that `startChild` made of this module. */
export function isChild(moduleFile: string): boolean {
  return process.send !== undefined && process.argv[1] === moduleFile;
}
