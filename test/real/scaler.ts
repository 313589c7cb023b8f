import { join } from 'node:path';
import type { Endings } from './endings.ts';
import { Program } from './program.ts';
import { until } from './until.ts';

export const repositoryDir = join(import.meta.dirname, '..', '..');

/** The service as a user starts it, in a process of its own. */
export interface Scaler {
  readonly grpcAddress: string;
  readonly program: Program;
}

export async function startScaler(endings: Endings): Promise<Scaler> {
  let grpcAddress: string | undefined;
  const flags = {
    '--grpc-address': '127.0.0.1:0',
    '--admin-address': '127.0.0.1:0',
    '--kubernetes': 'off',
    '--endpoint-allow-cidrs': '127.0.0.0/8',
    '--log-format': 'json',
  };
  const program = new Program(process.execPath, ['src/main.ts', 'serve', ...Object.entries(flags).flat()], {
    cwd: repositoryDir,
    onLine: (line) => {
      grpcAddress ??= servingAddress(line);
    },
  });
  endings.add(async () => void (await program.end()));
  await until('the service to be serving', async () => {
    if (program.hasEnded) throw new Error(`the service ended (${await program.exit}):\n${program.output}`);
    return grpcAddress;
  });
  return { grpcAddress: grpcAddress!, program };
}

function servingAddress(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  const { message, address } = JSON.parse(line) as { readonly message?: string; readonly address?: string };
  return message === 'serving' ? address : undefined;
}
