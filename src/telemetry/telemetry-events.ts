import type { DiscoveryEvents } from '../discovery/discovery-events.ts';
import type { GrpcEvents } from '../grpc/grpc-events.ts';
import type { TriggerEvents } from '../triggers/world.ts';
import type { LogRateLimits } from './log-rate.ts';
import { LineBudget, LogRate } from './log-rate.ts';
import type { LogData, Logger } from './logger.ts';
import type { ScalerMetrics } from './scaler-metrics.ts';

export interface ScrapeEvents {
  /** `result` is `ok` or a failure's word: of the fetch, the page, or `wrong-engine`. */
  scrapeFinished(result: string, seconds: number, bodyBytes: number): void;
  /** Our own code threw while it read this page. */
  pageFailed(url: string, error: string): void;
  /** The thread that reads pages died, with everybody's readings, and is started again. */
  threadDied(error: unknown): void;
  /** So many scrapes were due and not started, for want of capacity. */
  scrapeStartsSkipped(count: number): void;
}

export interface PolicyEvents {
  /** A connection was refused; `rule` is the address policy's word for why. */
  policyDenied(rule: string): void;
}

export interface TlsEvents {
  certificateLoaded(expiresAtMs: number): void;
  /** New certificates can't be used, the old ones stay. */
  reloadFailed(error: unknown): void;
}

export interface CredentialEvents {
  /** A rule's files have changed and are in use; rules count from 1. */
  reloaded(rule: number): void;
  /** A rule's files can't be used, the last good ones stay. `fault` repeats nothing of what they hold. */
  reloadFailed(fault: string): void;
}

export interface AdminEvents {
  /** A page of ours that could not be made. */
  pageFailed(path: string, error: unknown): void;
}

/** What each room wants counted or logged, fulfilled by counters and one log. */
export interface Telemetry {
  readonly triggers: TriggerEvents;
  readonly grpc: GrpcEvents;
  readonly discovery: DiscoveryEvents;
  readonly scrape: ScrapeEvents;
  readonly policy: PolicyEvents;
  readonly tls: TlsEvents;
  readonly credentials: CredentialEvents;
  readonly admin: AdminEvents;
}

