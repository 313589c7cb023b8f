import { textPage } from './admin-page.ts';
import type { AdminRoute } from './admin-route.ts';

/** A metrics page of ours. */
export type RenderMetrics = () => Promise<{ readonly contentType: string; readonly body: string }>;

/** What Kubernetes and Prometheus ask of every process: `/livez`, `/readyz` and `/metrics`. */
export function probeRoutes(renderMetrics: RenderMetrics): readonly AdminRoute[] {
  return [
    { path: '/livez', listed: [['/livez', 'the process runs']], answer: () => textPage(200, 'ok') },
    {
      path: '/readyz',
      listed: [['/readyz', 'calls may be sent here']],
      answer: (_asked, { ready, why }) => (ready ? textPage(200, 'ready') : textPage(503, `not ready: ${why}`)),
    },
    {
      path: '/metrics',
      listed: [['/metrics', 'metrics of this process, for Prometheus']],
      answer: async () => ({ code: 200, ...(await renderMetrics()) }),
    },
  ];
}
