import type { Settings } from '../config/settings/settings.ts';
import type { Discovery } from '../discovery/discovery.ts';
import { createDiscovery } from '../discovery/discovery.ts';
import type { DiscoveryEvents } from '../discovery/discovery-events.ts';
import type { KubeClient } from '../discovery/kube/kube-api.ts';
import { dnsLookup } from '../discovery/named/dns-lookup.ts';
import { systemClock } from '../time/system-clock.ts';

export type KubernetesSettings = Pick<Settings, 'kubernetes' | 'kubeconfig'>;

/** Discovery as the settings want it. Without a cluster triggers may still use DNS and static endpoints. */
export async function startDiscovery(settings: KubernetesSettings, events: DiscoveryEvents): Promise<Discovery> {
  const kube = await kubeClient(settings);
  return createDiscovery({ kube, lookup: dnsLookup(), clock: systemClock, events });
}

/** A client, or why there is none. The package behind it costs 90 MB, so it is loaded only where it is used. */
async function kubeClient({ kubernetes, kubeconfig }: KubernetesSettings): Promise<KubeClient | string> {
  if (kubernetes === 'off') return 'it is switched off by --kubernetes off';
  try {
    const { loadKubeClient } = await import('../discovery/kube/kube-client.ts');
    return await loadKubeClient({ kubeconfig, environment: process.env });
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    if (kubernetes === 'on') throw new Error(`--kubernetes is on, but there is no cluster to ask: ${words}`);
    return words;
  }
}
