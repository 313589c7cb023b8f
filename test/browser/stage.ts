import type { DiscoveryRequest } from '../../src/discovery/discovery.ts';
import { createDiscovery } from '../../src/discovery/discovery.ts';
import type { EndpointSource } from '../../src/discovery/endpoint.ts';
import { fixedSource, nothingYet, refused } from '../../src/discovery/endpoint-snapshot.ts';
import { dnsLookup } from '../../src/discovery/named/dns-lookup.ts';
import { systemClock } from '../../src/time/system-clock.ts';
import type { PageHost } from '../fakes/page-host.ts';
import { page, servePage, vllmPage } from '../fakes/page-host.ts';
import type { Ref, RunningService } from '../fakes/running-service.ts';
import { openService, quick, refTo, refusal, until } from '../fakes/running-service.ts';

/** Names that would do harm on a page that believed them. */
export const hostile = {
  name: `"><img src=x onerror="window.harmed=1"></title><script>window.harmed=1</script>${'n'.repeat(150)}`,
  model: `</bdi></td><script>window.harmed=1</script>\u202egnp.exe\u200b\u0007'"\`${'w'.repeat(600)}`,
};

/** The whole service on loopback with replicas in every state there is, asked about as KEDA does. */
export interface Stage {
  readonly url: string;
  readonly service: RunningService;
  close(): Promise<void>;
}

/** What a cluster would say of workloads that can't be made of addresses alone. */
function clusterSays(request: DiscoveryRequest): EndpointSource | undefined {
  if (request.kind !== 'scale-target') return undefined;
  if (request.name === 'at-zero') return fixedSource({ ...nothingYet, synced: true, replicas: 0 });
  return fixedSource(refused(`there is no ScaledObject "${request.name}" in namespace "${request.namespace}"`));
}

function stagedDiscovery() {
  const none = { watchOpened() {}, watchClosed() {}, listed() {}, failed() {} };
  const named = createDiscovery({ kube: 'staged', lookup: dnsLookup(), clock: systemClock, events: none });
  return { ...named, open: (request: DiscoveryRequest) => clusterSays(request) ?? named.open(request) };
}

const eppPage = [
  '# TYPE inference_pool_ready_pods gauge',
  'inference_pool_ready_pods{name="pool"} 0',
  '# TYPE inference_objective_running_requests gauge',
  'inference_objective_running_requests{model_name="at-zero"} 0',
  '# TYPE inference_extension_flow_control_queue_size gauge',
  'inference_extension_flow_control_queue_size{fairness_id="a",model_name="at-zero"} 7',
  '',
].join('\n');

/** Opens everything and waits until each trigger is in the state that it is there for. */
export async function openStage(): Promise<Stage> {
  const hosts: PageHost[] = [];
  const serve = async (...[answer]: Parameters<typeof servePage>): Promise<PageHost> => {
    const host = await servePage(answer);
    hosts.push(host);
    return host;
  };
  const broken = await serve((response) => response.writeHead(500).end());
  const busy = await Promise.all([serve(page(vllmPage(23, 4))), serve(page(vllmPage(14, 0)))]);
  const quiet = await Promise.all([serve(page(vllmPage(0, 0))), serve(page(vllmPage(0, 0)))]);
  const evil = await serve(page(vllmPage(3, 1, 9, hostile.model.replaceAll('"', '\\"'))));
  const epp = await serve(page(eppPage));

  const parts = { discovery: stagedDiscovery() };
  const service = await openService(['--endpoint-allow-cidrs', '127.0.0.0/8'], parts);
  const { endpoints: _none, ...noAddress } = { ...quick, endpoints: '' };
  const refs: readonly Ref[] = [
    { ...refTo([...busy, broken], { targetValue: '32' }, 'llama-3-70b-instruct') },
    refTo(quiet, {}, 'qwen-7b'),
    refTo([broken], {}, 'mixtral'),
    refTo(busy, { metric: 'kvCache', targetValue: '0.8', aggregation: 'max' }, 'llama-3-70b-instruct'),
    { ...refTo([evil], {}, hostile.name), namespace: 'tenant-<b>"' },
    { namespace: 'models', name: 'gone', scalerMetadata: noAddress } as unknown as Ref,
    {
      namespace: 'chat',
      name: 'at-zero',
      scalerMetadata: { ...noAddress, gatewayEndpoints: epp.url },
    } as unknown as Ref,
  ];
  const wrong = { ...quick, targetValu: '32', scheme: 'htp' };
  const typo = { namespace: 'models', name: 'typo', scalerMetadata: wrong } as unknown as Ref;
  for (const ref of [...refs, typo]) await refusal(service.client.call('IsActive', ref));
  // As KEDA does: what is not asked about again is forgotten.
  const again = setInterval(() => void refusal(service.client.call('IsActive', typo)), 10_000);
  await until(
    () => service.status(),
    (all) =>
      all.length === refs.length && all.some(({ unreadable, decision }) => unreadable === 1 && decision === 'report'),
  );
  return {
    url: `http://${service.adminAddress}`,
    service,
    async close() {
      clearInterval(again);
      service.client.close();
      await service.close();
      for (const host of hosts) await host.close();
    },
  };
}
