import type { TriggerMetadata } from '../config/metadata/trigger-metadata.ts';
import type { Discovery, DiscoveryRequest } from '../discovery/discovery.ts';
import type { ScrapeHost } from '../readings/scrape-host.ts';
import { systemClock } from '../time/system-clock.ts';
import type { Gpus, World } from '../triggers/world.ts';

/** The world as triggers see it: real discovery, real scrapes, real time. */
export function realWorld(discovery: Discovery, host: ScrapeHost, gpus: Gpus | undefined): World {
  return {
    openReplicas: (namespace, name, metadata) => discovery.open(replicaRequest(namespace, name, metadata)),
    openGateway: (namespace, metadata) => {
      const request = gatewayRequest(namespace, metadata);
      return request && discovery.open(request);
    },
    openScrape: (request, onReading) => host.open(request, onReading),
    gpus,
    nowMs: systemClock.nowMs,
  };
}

function replicaRequest(namespace: string, name: string, { location, port }: TriggerMetadata): DiscoveryRequest {
  switch (location.kind) {
    case 'scale-target':
      return { kind: 'scale-target', namespace, name, port };
    case 'service':
      return { kind: 'service', namespace, service: location.service, port };
    case 'dns':
      return { kind: 'dns', hostName: location.hostName, port };
    case 'endpoints':
      return { kind: 'endpoints', urls: location.urls };
  }
}

function gatewayRequest(namespace: string, { gateway }: TriggerMetadata): DiscoveryRequest | undefined {
  if (gateway === undefined) return undefined;
  const { location, port } = gateway;
  if (location.kind === 'endpoints') return { kind: 'endpoints', urls: location.urls };
  return { kind: 'service', namespace: location.namespace ?? namespace, service: location.service, port };
}
