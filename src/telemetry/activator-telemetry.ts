import type { RouteState } from '../activator/activator.ts';
import type { ActivatorEvents } from '../activator/events.ts';
import type { ErrorCode } from '../activator/http/api-error.ts';
import type { DiscoveryEvents } from '../discovery/discovery-events.ts';
import { activatorEventFamilies, activatorRouteFamilies } from './activator-families.ts';
import type { Family } from './families.ts';
import { LogRate } from './log-rate.ts';
import type { Logger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { familyText, label } from './series-text.ts';

export interface ActivatorTelemetryOptions {
  /** Every route now. */
  readonly states: () => readonly RouteState[];
  readonly logger: Logger;
  readonly version: string;
  readonly nodeVersion: string;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

/** What the activator counts and logs. */
export interface ActivatorTelemetry {
  readonly events: ActivatorEvents;
  readonly discovery: DiscoveryEvents;
  readonly pageFailed: (path: string, error: unknown) => void;
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** From 0 on, so that a first refusal is a step that Prometheus can see. */
const errorCodes: Record<ErrorCode, true> = {
  bad_request: true,
  unknown_host: true,
  model_not_found: true,
  body_too_large: true,
  queue_full: true,
  hold_timeout: true,
  shutting_down: true,
  asleep: true,
  replica_unreachable: true,
  replica_failed: true,
  response_timeout: true,
  not_supported: true,
};

const faultRate = { everyMs: 60_000, maxKeys: 1000 };

export function createActivatorTelemetry(options: ActivatorTelemetryOptions): ActivatorTelemetry {
  const { states, logger, version, nodeVersion, nowMs } = options;
  const metrics = createMetrics(activatorEventFamilies, () => routeSeries(states()));
  const { events } = metrics;
  events.buildInfo.set(1, version, nodeVersion);
  for (const code of Object.keys(errorCodes)) events.refused.add(0, code);
  const log = logger.named('activator');
  const rate = new LogRate(faultRate);
  return {
    render: () => metrics.render(),
    events: {
      coldStarted(route, durationMs) {
        events.coldStartSeconds.add(durationMs / 1000);
        log.info('a replica is ready for what was held', { path: route, durationMs: Math.round(durationMs) });
      },
      released: (_route, heldMs) => events.heldSeconds.add(heldMs / 1000),
      forwarded: (_route, addedMs) => events.addedSeconds.add(Math.max(0, addedMs) / 1000),
      refused: (_route, code) => events.refused.add(1, code),
      glanced: () => events.quiet.add(1),
      abandoned: () => events.abandoned.add(1),
      retried: () => events.retried.add(1),
      heartbeatSent: () => events.heartbeats.add(1),
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
        const suppressed = rate.admit(`${resource} ${failure}`, nowMs());
        if (suppressed !== undefined) log.warn('discovery failed', { resource, failure, suppressed });
      },
    },
    pageFailed: (path, error) => log.warn('page failed inside the activator', { path, error: String(error) }),
  };
}

/** Written here rather than kept in a registry: there may be a thousand routes, and the page is read often. */
function* routeSeries(states: readonly RouteState[]): Generator<string> {
  for (const [family, read] of perRoute) {
    yield familyText(
      family,
      states.map((state) => [label('route', state.name), read(state)]),
    );
  }
}

const perRoute: readonly (readonly [Family, (state: RouteState) => number])[] = [
  [activatorRouteFamilies.held, ({ held }) => held],
  [activatorRouteFamilies.inFlight, ({ inFlight }) => inFlight],
  [activatorRouteFamilies.forwarded, ({ forwarded }) => forwarded],
  [activatorRouteFamilies.heldBytes, ({ heldBytes }) => heldBytes],
  [activatorRouteFamilies.ready, ({ ready }) => ready],
];
