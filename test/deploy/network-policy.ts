import { addressPolicy } from '../../src/config/access/address-policy.ts';
import type { KubeObject } from './render-chart.ts';

/** The other end of a connection: a pod, or an address outside the cluster's pods. */
export interface Peer {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly address?: string;
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { key: string; operator: string; values: readonly string[] }[];
}

interface PeerRule {
  readonly namespaceSelector?: Selector;
  readonly podSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string };
}

interface Rule {
  readonly from?: readonly PeerRule[];
  readonly to?: readonly PeerRule[];
  readonly ports?: readonly { readonly port: string | number; readonly protocol: string }[];
}

/** Whether a NetworkPolicy lets a connection through, as the API describes it. */
export function lets(policy: KubeObject, direction: 'in' | 'out', peer: Peer, port: string | number): boolean {
  const rules: readonly Rule[] = direction === 'in' ? policy.spec.ingress : policy.spec.egress;
  return rules.some(({ from, to, ports }) => {
    const peers = direction === 'in' ? from : to;
    const portFits = ports === undefined || ports.some((rule) => rule.port === port);
    return portFits && (peers === undefined || peers.some((rule) => fits(rule, peer, policy.metadata.namespace!)));
  });
}

function fits({ namespaceSelector, podSelector, ipBlock }: PeerRule, peer: Peer, own: string): boolean {
  if (ipBlock !== undefined) {
    // Throws for what is no network, and knows both families.
    const inside = addressPolicy({ allowCidrs: [ipBlock.cidr], extraDenyCidrs: ['0.0.0.0/0', '::/0'] });
    return peer.address !== undefined && inside.check(peer.address).allowed;
  }
  if (peer.namespace === undefined) return false;
  const inNamespace =
    namespaceSelector === undefined
      ? peer.namespace === own
      : selects(namespaceSelector, { 'kubernetes.io/metadata.name': peer.namespace });
  return inNamespace && (podSelector === undefined || selects(podSelector, peer.labels ?? {}));
}

function selects(
  { matchLabels = {}, matchExpressions = [] }: Selector,
  labels: Readonly<Record<string, string>>,
): boolean {
  const labelsFit = Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
  return labelsFit && matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ''));
}
