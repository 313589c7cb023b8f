import { expect, it } from 'vitest';
import { settingFields } from '../../../src/config/settings/setting-fields.ts';
import type { Settings } from '../../../src/config/settings/settings.ts';
import { parseSettings } from '../../../src/config/settings/settings.ts';

const defaults: Settings = {
  grpcAddress: { host: '0.0.0.0', port: 6000 },
  adminAddress: { host: '0.0.0.0', port: 8080 },
  statusAddress: undefined,
  tls: undefined,
  maxConnectionAgeMs: 300_000,
  shutdownGraceMs: 10_000,
  endpointAllowCidrs: [],
  gatewayAllowNamespaces: [],
  scrapeCredentialsFile: undefined,
  kubernetes: 'auto',
  kubeconfig: undefined,
  dcgm: undefined,
  maxTriggers: 5000,
  maxTriggersPerNamespace: 500,
  maxEndpointsPerTrigger: 1000,
  maxBodyBytes: 4_194_304,
  maxConcurrentScrapes: 256,
  triggerIdleTimeoutMs: 600_000,
  startingForMs: 1_800_000,
  recordingSpanMs: 7_200_000,
  activationScrapeIntervalMs: 50,
  logLevel: 'info',
  logFormat: 'json',
};

it('has a default for everything', () => {
  expect(parseSettings([], {})).toStrictEqual({ ok: true, value: defaults });
});

const accepted: readonly [flags: string, want: Partial<Settings>][] = [
  ['--grpc-address 127.0.0.1:0', { grpcAddress: { host: '127.0.0.1', port: 0 } }],
  [
    '--grpc-address 127.0.0.1:0 --admin-address 127.0.0.1:0',
    { grpcAddress: { host: '127.0.0.1', port: 0 }, adminAddress: { host: '127.0.0.1', port: 0 } },
  ],
  ['--admin-address=[::1]:9090', { adminAddress: { host: '::1', port: 9090 } }],
  ['--status-address 127.0.0.1:8081', { statusAddress: { host: '127.0.0.1', port: 8081 } }],
  ['--scrape-credentials-file /etc/rules.json', { scrapeCredentialsFile: '/etc/rules.json' }],
  [
    '--tls-cert-file /a.crt --tls-key-file /a.key',
    { tls: { certFile: '/a.crt', keyFile: '/a.key', clientCaFile: undefined } },
  ],
  [
    '--tls-cert-file=/a.crt --tls-key-file=/a.key --tls-client-ca-file=/ca.crt',
    { tls: { certFile: '/a.crt', keyFile: '/a.key', clientCaFile: '/ca.crt' } },
  ],
  ['--max-connection-age 1h', { maxConnectionAgeMs: 3_600_000 }],
  ['--shutdown-grace 0s', { shutdownGraceMs: 0 }],
  ['--endpoint-allow-cidrs 10.0.0.0/8,fd00::/8', { endpointAllowCidrs: ['10.0.0.0/8', 'fd00::/8'] }],
  ['--gateway-allow-namespaces *', { gatewayAllowNamespaces: '*' }],
  ['--gateway-allow-namespaces edge,istio-system', { gatewayAllowNamespaces: ['edge', 'istio-system'] }],
  ['--kubernetes on --kubeconfig ./config', { kubernetes: 'on', kubeconfig: './config' }],
  [
    '--dcgm-service gpu/dcgm --dcgm-interval 30s',
    { dcgm: { location: { kind: 'service', namespace: 'gpu', service: 'dcgm', port: undefined }, intervalMs: 30_000 } },
  ],
  [
    '--dcgm-service gpu/dcgm:9400',
    { dcgm: { location: { kind: 'service', namespace: 'gpu', service: 'dcgm', port: 9400 }, intervalMs: 10_000 } },
  ],
  [
    '--dcgm-service gpu/dcgm:metrics',
    { dcgm: { location: { kind: 'service', namespace: 'gpu', service: 'dcgm', port: 'metrics' }, intervalMs: 10_000 } },
  ],
  [
    '--dcgm-endpoints http://a:9400,http://b:9400/metrics',
    {
      dcgm: {
        location: { kind: 'endpoints', urls: ['http://a:9400', 'http://b:9400/metrics'] },
        intervalMs: 10_000,
      },
    },
  ],
  ['--max-triggers 1', { maxTriggers: 1 }],
  ['--max-triggers-per-namespace 7', { maxTriggersPerNamespace: 7 }],
  ['--max-endpoints-per-trigger 10000', { maxEndpointsPerTrigger: 10_000 }],
  ['--max-body-bytes 1024', { maxBodyBytes: 1024 }],
  ['--max-concurrent-scrapes 1000', { maxConcurrentScrapes: 1000 }],
  ['--trigger-idle-timeout 1m', { triggerIdleTimeoutMs: 60_000 }],
  ['--starting-for 1h', { startingForMs: 3_600_000 }],
  ['--activation-scrape-interval 10ms', { activationScrapeIntervalMs: 10 }],
  ['--log-level debug --log-format console', { logLevel: 'debug', logFormat: 'console' }],
];

