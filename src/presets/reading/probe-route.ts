/** Last parts of a path that no request to a model has: health checks, metrics, documentation, browsers. */
const probes = new Set([
  'metrics',
  'health',
  'healthz',
  'healthcheck',
  'health_check',
  'livez',
  'live',
  'liveness',
  'liveliness',
  'alive',
  'readyz',
  'ready',
  'readiness',
  'startupz',
  'startup',
  'ping',
  'favicon.ico',
  'robots.txt',
  'docs',
  'docs.json',
  'openapi.json',
]);

/** Parts under which everything is a probe: `/health/readiness`, `/v2/health/live`. */
const probeFolders = new Set(['health', 'healthz']);

/** True for a route that people, kubelets and Prometheus ask and nobody's request goes to, whatever its prefix. */
export function isProbeRoute(path: string): boolean {
  const parts = path
    .split(/[?#]/, 1)[0]!
    .toLowerCase()
    .split('/')
    .filter((part) => part !== '');
  if (parts.length === 0) return path !== '';
  return probes.has(parts.at(-1)!) || parts.some((part) => probeFolders.has(part));
}
