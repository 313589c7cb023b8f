import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkManifests } from '../../src/check/check-manifests.ts';
import { scaledObject } from './scaled-objects.ts';

const settings = { scalerAddress: undefined, coldStartMs: 120_000 };

/** Triggers of other scalers, with what they really take; none of it is any business of ours. */
const others: readonly [type: string, metadata: Record<string, string>][] = [
  ['cpu', { value: '60' }],
  ['memory', { value: '80' }],
  ['cron', { timezone: 'UTC', start: '0 8 * * *', end: '0 18 * * *', desiredReplicas: '4' }],
  ['prometheus', { serverAddress: 'http://prometheus:9090', threshold: '5', query: 'sum(vllm:num_requests_waiting)' }],
  ['metrics-api', { url: 'http://api/metrics', valueLocation: 'queue', targetValue: '5' }],
  ['kafka', { bootstrapServers: 'kafka:9092', consumerGroup: 'g', topic: 't', lagThreshold: '5' }],
  ['rabbitmq', { queueName: 'q', mode: 'QueueLength', value: '20' }],
  ['redis', { address: 'redis:6379', listName: 'l', listLength: '5' }],
  ['redis-streams', { address: 'redis:6379', stream: 's', consumerGroup: 'g', pendingEntriesCount: '5' }],
  ['nats-jetstream', { natsServerMonitoringEndpoint: 'nats:8222', stream: 's', consumer: 'c', lagThreshold: '5' }],
  ['aws-sqs-queue', { queueURL: 'https://example.test/q', queueLength: '5', awsRegion: 'x' }],
  ['aws-cloudwatch', { namespace: 'n', metricName: 'm', targetMetricValue: '2', minMetricValue: '0' }],
  ['aws-kinesis-stream', { streamName: 's', shardCount: '2', awsRegion: 'x' }],
  ['azure-queue', { queueName: 'q', queueLength: '5' }],
  ['azure-servicebus', { queueName: 'q', messageCount: '5' }],
  ['azure-monitor', { resourceURI: 'r', tenantId: 't', metricName: 'm', targetValue: '1' }],
  ['azure-eventhub', { consumerGroup: 'g', unprocessedEventThreshold: '64' }],
  ['gcp-pubsub', { subscriptionName: 's', value: '5' }],
  ['gcp-stackdriver', { projectId: 'p', filter: 'f', targetValue: '1' }],
  ['postgresql', { query: 'select 1', targetQueryValue: '1' }],
  ['mysql', { query: 'select 1', queryValue: '1' }],
  ['mongodb', { dbName: 'd', collection: 'c', query: '{}', queryValue: '1' }],
  ['elasticsearch', { addresses: 'http://es:9200', index: 'i', targetValue: '10' }],
  ['influxdb', { serverURL: 'http://influx:8086', query: 'q', thresholdValue: '4' }],
  ['graphite', { serverAddress: 'http://graphite', query: 'q', threshold: '10', queryTime: '-10Minutes' }],
  ['datadog', { query: 'avg:x{*}', queryValue: '7' }],
  ['new-relic', { nrql: 'select 1', threshold: '1' }],
  ['loki', { serverAddress: 'http://loki:3100', query: 'q', threshold: '1' }],
  ['kubernetes-workload', { podSelector: 'app=x', value: '1' }],
  ['selenium-grid', { url: 'http://grid:4444/graphql', browserName: 'chrome' }],
  ['temporal', { endpoint: 'temporal:7233', taskQueue: 'q' }],
  ['artemis-queue', { managementEndpoint: 'a:8161', queueName: 'q', queueLength: '5' }],
  ['activemq', { managementEndpoint: 'a:8161', destinationName: 'd', targetQueueSize: '5' }],
  ['etcd', { endpoints: 'etcd:2379', watchKey: 'k', value: '5' }],
  ['github-runner', { owner: 'o', runnerScope: 'org' }],
  ['solr', { host: 'http://solr', collection: 'c', query: '*:*', targetQueryValue: '1' }],
  ['predictkube', { predictHorizon: '2h', historyTimeWindow: '7d', query: 'q', threshold: '5' }],
  ['external', { scalerAddress: 'gpu-scaler.keda:6000', threshold: '80', metricType: 'gpu' }],
  ['external-push', { scalerAddress: 'keda-add-ons-http-external-scaler.keda:9090', httpScaledObject: 'x' }],
  ['external-push', { scalerAddress: 'otel-scaler.keda:4318', metricQuery: 'sum(x)', targetValue: '5' }],
];

it('has forty of them', () => expect(others).toHaveLength(40));

it.each(others)('has nothing to say about %s %o', (type, metadata) => {
  // With everything in it that would be told of an object of ours.
  const text = scaledObject({
    spec: {
      triggers: [{ type, metadata }],
      minReplicaCount: undefined,
      maxReplicaCount: undefined,
      advanced: undefined,
    },
  });
  const { files, objects, passedOver } = checkManifests([{ name: 'so.yaml', text }], settings);
  expect({ findings: files[0]!.findings, objects, passedOver }).toEqual({ findings: [], objects: 0, passedOver: 1 });
});

const ownPages = [
  'README.md',
  ...['deploy/examples', 'docs'].flatMap((folder) => readdirSync(folder).map((name) => join(folder, name))),
].filter((name) => /\.(yaml|md)$/.test(name));

it.each(ownPages)('has nothing to say about %s', (name) => {
  const { files } = checkManifests([{ name, text: readFileSync(name, 'utf8') }], settings);
  expect(files[0]!.findings.map(({ rule, words }) => `${rule}: ${words}`)).toEqual([]);
});

it('looks at the objects of the examples and of the docs', () => {
  const files = ownPages.map((name) => ({ name, text: readFileSync(name, 'utf8') }));
  expect(checkManifests(files, settings).objects).toBeGreaterThanOrEqual(55);
});
