import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';

export interface ProcessPlan {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Rejects or resolves false until the process does its work. */
  readonly isReady?: () => Promise<boolean>;
  readonly readyWithinMs?: number;
}

/** One process of the control plane or under test. Its output goes into a log file of its own. */
export class Process {
  readonly #plan: ProcessPlan;
  readonly #logFile: string;
  #child: ChildProcess | undefined;
  #exit: Promise<number | undefined> = Promise.resolve(undefined);
  #stopping = false;

  constructor(plan: ProcessPlan, logFolder: string) {
    this.#plan = plan;
    this.#logFile = join(logFolder, `${plan.name}.log`);
  }

  get name(): string {
    return this.#plan.name;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts it (again) and resolves once it does its work. */
  async start(): Promise<void> {
    const log = openSync(this.#logFile, 'a');
    const { command, args, env, name } = this.#plan;
    this.#stopping = false;
    const child = spawn(command, args, { stdio: ['ignore', log, log], env: { ...process.env, ...env } });
    closeSync(log);
    this.#child = child;
    this.#exit = new Promise((resolve) => {
      child.once('error', () => resolve(undefined));
      child.once('exit', (code) => {
        if (!this.#stopping) console.error(`! ${name} ended by itself with exit code ${code}; see ${this.#logFile}`);
        resolve(code ?? undefined);
      });
    });
    await this.#waitUntilReady();
  }

  /** Asks it to end, and makes it end when it has not after `graceMs`. */
  async stop(graceMs = 5000): Promise<void> {
    if (!this.isRunning) return;
    this.#stopping = true;
    this.#child?.kill('SIGTERM');
    const force = setTimeout(() => this.#child?.kill('SIGKILL'), graceMs);
    await this.#exit;
    clearTimeout(force);
  }

  /** Ends it as a crash or the kernel would. */
  async kill(): Promise<void> {
    this.#stopping = true;
    this.#child?.kill('SIGKILL');
    await this.#exit;
  }

  async #waitUntilReady(): Promise<void> {
    const { isReady, readyWithinMs = 30_000, name } = this.#plan;
    if (isReady === undefined) return;
    await eventually(`${name} is ready`, readyWithinMs, async () => {
      if (!this.isRunning) throw new Error(`${name} does not run; its last words: ${this.#lastWords()}`);
      return (await isReady()) || 'it is not';
    });
  }

  #lastWords(): string {
    return readFileSync(this.#logFile, 'utf8').trim().split('\n').slice(-3).join(' | ').slice(-600);
  }
}
