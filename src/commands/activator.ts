import { activatorFields } from '../config/activator/activator-fields.ts';
import { parseActivatorSettings } from '../config/activator/activator-settings.ts';
import { asksForHelp } from '../config/settings/flags.ts';
import { renderHelp } from '../config/settings/help.ts';
import { runUntilSignal } from '../service/run-until-signal.ts';
import { startActivator } from '../service/start-activator.ts';
import { ownVersion } from '../service/version.ts';
import { createLogger } from '../telemetry/logger.ts';

const summary = `Stands in front of models: holds requests while no replica is ready, tells the scaler of them, and sends
them on the moment there is one.`;

/** Runs the activator until SIGTERM or SIGINT. Returns the process's exit code. */
export async function activator(argv: readonly string[]): Promise<number> {
  if (asksForHelp(argv)) {
    const usage = 'keda-llm-scaler activator';
    console.log(renderHelp({ usage, summary, fields: activatorFields, readsEnvironment: true }));
    return 0;
  }
  const settings = parseActivatorSettings(argv, process.env);
  if (!settings.ok) {
    for (const fault of settings.faults) console.error(fault);
    return 2;
  }
  const logger = createLogger({ level: settings.value.logLevel, format: settings.value.logFormat });
  return await runUntilSignal(logger, async () => {
    const started = await startActivator(settings.value, logger);
    const versions = { version: ownVersion(), nodeVersion: process.versions.node };
    logger.info('holding requests', { ...versions, address: started.address, endpoint: started.adminAddress });
    return started;
  });
}
