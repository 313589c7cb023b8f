import { tenantNames } from '../cluster/namespaces.ts';
import { serviceOfApiServer } from '../cluster/plans.ts';
import { mainScaler } from '../cluster/scaler.ts';
import { trapPort } from './traps.ts';

/** One ScaledObject of a tenant that tries to lead the scaler where it should not go. */
export interface Attempt {
  /** Also the names of its ScaledObject and Deployment. */
  readonly name: string;
  readonly trigger: Readonly<Record<string, string>>;
  /** What whoever looks is told. */
  readonly words: RegExp;
  /** Of its Deployment, which must stay; 1 unless said. */
  readonly replicas?: number;
  /** What its ScaledObject says it scales, where that is not its Deployment. */
  readonly scaleTargetRef?: Readonly<Record<string, string>>;
}

/** The namespace whose pods are not the tenant's. */
export const victimNamespace = 'tenant-victim';

const at = (host: string): string => `http://${host}:${trapPort}/metrics`;
const metadataAddress = tenantNames.metadata[1];

/** Where triggers may name nothing but Services of their own namespace: the default. */
const byService: readonly (readonly [Attempt['trigger'], RegExp])[] = [
  [{ endpoints: `http://${metadataAddress}/latest/meta-data` }, /"endpoints" is switched off/],
  [{ dns: tenantNames.metadata[0] }, /"dns" is switched off/],
  [{ gatewayEndpoints: at('127.0.0.1') }, /"gatewayEndpoints" is switched off/],
  [{ service: `${victimNamespace}/front` }, /must be a Service of the ScaledObject's own namespace/],
  [{ service: `front.${victimNamespace}` }, /must be lower-case letters/],
  [{ service: `../../${victimNamespace}/services/front` }, /must be lower-case letters/],
  [{ service: 'front' }, /no Service "front" in namespace "tenant-attempts"/],
  [{ gatewayService: `${victimNamespace}/front` }, /"gatewayService" may not be in namespace "tenant-victim"/],
  [{ gatewayService: `front.${victimNamespace}` }, /must be a Service's name, or namespace\/name/],
  [{ service: 'external' }, /is of type ExternalName, which may point anywhere/],
  [{ service: 'no-selector' }, /has no selector, so its addresses need not be pods/],
  [{ service: 'by-hand' }, /list 2 address\(es\) that are no pods of its namespace/],
  [{ service: 'forged' }, /an address that must not be reached \(denied-network\)/],
  [{ gatewayService: 'external' }, /is of type ExternalName, which may point anywhere/],
  [{ path: `//${metadataAddress}/latest` }, /must begin with one "\/": the host is not part of it/],
];

/** Where the operator lets triggers name addresses of pods, and no other. */
const byAddress: readonly (readonly [Attempt['trigger'], RegExp])[] = [
  [{ endpoints: `http://${metadataAddress}/latest/meta-data` }, denied('metadata-address')],
  [{ endpoints: `http://${mainScaler.host}:${mainScaler.adminPort}/metrics` }, denied('loopback')],
  [{ endpoints: at('127.0.0.1') }, denied('loopback')],
  [{ endpoints: at('2130706433') }, denied('loopback')],
  [{ endpoints: at('0x7f000001') }, denied('loopback')],
  [{ endpoints: at('0177.0.0.1') }, denied('loopback')],
  [{ endpoints: at('127.1') }, denied('loopback')],
  [{ endpoints: 'http://2852039166/latest/meta-data' }, denied('metadata-address')],
  [{ endpoints: at('[::1]') }, denied('loopback')],
  [{ endpoints: at('[::ffff:127.0.0.1]') }, denied('loopback')],
  [{ endpoints: 'http://[::ffff:a9fe:a9fe]/latest/meta-data' }, denied('metadata-address')],
  [{ endpoints: at('[64:ff9b::a9fe:a9fe]') }, denied('metadata-address')],
  [{ endpoints: at('0.0.0.0') }, denied('unspecified')],
  [{ endpoints: at('[::]') }, denied('unspecified')],
  [{ endpoints: 'https://127.0.0.1:6443/api/v1/secrets' }, denied('loopback')],
  [{ endpoints: `https://${serviceOfApiServer}/api/v1/secrets` }, denied('denied-network')],
  [{ endpoints: at('192.0.2.1') }, denied('not-allowed')],
  [{ endpoints: at('localhost') }, denied('loopback')],
  [{ endpoints: at(tenantNames.metadata[0]) }, denied('metadata-address')],
  [{ endpoints: at(tenantNames.mapped[0]) }, denied('loopback')],
  [{ endpoints: `http://10.244.0.1@${metadataAddress}/` }, /a URL with user info/],
  [{ endpoints: 'file:///etc/passwd' }, /which is no http:\/\/ or https:\/\/ URL/],
  [{ dns: tenantNames.metadata[0], port: '80' }, denied('metadata-address')],
  [{ dns: tenantNames.loopback[0], port: String(trapPort) }, denied('loopback')],
  [{ dns: tenantNames.mapped[0], port: String(trapPort) }, denied('loopback')],
  [{ dns: tenantNames.apiServer[0], port: '443' }, denied('denied-network')],
  [{ dns: metadataAddress, port: '80' }, /is an address, not a name/],
  [{ dns: '2852039166', port: '80' }, /is an address, not a name/],
  [{ gatewayEndpoints: `http://${metadataAddress}/queue` }, denied('metadata-address')],
  [{ gatewayEndpoints: at('[::ffff:7f00:1]') }, denied('loopback')],
];

function denied(rule: string): RegExp {
  return new RegExp(`an address that must not be reached \\(${rule}\\)`);
}

export const attemptsByService = named('by-service', byService);
export const attemptsByAddress = named('by-address', byAddress);

/** KEDA looks for these before it asks the scaler. */
export const attemptsByTarget: readonly Attempt[] = [
  { scaleTargetRef: { name: `../../${victimNamespace}/deployments/front` }, words: /may not contain '\/'/ },
  { scaleTargetRef: { name: '../../../api/v1/secrets' }, words: /may not contain '\/'/ },
  { scaleTargetRef: { name: 'front', kind: 'Secret', apiVersion: 'v1' }, words: /secrets "front" not found/ },
].map((attempt, index) => ({ name: `by-target-${index}`, trigger: {}, ...attempt }));

function named(prefix: string, rows: readonly (readonly [Attempt['trigger'], RegExp])[]): readonly Attempt[] {
  return rows.map(([trigger, words], index) => ({ name: `${prefix}-${index}`, trigger, words }));
}
