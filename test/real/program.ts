import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const KEPT_LINES = 40;
const END_WITHIN_MS = 15_000;
const STREAMS_END_WITHIN_MS = 3_000;

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
}

/** A program in a process group of its own, with the end of what it printed. */
export class Program {
  readonly pid: number | undefined;
  /** The exit code, or the signal that ended it; -1 when it could not be started. Never rejects. */
  readonly exit: Promise<number | string>;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  #hasEnded = false;

  constructor(command: string, args: readonly string[], { cwd, env, onLine }: ProgramOptions = {}) {
    this.#child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      ...(cwd !== undefined && { cwd }),
    });
    this.pid = this.#child.pid;
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.#lines.push(line);
        if (this.#lines.length > KEPT_LINES) this.#lines.shift();
        onLine?.(line);
      });
    }
    this.exit = new Promise((resolve) => {
      const ended = (how: number | string): void => {
        this.#hasEnded = true;
        resolve(how);
      };
      this.#child.once('error', (error) => {
        this.#lines.push(error.message);
        ended(-1);
      });
      this.#child.once('close', (code, signal) => ended(code ?? signal ?? -1));
      // What it started may hold its streams open for longer than it lives.
      this.#child.once('exit', (code, signal) => {
        setTimeout(() => ended(code ?? signal ?? -1), STREAMS_END_WITHIN_MS).unref();
      });
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The last lines it printed, on both streams. */
  get output(): string {
    return this.#lines.join('\n');
  }

  signal(signal: NodeJS.Signals): void {
    if (this.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    try {
      process.kill(-this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** Asks it to end, and makes it when that takes too long. */
  async end(): Promise<number | string> {
    this.signal('SIGTERM');
    const force = setTimeout(() => this.signal('SIGKILL'), END_WITHIN_MS);
    const how = await this.exit;
    clearTimeout(force);
    return how;
  }
}
