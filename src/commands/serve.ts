import { asksForHelp } from '../config/settings/flags.ts';
import { renderHelp } from '../config/settings/help.ts';
import { settingFields } from '../config/settings/setting-fields.ts';
import { parseSettings } from '../config/settings/settings.ts';
import { runUntilSignal } from '../service/run-until-signal.ts';
import { keepHeapSmall } from '../service/small-heap.ts';
import { startService } from '../service/start-service.ts';
import { ownVersion } from '../service/version.ts';
import { createLogger } from '../telemetry/logger.ts';

/** Runs the service until SIGTERM or SIGINT. Returns the process's exit code. */
export async function serve(argv: readonly string[]): Promise<number> {
  if (asksForHelp(argv)) {
    const usage = 'keda-llm-scaler serve';
    const summary = 'Answers KEDA: reads the load of model servers and reports it as an external scaler.';
    console.log(renderHelp({ usage, summary, fields: settingFields, readsEnvironment: true }));
    return 0;
  }
  const settings = parseSettings(argv, process.env);
  if (!settings.ok) {
    for (const fault of settings.faults) console.error(fault);
    return 2;
  }
  keepHeapSmall();
  const logger = createLogger({ level: settings.value.logLevel, format: settings.value.logFormat });
  return await runUntilSignal(logger, async () => {
    const service = await startService(settings.value, logger);
    const versions = { version: ownVersion(), nodeVersion: process.versions.node };
    logger.info('serving', { ...versions, address: service.grpcAddress, endpoint: service.adminAddress });
    if (settings.value.tls === undefined) logger.warn('serving without TLS: whoever reaches the port can ask');
    return service;
  });
}
