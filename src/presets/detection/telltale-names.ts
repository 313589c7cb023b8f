import { wantedNames } from '../../exposition/wanted-names.ts';
import { presetNames } from '../catalogue/preset-name.ts';
import { presets } from '../catalogue/presets.ts';
import { familiesOf } from '../reading/read-signals.ts';
import { gpuTelltales } from './detect.ts';

/** Printed by programs of every kind: they tell a page without a server's own metrics from an empty one. */
const everywhere = [
  'python_info',
  'python_gc_collections_total',
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'http_requests_total',
  'http_request_duration_seconds_count',
  'go_goroutines',
  'go_info',
];

/**
 * Names by which nearly every page can be told, and all that its preset then reads from it. Looking for these costs a
 * tenth of reading a page whole, which matters when thousands of endpoints are read for the first time at once.
 */
export const telltaleNames = wantedNames([
  ...presetNames.flatMap((name) => [...familiesOf(name), ...presets[name].fingerprint]),
  ...gpuTelltales,
  ...everywhere,
]);
