import { demoFields, parseDemoFlags } from '../config/settings/command-flags.ts';
import { asksForHelp } from '../config/settings/flags.ts';
import { renderHelp } from '../config/settings/help.ts';
import { runDemo } from '../demo/run-demo.ts';
import { startService } from '../service/start-service.ts';
import { TraceError } from '../simulate/traffic/trace-lines.ts';
import { createLogger } from '../telemetry/logger.ts';

/** Shows the service at work on this machine alone. Returns the process's exit code. */
export async function demo(argv: readonly string[]): Promise<number> {
  if (asksForHelp(argv)) {
    const usage = 'keda-llm-scaler demo';
    const summary = 'Runs the whole service against simulated model servers and a model of KEDA and the HPA.';
    console.log(renderHelp({ usage, summary, fields: demoFields, readsEnvironment: false }));
    return 0;
  }
  const flags = parseDemoFlags(argv);
  if (!flags.ok) {
    for (const fault of flags.faults) console.error(fault);
    return 2;
  }
  const logger = createLogger({ level: 'error', format: 'console' });
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  const output = { print: (line: string) => console.log(line), inColour: process.stdout.isTTY === true };
  try {
    return await runDemo(
      flags.value,
      (settings, parts) => startService(settings, logger, parts),
      output,
      interrupted.signal,
    );
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    console.error(error.message);
    return 1;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
  }
}
