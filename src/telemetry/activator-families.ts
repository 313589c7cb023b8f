import { counter, eventFamilies, gauge, histogram } from './families.ts';

/** Seconds that a cold start takes, and that a request is held for. */
const waitSeconds = [0.05, 0.25, 1, 2.5, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600];
/** Seconds that passing on adds to a request. */
const addedSeconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5];

/** What the activator counts as it happens. */
export const activatorEventFamilies = {
  buildInfo: eventFamilies.buildInfo,
  refused: counter('activator_refusals_total', 'Requests that no replica answered, by why.', 'reason'),
  quiet: counter('activator_quiet_requests_total', 'Health probes and other questions that wake nothing.'),
  abandoned: counter('activator_abandoned_requests_total', 'Held requests whose client went away.'),
  retried: counter('activator_retries_total', 'Tries at another replica because no connection could be made.'),
  heartbeats: counter('activator_heartbeats_total', 'Comments sent to clients that wait for a stream.'),
  heldSeconds: histogram('activator_hold_seconds', 'Time a request was held before it got a replica.', waitSeconds),
  addedSeconds: histogram(
    'activator_added_latency_seconds',
    'From the arrival of a request to forwarding it, without the time it was held.',
    addedSeconds,
  ),
  coldStartSeconds: histogram(
    'activator_cold_start_seconds',
    'From the first held request, with no replica ready, to the first ready replica.',
    waitSeconds,
  ),
  watches: eventFamilies.watches,
  lists: eventFamilies.lists,
  relists: eventFamilies.relists,
  discoveryFailures: eventFamilies.discoveryFailures,
} as const;

/** What each route of the activator has at the moment of the scrape. */
export const activatorRouteFamilies = {
  held: gauge('activator_held_requests', 'Requests that wait for a replica.', 'route'),
  inFlight: gauge('activator_in_flight_requests', 'Requests at a replica, to the end of their answers.', 'route'),
  forwarded: counter('activator_forwarded_requests_total', 'Requests sent to a replica.', 'route'),
  heldBytes: gauge('activator_held_bytes', 'Bytes of held bodies.', 'route'),
  ready: gauge('activator_ready_replicas', 'Replicas that requests may be sent to.', 'route'),
} as const;
