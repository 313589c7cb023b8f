import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Scenario } from '../scenario.ts';

interface Failed {
  readonly stdout?: string;
}

export const kedasClient: Scenario = {
  name: 'kedas-client',
  title: "KEDA's own Go client, without a cluster",
  async run({ world }) {
    const main = join(import.meta.dirname, '..', '..', '..', 'src', 'main.ts');
    const env = { ...process.env, E2E_NODE: process.execPath, E2E_MAIN: main };
    try {
      const { stdout } = await promisify(execFile)(world.kedaClientTest, ['-test.v'], { env });
      return `${stdout.split('--- PASS').length - 1} tests passed`;
    } catch (error) {
      const lines = ((error as Failed).stdout ?? String(error)).split('\n');
      throw new Error(lines.filter((line) => /--- FAIL|_test\.go|not within/.test(line)).join(' | '));
    }
  },
};
