import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { MutantTask } from './mutant-worker.ts';

/** A broken loop may never end. Whoever looks at the result then sees that, as a test would. */
const noticedAfterMs = 90_000;
/** What tests read besides what they import. */
const copied = ['src', 'test', 'proto', 'docs', 'deploy', 'bench', 'scripts'];
const linked = ['node_modules', 'package.json', 'tsconfig.json', 'vitest.config.ts', 'README.md', 'CHANGELOG.md'];

/** How a mutant ended: a test failed, none did, or the tests did not end. */
export type Verdict = 'noticed' | 'survived' | 'endless' | 'not run';

/** A copy of this tree with a process that runs tests in it, one mutant after the other. */
export class MutantBench {
  readonly #root = mkdtempSync(join(tmpdir(), 'mutants-'));
  #worker: ChildProcess | undefined;

  constructor() {
    for (const path of copied) cpSync(path, join(this.#root, path), { recursive: true });
    for (const path of linked) symlinkSync(resolve(path), join(this.#root, path));
  }

  /** Whether the tests notice it. The copy is whole again afterwards. */
  async try(task: MutantTask): Promise<Verdict> {
    const worker = await this.#running();
    const over = new AbortController();
    const { signal } = over;
    const answer = once(worker, 'message', { signal }).then(([message]) => message as { noticed: boolean });
    const exit = once(worker, 'exit', { signal }).then(() => 'exit' as const);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((done) => {
      timer = setTimeout(done, noticedAfterMs, 'late');
    });
    worker.send(task);
    const first = await Promise.race([answer, exit, late]);
    clearTimeout(timer);
    over.abort();
    await Promise.allSettled([answer, exit]);
    if (typeof first === 'object') return first.noticed ? 'noticed' : 'survived';
    this.#end();
    cpSync(task.file, join(this.#root, task.file));
    return first === 'late' ? 'endless' : 'not run';
  }

  close(): void {
    this.#end();
    rmSync(this.#root, { recursive: true, force: true });
  }

  async #running(): Promise<ChildProcess> {
    if (this.#worker !== undefined) return this.#worker;
    const script = new URL('./mutant-worker.ts', import.meta.url);
    const worker = fork(script, [this.#root], { detached: true, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#worker = worker;
    await once(worker, 'message');
    return worker;
  }

  /** The tests' own processes end with the worker: they are of its group. */
  #end(): void {
    const pid = this.#worker?.pid;
    this.#worker = undefined;
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