it.each(accepted)('accepts %s', (flags, want) => {
  expect(parseSettings(flags.split(' '), {})).toStrictEqual({ ok: true, value: { ...defaults, ...want } });
});

it('reads each of them from the environment as well', () => {
  let variables = 0;
  for (const [flags, want] of accepted) {
    const words = flags.replaceAll('=', ' ').split(' ');
    const env: Record<string, string> = {};
    for (let place = 0; place < words.length; place += 2) {
      env[words[place]!.slice(2).replaceAll('-', '_').toUpperCase()] = words[place + 1]!;
      variables++;
    }
    expect(parseSettings([], env)).toStrictEqual({ ok: true, value: { ...defaults, ...want } });
  }
  expect(variables).toBeGreaterThanOrEqual(Object.keys(settingFields).length);
});

const refused: readonly [flags: string, ...faults: string[]][] = [
  ['--grpc-address 6000', '--grpc-address value "6000" must be host:port, such as "0.0.0.0:6000" or "[::]:6000"'],
  [
    '--grpc-address ::1:6000',
    '--grpc-address value "::1:6000" must be host:port, such as "0.0.0.0:6000" or "[::]:6000"',
  ],
  [
    '--admin-address a:65536',
    '--admin-address value "a:65536" must be host:port, such as "0.0.0.0:6000" or "[::]:6000"',
  ],
  ['--admin-address 127.0.0.1:6000', '--grpc-address and --admin-address both use port 6000: change one'],
  ['--status-address 127.0.0.1:6000', '--grpc-address and --status-address both use port 6000: change one'],
  ['--status-address 127.0.0.1:8080', '--admin-address and --status-address both use port 8080: change one'],
  ['--tls-cert-file a', '--tls-cert-file and --tls-key-file belong together: give both or none'],
  ['--tls-key-file a', '--tls-cert-file and --tls-key-file belong together: give both or none'],
  ['--tls-client-ca-file a', '--tls-client-ca-file needs --tls-cert-file and --tls-key-file'],
  [
    '--dcgm-service a/b --dcgm-endpoints http://a',
    '--dcgm-service and --dcgm-endpoints contradict each other: keep one',
  ],
  ['--dcgm-service dcgm', '--dcgm-service value "dcgm" must be namespace/name or namespace/name:port'],
  ['--dcgm-service a/b:0', '--dcgm-service value "a/b:0" must be a port from 1 to 65535'],
  ['--kubernetes off --dcgm-service a/b', '--dcgm-service needs the Kubernetes API, but --kubernetes is off'],
  ['--kubernetes off --kubeconfig a', '--kubeconfig is given, but --kubernetes is off: leave one out'],
  ['--kubernetes no', '--kubernetes value "no" must be one of [auto on off]'],
  [
    '--gateway-allow-namespaces Edge,*',
    '--gateway-allow-namespaces value "Edge,*" has "Edge", which is no namespace\'s name',
    '--gateway-allow-namespaces value "Edge,*" has "*", which is no namespace\'s name',
  ],
  ['--max-triggers 0', '--max-triggers value "0" must be a whole number from 1 to 1000000'],
  ['--trigger-idle-timeout 59s', '--trigger-idle-timeout value "59s" must be from 1m to 24h'],
  ['--log-level trace', '--log-level value "trace" must be one of [debug info warn error]'],
  [
    '--log-level loud --max-triggers many --tls-key-file a --admin-adress a:1',
    '"--admin-adress" is not a flag; did you mean "--admin-address"?',
    '--max-triggers value "many" must be a whole number from 1 to 1000000',
    '--log-level value "loud" must be one of [debug info warn error]',
    '--tls-cert-file and --tls-key-file belong together: give both or none',
  ],
];

it.each(refused)('refuses %s', (flags, ...faults) => {
  expect(parseSettings(flags.split(' '), {})).toEqual({ ok: false, faults });
});

it('names the network that is wrong', () => {
  const parsed = parseSettings(['--endpoint-allow-cidrs', '10.0.0.0/8,10.0.0.0/40'], {});
  expect(parsed.ok ? [] : parsed.faults).toEqual([
    expect.stringMatching(
      /^--endpoint-allow-cidrs value "10.0.0.0\/8,10.0.0.0\/40" has a wrong network: .*10\.0\.0\.0\/40/,
    ),
  ]);
});
