import { nearestName } from '../config/nearest-name.ts';
import { ownVersion } from '../service/version.ts';

type Command = (argv: readonly string[]) => Promise<number>;

/** Each command is loaded when it is run, so that none pays for another's packages. */
const commands: Readonly<Record<string, { readonly summary: string; readonly load: () => Promise<Command> }>> = {
  serve: {
    summary: 'answers KEDA',
    load: async () => (await import('./serve.ts')).serve,
  },
  activator: {
    summary: 'holds requests for models at zero and passes them on',
    load: async () => (await import('./activator.ts')).activator,
  },
  probe: {
    summary: 'reads one metrics page and says what it makes of it',
    load: async () => (await import('./probe.ts')).probe,
  },
  check: {
    summary: 'says what is wrong or risky in ScaledObjects before they are applied',
    load: async () => (await import('./check.ts')).check,
  },
  demo: {
    summary: 'runs the whole service against simulated model servers and a model of KEDA and the HPA',
    load: async () => (await import('./demo.ts')).demo,
  },
  simulate: {
    summary: 'replays requests under any setting, other policies and the best possible one',
    load: async () => (await import('./simulate.ts')).simulate,
  },
};

/** Runs the command that `argv` names. Returns the process's exit code: 2 for usage. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === '--version') {
    console.log(ownVersion());
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h') {
    console.log(usage());
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) return await (await command.load())(rest);
  const nearest = nearestName(name, Object.keys(commands));
  console.error(`"${name}" is not a command${nearest === undefined ? '' : `; did you mean "${nearest}"?`}`);
  console.error(usage());
  return 2;
}

function usage(): string {
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(11)}${summary}`);
  return `keda-llm-scaler COMMAND [--help]\n\n${lines.join('\n')}`;
}
