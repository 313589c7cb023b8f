import type { Settings } from '../config/settings/settings.ts';
import type { Discovery } from '../discovery/discovery.ts';
import { discovery } from '../discovery/discovery.ts';
import type { DiscoveryEvents } from '../discovery/discovery-events.ts';
import { realEdges } from '../discovery/edges.ts';
import type { KubeClient } from '../discovery/kube/kube-api.ts';
import { dnsLookup } from '../discovery/named/dns-lookup.ts';

/** Discovery as the settings want it. Without a cluster triggers may still use DNS and static endpoints. */
export async function startDiscovery(settings: Settings, events: DiscoveryEvents): Promise<Discovery> {
  const kube = await kubeClient(settings);
  return discovery({ kube, lookup: dnsLookup(), edges: realEdges, events });
}

/** A client, or why there is none. The package behind it costs 90 MB, so it is loaded only where it is used. */
async function kubeClient({ kubernetes, kubeconfig }: Settings): Promise<KubeClient | string> {
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
