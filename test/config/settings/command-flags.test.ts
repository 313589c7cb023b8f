import { expect, it } from 'vitest';
import { parseDemoFlags, parseProbeFlags } from '../../../src/config/settings/command-flags.ts';

const noAccess = { bearerTokenFile: undefined, caFile: undefined, insecureSkipVerify: false };
const url = { kind: 'url', url: 'http://127.0.0.1:8000/metrics', ...noAccess };
const noFamily = { running: undefined, waiting: undefined, requests: undefined };
const probeDefaults = { page: url, engine: { kind: 'auto' }, models: undefined, watchMs: undefined, json: false };

it.each([
  ['--url http://127.0.0.1:8000/metrics', {}],
  ['--url http://127.0.0.1:8000/metrics --watch 10s', { watchMs: 10_000 }],
  [
    '--url=http://127.0.0.1:8000/metrics --engine envoy --model a,b --json',
    { engine: { kind: 'preset', name: 'envoy' }, models: ['a', 'b'], json: true },
  ],
  [
    '--url http://127.0.0.1:8000/metrics --engine custom --running-metric a{b="c"} --waiting-metric=d{e="f"}',
    {
      engine: {
        kind: 'custom',
        running: { family: 'a', labels: { b: 'c' } },
        waiting: { family: 'd', labels: { e: 'f' } },
        requests: undefined,
      },
    },
  ],
  [
    '--url http://127.0.0.1:8000/metrics --engine custom --requests-metric g',
    { engine: { ...noFamily, kind: 'custom', requests: { family: 'g', labels: {} } } },
  ],
  [
    '--url http://127.0.0.1:8000/metrics --bearer-token-file t --ca-file c',
    { page: { ...url, bearerTokenFile: 't', caFile: 'c' } },
  ],
  ['--url http://127.0.0.1:8000/metrics --insecure-skip-verify', { page: { ...url, insecureSkipVerify: true } }],
  ['--file page.txt', { page: { kind: 'file', file: 'page.txt', contentType: undefined } }],
  ['--file page --content-type text/plain', { page: { kind: 'file', file: 'page', contentType: 'text/plain' } }],
])('probe accepts %s', (flags, want) => {
  expect(parseProbeFlags(flags.split(' '))).toStrictEqual({ ok: true, value: { ...probeDefaults, ...want } });
});

it.each([
  ['--json', ['missing --url or --file: say which page to read']],
  ['--url http://a --file b', ['--url and --file contradict each other: keep one']],
  ['--url http://a --content-type x', ['--content-type belongs to --file: a URL brings its own']],
  ['--file a --ca-file x', ['--bearer-token-file, --ca-file and --insecure-skip-verify belong to --url']],
  ['--file a --insecure-skip-verify', ['--bearer-token-file, --ca-file and --insecure-skip-verify belong to --url']],
  [
    '--url http://a --ca-file x --insecure-skip-verify',
    ['--ca-file and --insecure-skip-verify contradict each other: keep one'],
  ],
  [
    '--file a --engine custom',
    ['--engine custom needs one of --running-metric, --waiting-metric, --requests-metric: name a family'],
  ],
  [
    '--file a --running-metric b --requests-metric=c',
    [
      '--running-metric needs --engine to be custom, but it is auto',
      '--requests-metric needs --engine to be custom, but it is auto',
    ],
  ],
  ['--file a --engine vllm --waiting-metric b', ['--waiting-metric needs --engine to be custom, but it is vllm']],
  [
    '--file a --engine custom --running-metric b{c=~"d"}',
    ['--running-metric value "b{c=~\\"d\\"}" compares the label "c" with =~: only = is known'],
  ],
  ['--url a:8000', ['--url value "a:8000" has "a:8000", which is no http:// or https:// URL']],
  [
    '--url a --modle b --json',
    [
      '"--modle" is not a flag; did you mean "--model"?',
      '--url value "a" has "a", which is no http:// or https:// URL',
    ],
  ],
])('probe refuses %s', (flags, faults) => {
  expect(parseProbeFlags(flags.split(' '))).toEqual({ ok: false, faults });
});

const demoDefaults = { trace: undefined, speed: undefined, seed: 1 };

it.each([
  [[], {}],
  [['--speed=2.5', '--seed', '0'], { speed: 2.5, seed: 0 }],
  [['--trace', 'a.csv'], { trace: { file: 'a.csv', startMs: 0, durationMs: undefined } }],
  [
    ['--trace', 'a.csv', '--start', '10m', '--duration', '1h'],
    { trace: { file: 'a.csv', startMs: 600_000, durationMs: 3_600_000 } },
  ],
])('demo accepts %j', (argv, want) => {
  expect(parseDemoFlags(argv)).toStrictEqual({ ok: true, value: { ...demoDefaults, ...want } });
});

it.each([
  ['--start 1m', ['--start needs --trace: the built-in story begins at its beginning']],
  ['--duration 1m', ['--duration needs --trace: the built-in story has its own length']],
  ['--trace a --start 60', ['--start value "60" has no unit: write "60s"']],
  ['--speed 0', ['--speed value "0" must be a positive number, at least 0.1']],
  ['--seed -1', ['--seed value "-1" must be a whole number from 0 to 4294967295']],
])('demo refuses %s', (flags, faults) => {
  expect(parseDemoFlags(flags.split(' '))).toEqual({ ok: false, faults });
});
