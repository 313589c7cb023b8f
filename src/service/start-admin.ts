import type { AdminServer, AdminServerOptions } from '../admin/start-admin-server.ts';
import { startAdminServer } from '../admin/start-admin-server.ts';
import type { Settings } from '../config/settings/settings.ts';

export interface Admin extends Omit<AdminServer, 'port'> {
  /** Where the status is: `address`, or one of its own. */
  readonly statusAddress: string;
}

type Pages = Required<Pick<AdminServerOptions, 'renderMetrics' | 'status' | 'version' | 'onError'>>;

/**
 * Serves the admin pages: all on one address, or the status on one of its own. Rejects when one can't be listened on,
 * and then leaves nothing running.
 */
export async function startAdmin({ adminAddress, statusAddress }: Settings, pages: Pages): Promise<Admin> {
  if (statusAddress === undefined) {
    const all = await startAdminServer({ ...adminAddress, ...pages });
    return { ...all, statusAddress: all.address };
  }
  const { renderMetrics, status, version, onError } = pages;
  const apart = await startAdminServer({ ...statusAddress, status, version, onError });
  try {
    const rest = { renderMetrics, version, onError, statusAddress: apart.address };
    return together(await startAdminServer({ ...adminAddress, ...rest }), apart);
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