export interface TelemetryOptions {
  readonly metrics: ScalerMetrics;
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

/** A fault that repeats itself is logged once in this span; a trigger's value may change more often than people read. */
const faultRate: LogRateLimits = { everyMs: 60_000, maxKeys: 1000 };
const decisionRate: LogRateLimits = { everyMs: 10_000, maxKeys: 20_000 };

/** What all triggers together may write: a first rush, then a steady pace. */
const lineBudget = { burst: 1000, perSecond: 100 };

export function createTelemetry({ metrics: { events }, logger: whole, nowMs }: TelemetryOptions): Telemetry {
  const leftOut = (reason: 'repeated' | 'rate'): void => events.logLinesLeftOut.add(1, reason);
  const budget = new LineBudget(lineBudget, nowMs);
  const logger = budgeted(whole, budget, () => leftOut('rate'));
  const limits: Limits = { fault: rateLimited(logger, nowMs, leftOut), leftOut, nowMs };
  const { fault } = limits;
  return {
    triggers: triggerEvents(events, logger.named('triggers'), limits),
    grpc: {
      handled(method, code, seconds) {
        events.grpcHandled.add(1, method, code);
        events.grpcSeconds.add(seconds, method);
      },
      streamOpened: (method) => events.streams.add(1, method),
      streamClosed(method, code) {
        events.streams.add(-1, method);
        events.grpcHandled.add(1, method, code);
      },
      messageTooLarge(method) {
        events.limitRefusals.add(1, 'message-bytes');
        events.grpcHandled.add(1, method, 'RESOURCE_EXHAUSTED');
        fault('grpc', 'call refused: its message is too large', { method });
      },
      failed: (method, error) => fault('grpc', 'call failed inside the service', { method, ...errorData(error) }),
    },
    discovery: {
      watchOpened: (resource) => events.watches.add(1, resource),
      watchClosed: (resource) => events.watches.add(-1, resource),
      listed(resource, again) {
        events.lists.add(1, resource);
        if (again) events.relists.add(1, resource);
      },
      failed(resource, failure) {
        events.discoveryFailures.add(1, resource, failure);
        fault('discovery', 'discovery failed', { resource, failure });
      },
    },
    scrape: {
      scrapeFinished(result, seconds, bodyBytes) {
        events.scrapes.add(1);
        events.scrapeSeconds.add(seconds);
        events.scrapeBytes.add(bodyBytes);
        if (result !== 'ok') events.scrapeFailures.add(1, result);
      },
      pageFailed: (url, error) =>
        fault('scrape', 'page not read, by a fault of ours', { endpoint: url, error }, 'error'),
      threadDied(error) {
        events.scrapeThreadDeaths.add(1);
        fault('scrape', 'scrape thread died and is started again', errorData(error), 'error');
      },
      scrapeStartsSkipped: (count) => events.scrapeStartsSkipped.add(count),
    },
    policy: {
      policyDenied(rule) {
        events.policyDenials.add(1, rule);
        fault('policy', 'connection refused by the address policy', { rule });
      },
    },
    tls: {
      certificateLoaded(expiresAtMs) {
        events.tlsExpiry.set(expiresAtMs / 1000);
        logger.named('tls').info('certificate loaded', { expiresAt: new Date(expiresAtMs).toISOString() });
      },
      reloadFailed(error) {
        events.tlsReloadFailures.add(1);
        fault('tls', 'new certificates refused, the old ones stay', { error: errorData(error).error });
      },
    },
    credentials: {
      reloaded: (rule) => logger.named('credentials').info('scrape credential loaded again', { rule }),
      reloadFailed(error) {
        events.scrapeCredentialReloadFailures.add(1);
        fault('credentials', 'new scrape credential refused, the last good one stays', { error });
      },
    },
    admin: {
      pageFailed: (path, error) => fault('admin', 'page failed inside the service', { path, ...errorData(error) }),
    },
  };
}

/** A trigger's key holds its metadata: it is never logged. */
function triggerEvents(events: ScalerMetrics['events'], log: Logger, { fault, leftOut, nowMs }: Limits): TriggerEvents {
  const rate = new LogRate(decisionRate);
  return {
    triggerAdded: () => events.triggersAdded.add(1),
    triggerDropped: () => events.triggersDropped.add(1),
    limitReached(limit) {
      events.limitRefusals.add(1, limit);
      fault('triggers', 'trigger refused: a limit is reached', { reason: limit });
    },
    pushSent: () => events.pushesSent.add(1),
    cycleFailed(namespace, scaledObject, error) {
      const data = { namespace, scaledObject, ...errorData(error) };
      fault('triggers', 'cycle failed inside the service, the trigger holds', data, 'error');
    },
    gpuMetricChosen: (namespace, scaledObject, metric) =>
      log.warn(
        'scaling on a GPU metric: one request makes a GPU look busy and its memory never falls, concurrency says more',
        { namespace, scaledObject, metric },
      ),
    decisionChanged({ namespace, scaledObject, metric, metricValue, active, reason }) {
      // Turning active or into a hold is a key of its own, so that it is never left out for a mere change of value.
      const key = JSON.stringify([namespace, scaledObject, metric, active, metricValue === undefined]);
      const suppressed = rate.admit(key, nowMs());
      if (suppressed === undefined) {
        leftOut('repeated');
        return;
      }
      const data = { namespace, scaledObject, metric, metricValue, active, reason };
      log.info('decision changed', { ...data, ...left(suppressed) });
    },
  };
}

interface Limits {
  readonly fault: (name: string, message: string, data: LogData, level?: 'warn' | 'error') => void;
  readonly leftOut: (reason: 'repeated' | 'rate') => void;
  readonly nowMs: () => number;
}

/** Logs one line for each message and set of words, then none for a while. */
function rateLimited(logger: Logger, nowMs: () => number, leftOut: Limits['leftOut']): Limits['fault'] {
  const rate = new LogRate(faultRate);
  return (name, message, data, level = 'warn') => {
    const suppressed = rate.admit(JSON.stringify([name, message, data]), nowMs());
    if (suppressed === undefined) leftOut('repeated');
    else logger.named(name)[level](message, { ...data, ...left(suppressed) });
  };
}

/** The same log, within a budget that all its names share. */
function budgeted(logger: Logger, budget: LineBudget, onLeftOut: () => void): Logger {
  const within =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, data?: LogData): void => {
      if (budget.take()) logger[level](message, data);
      else onLeftOut();
    };
  return {
    debug: within('debug'),
    info: within('info'),
    warn: within('warn'),
    error: within('error'),
    named: (name) => budgeted(logger.named(name), budget, onLeftOut),
  };
}

function left(suppressed: number): LogData {
  return suppressed === 0 ? {} : { suppressed };
}

function errorData(error: unknown): { error: string; stack?: string } {
  if (!(error instanceof Error)) return { error: String(error) };
  return error.stack === undefined ? { error: error.message } : { error: error.message, stack: error.stack };
}
