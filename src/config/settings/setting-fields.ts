import { durationWithin } from '../duration.ts';
import type { FieldValues } from '../field.ts';
import { defaulted, oneOf, optional } from '../field.ts';
import { parseEndpointUrls } from '../metadata/endpoint-urls.ts';
import { wholeNumberWithin } from '../quantity.ts';
import {
  anyText,
  parseCidrList,
  parseListenAddress,
  parseNamespaces,
  parseServiceAddress,
} from './settings-readers.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

const listening = {
  grpcAddress: defaulted(parseListenAddress, '0.0.0.0:6000', {
    form: 'HOST:PORT',
    meaning: 'Where KEDA asks.',
  }),
  adminAddress: defaulted(parseListenAddress, '0.0.0.0:8080', {
    form: 'HOST:PORT',
    meaning: 'Where `/livez`, `/readyz`, `/metrics` and `/status` are served.',
  }),
  statusAddress: optional(parseListenAddress, {
    form: 'HOST:PORT',
    meaning: 'Where `/status` is served instead, apart from probes and metrics, e.g. `127.0.0.1:8081`.',
  }),
  tlsCertFile: optional(anyText, {
    form: 'FILE',
    meaning: "This service's certificate chain (PEM). With `--tls-key-file` it turns TLS on towards KEDA.",
  }),
  tlsKeyFile: optional(anyText, { form: 'FILE', meaning: 'The private key of `--tls-cert-file` (PEM).' }),
  tlsClientCaFile: optional(anyText, {
    form: 'FILE',
    meaning: 'Accept only clients with a certificate of these authorities (PEM).',
  }),
  maxConnectionAge: defaulted(durationWithin(10 * second, 24 * hour), '5m', {
    form: 'DURATION',
    meaning: 'After this long a connection is asked to reconnect, so that KEDA meets new replicas of this service.',
  }),
  shutdownGrace: defaulted(durationWithin(0, 10 * minute), '10s', {
    form: 'DURATION',
    meaning: 'How long calls may take to end after a request to stop.',
  }),
};

const reaching = {
  endpointAllowCidrs: optional(parseCidrList, {
    form: 'CIDR,…',
    meaning:
      'Networks that triggers with `endpoints`, `dns` or `gatewayEndpoints` may reach, loopback and link-local included ' +
      'if listed. Without it such triggers are refused.',
  }),
  gatewayAllowNamespaces: optional(parseNamespaces, {
    form: 'NAMESPACE,… or *',
    meaning: "Namespaces besides a ScaledObject's own whose Services `gatewayService` may name.",
  }),
  scrapeCredentialsFile: optional(anyText, {
    form: 'FILE',
    meaning:
      'Rules (JSON) on which credentials and certificate authorities go with which pages, for whom. Without it no ' +
      'credential is sent, and certificates are those of authorities that Node knows.',
  }),
  kubernetes: defaulted(oneOf(['auto', 'on', 'off']), 'auto', {
    form: 'auto|on|off',
    meaning: 'Whether the Kubernetes API is used. `auto`: where it is configured.',
  }),
  kubeconfig: optional(anyText, {
    form: 'FILE',
    meaning: "Credentials for the Kubernetes API. Without it: the pod's own, else the usual places.",
  }),
  dcgmService: optional(parseServiceAddress, {
    form: 'NAMESPACE/NAME[:PORT]',
    meaning: 'The Service of dcgm-exporter.',
  }),
  dcgmEndpoints: optional(parseEndpointUrls, {
    form: 'URL,…',
    meaning: 'Pages of dcgm-exporter, where there is no Service.',
  }),
  dcgmInterval: defaulted(durationWithin(second, 10 * minute), '10s', {
    form: 'DURATION',
    meaning: 'From one scrape of a dcgm-exporter to its next.',
  }),
};

const bounds = {
  maxTriggers: defaulted(wholeNumberWithin(1, 1_000_000), '5000', {
    form: 'NUMBER',
    meaning: 'Triggers served at once.',
  }),
  maxTriggersPerNamespace: defaulted(wholeNumberWithin(1, 1_000_000), '500', {
    form: 'NUMBER',
    meaning: 'Triggers of one namespace served at once.',
  }),
  maxEndpointsPerTrigger: defaulted(wholeNumberWithin(1, 100_000), '1000', {
    form: 'NUMBER',
    meaning: 'Endpoints one trigger may have.',
  }),
  maxBodyBytes: defaulted(wholeNumberWithin(1024, 268_435_456), '4194304', {
    form: 'NUMBER',
    meaning: 'Bytes of one page, decompressed. A larger page counts as unreadable.',
  }),
  maxConcurrentScrapes: defaulted(wholeNumberWithin(1, 65_536), '256', {
    form: 'NUMBER',
    meaning: 'Scrapes under way at once; as many again may wait for slow pages.',
  }),
  triggerIdleTimeout: defaulted(durationWithin(minute, 24 * hour), '10m', {
    form: 'DURATION',
    meaning: 'A trigger that KEDA has not asked about for this long is dropped.',
  }),
  startingFor: defaulted(durationWithin(10 * second, 24 * hour), '30m', {
    form: 'DURATION',
    meaning: 'How long replicas that start keep their place, where a trigger has no `startingFor`.',
  }),
  recordingSpan: defaulted(durationWithin(0, 48 * hour), '2h', {
    form: 'DURATION',
    meaning: "How much of each workload's traffic is kept for `simulate`, at 4 bytes a second and trigger. `0`: none.",
  }),
  activationScrapeInterval: defaulted(durationWithin(10, minute), '50ms', {
    form: 'DURATION',
    meaning: 'How often gateways are read while their workload is at zero replicas.',
  }),
};

const logging = {
  logLevel: defaulted(oneOf(['debug', 'info', 'warn', 'error']), 'info', {
    form: 'debug|info|warn|error',
    meaning: 'The least severe log line that is written.',
  }),
  logFormat: defaulted(oneOf(['json', 'console']), 'json', {
    form: 'json|console',
    meaning: 'For machines or for people.',
  }),
};

/** Every setting of `serve`: a flag and an environment variable of the same name. */
export const settingFields = { ...listening, ...reaching, ...bounds, ...logging };

export type SettingValues = FieldValues<typeof settingFields>;
