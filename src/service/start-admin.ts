import type { RenderMetrics } from '../admin/probe-routes.ts';
import { probeRoutes } from '../admin/probe-routes.ts';
import type { AdminServer, AdminServerOptions } from '../admin/start-admin-server.ts';
import { startAdminServer } from '../admin/start-admin-server.ts';
import type { Settings } from '../config/settings/settings.ts';
import type { StatusSource } from '../status-page/status-route.ts';
import { statusElsewhere, statusRoute } from '../status-page/status-route.ts';

export interface Admin extends Omit<AdminServer, 'port'> {
  /** Where the status is: `address`, or one of its own. */
  readonly statusAddress: string;
}

export interface AdminSources extends StatusSource {
  readonly renderMetrics: RenderMetrics;
  readonly onError: NonNullable<AdminServerOptions['onError']>;
}

/**
 * Serves the admin pages: all on one address, or the status on one of its own. Rejects when one can't be listened on,
 * and then leaves nothing running.
 */
export async function startAdmin({ adminAddress, statusAddress }: Settings, sources: AdminSources): Promise<Admin> {
  const { onError } = sources;
  const probes = probeRoutes(sources.renderMetrics);
  const status = statusRoute(sources);
  if (statusAddress === undefined) {
    const all = await startAdminServer({ ...adminAddress, routes: [...probes, status], onError });
    return { ...all, statusAddress: all.address };
  }
  const apart = await startAdminServer({ ...statusAddress, routes: [status], onError });
  try {
    const routes = [...probes, statusElsewhere(apart.address)];
    return together(await startAdminServer({ ...adminAddress, routes, onError }), apart);
  } catch (error) {
    await apart.close();
    throw error;
  }
}

function together(admin: AdminServer, apart: AdminServer): Admin {
  return {
    address: admin.address,
    statusAddress: apart.address,
    setReady(ready, why) {
      for (const server of [admin, apart]) server.setReady(ready, why);
    },
    async close() {
      await Promise.all([admin.close(), apart.close()]);
    },
  };
}
