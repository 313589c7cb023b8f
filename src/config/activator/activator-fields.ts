import { parsePath } from '../access/network-name.ts';
import { commaList } from '../comma-list.ts';
import { durationWithin } from '../duration.ts';
import type { FieldValues } from '../field.ts';
import { defaulted, oneOf, optional } from '../field.ts';
import { parseEndpointUrls } from '../metadata/endpoint-urls.ts';
import { wholeNumberWithin } from '../quantity.ts';
import { repeatable } from '../settings/flags.ts';
import { anyText, parseListenAddress, parseServiceAddress } from '../settings/settings-readers.ts';
import { parseHeaderName, parsePathList } from './activator-readers.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const mebibyte = 1024 * 1024;

const listening = {
  listenAddress: defaulted(parseListenAddress, '0.0.0.0:8000', {
    form: 'HOST:PORT',
    meaning: 'Where clients ask, over HTTP/1.1 or HTTP/2.',
  }),
  adminAddress: defaulted(parseListenAddress, '0.0.0.0:8080', {
    form: 'HOST:PORT',
    meaning: 'Where `/livez`, `/readyz`, `/metrics` and `/status` are served.',
  }),
  tlsCertFile: optional(anyText, {
    form: 'FILE',
    meaning: "The activator's certificate chain (PEM). With `--tls-key-file` it turns TLS on towards clients.",
  }),
  tlsKeyFile: optional(anyText, { form: 'FILE', meaning: 'The private key of `--tls-cert-file` (PEM).' }),
};

const routing = {
  replica: optional(parseEndpointUrls, {
    form: 'URL,…',
    meaning: 'A replica of the one model, without Kubernetes. May be given several times.',
  }),
  readyPath: defaulted(parsePath, '/health', {
    form: 'PATH',
    meaning: 'A replica given by its URL is ready when this path answers 2xx. Asked only while somebody waits.',
  }),
  service: optional(parseServiceAddress, {
    form: 'NAMESPACE/NAME[:PORT]',
    meaning: 'The Service whose ready pods are the replicas of the one model.',
  }),
  model: optional(commaList, {
    form: 'NAME,…',
    meaning: 'Names of the one model, for its list of models before a replica has told it.',
  }),
  kubeconfig: optional(anyText, {
    form: 'FILE',
    meaning: "Credentials for the Kubernetes API. Without it: the pod's own, else the usual places.",
  }),
  replicaCaFile: optional(anyText, {
    form: 'FILE',
    meaning: 'Authorities (PEM) that sign the certificates of https replicas. Without it: those that Node knows.',
  }),
  replicaProtocol: defaulted(oneOf(['http', 'https']), 'http', {
    form: 'http|https',
    meaning: 'What the pods of a Service speak. A URL says it itself.',
  }),
};

const holding = {
  holdTimeout: defaulted(durationWithin(second, 24 * hour), '10m', {
    form: 'DURATION',
    meaning: 'How long a request may wait for a replica, from its arrival.',
  }),
  responseTimeout: defaulted(durationWithin(second, 24 * hour), '10m', {
    form: 'DURATION',
    meaning: 'How long a replica may send nothing, from forwarding on and then between two pieces of its answer.',
  }),
  heartbeat: defaulted(durationWithin(0, hour), '5s', {
    form: 'DURATION',
    meaning:
      'How often a client that asked for a stream gets an SSE comment while it waits; the first one decides the ' +
      'status 200. `0`: never.',
  }),
  maxHeld: defaulted(wholeNumberWithin(1, 1_000_000), '10000', {
    form: 'NUMBER',
    meaning: 'Requests held at once, of all routes.',
  }),
  maxHeldPerRoute: defaulted(wholeNumberWithin(1, 1_000_000), '5000', {
    form: 'NUMBER',
    meaning: 'Requests held at once, of one route.',
  }),
  maxHeldBytes: defaulted(wholeNumberWithin(mebibyte, 2 ** 40), `${1024 * mebibyte}`, {
    form: 'NUMBER',
    meaning: 'Bytes of held bodies, of all routes, in memory or in files.',
  }),
  maxHeldBytesPerRoute: defaulted(wholeNumberWithin(mebibyte, 2 ** 40), `${512 * mebibyte}`, {
    form: 'NUMBER',
    meaning: 'Bytes of held bodies, of one route.',
  }),
  bodyMemory: defaulted(wholeNumberWithin(mebibyte, 2 ** 36), `${128 * mebibyte}`, {
    form: 'NUMBER',
    meaning: 'Memory for bodies, of all requests. Of one body at most 256 KiB are in memory, the rest is in a file.',
  }),
  largeBodies: defaulted(oneOf(['file', 'refuse']), 'file', {
    form: 'file|refuse',
    meaning: 'Whether a held body that memory has no room for goes into a file or is refused.',
  }),
  spoolDirectory: optional(anyText, {
    form: 'DIRECTORY',
    meaning: "Where such files are. Without it: the system's own for temporary files.",
  }),
  maxBodyBytes: defaulted(wholeNumberWithin(1024, 2 ** 40), `${256 * mebibyte}`, {
    form: 'NUMBER',
    meaning: 'Bytes of one request, held or not.',
  }),
  maxHeaderBytes: defaulted(wholeNumberWithin(1024, mebibyte), '32768', {
    form: 'NUMBER',
    meaning: "Bytes of a request's head.",
  }),
  quietPaths: optional(parsePathList, {
    form: 'PATH,…',
    meaning: 'Further paths for which a GET wakes nothing, beside health probes, `/metrics`, `/version` and models.',
  }),
};

const guarding = {
  concurrencyPerReplica: optional(wholeNumberWithin(1, 1_000_000), {
    form: 'NUMBER',
    meaning:
      'Requests of this activator at one replica at once; the rest is held. With two activators a replica may see twice as many: divide it among them. Without it: unbounded.',
  }),
  priorityHeader: optional(parseHeaderName, {
    form: 'NAME',
    meaning: 'A header with a number from 0 (first) to 9 (last) by which held requests are ordered. Without it: 5.',
  }),
  stickyHeader: optional(parseHeaderName, {
    form: 'NAME',
    meaning: 'Requests with the same value of this header go to the same replica, unless that is busier than others.',
  }),
  stickyPrefixBytes: optional(wholeNumberWithin(1, 65_536), {
    form: 'NUMBER',
    meaning: 'The same, for requests whose bodies begin with the same bytes, so that prefix caches are met.',
  }),
};

const running = {
  shutdownGrace: defaulted(durationWithin(0, hour), '30s', {
    form: 'DURATION',
    meaning: 'How long requests may take to end after a request to stop. What is held then gets 503.',
  }),
  logLevel: defaulted(oneOf(['debug', 'info', 'warn', 'error']), 'info', {
    form: 'debug|info|warn|error',
    meaning: 'The least severe log line that is written.',
  }),
  logFormat: defaulted(oneOf(['json', 'console']), 'json', {
    form: 'json|console',
    meaning: 'For machines or for people.',
  }),
};

/** Every setting of `activator`: a flag and an environment variable of the same name. */
export const activatorFields = {
  ...listening,
  ...routing,
  replica: repeatable(routing.replica),
  ...holding,
  ...guarding,
  ...running,
};

export type ActivatorValues = FieldValues<typeof activatorFields>;
