import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { probe } from '../../src/commands/probe.ts';
import { knownPaths } from '../../src/presets/catalogue/presets.ts';
import type { Clock } from '../../src/time/clock.ts';
import type { PageHost } from '../fakes/page-host.ts';
import { servePage } from '../fakes/page-host.ts';
import { protectedBy, serveSecure } from '../fakes/secure-page.ts';
import { makeAuthority } from '../grpc/make-certificate.ts';

const folder = mkdtempSync(join(tmpdir(), 'probe-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hosts: PageHost[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.close();
});

interface Served {
  /** Without a path. */
  readonly url: string;
  /** Paths asked for, with their queries. */
  readonly asked: string[];
}

/** A model server with these pages and 404 elsewhere. */
async function serving(pages: Readonly<Record<string, string>>, contentType = 'text/plain'): Promise<Served> {
  const asked: string[] = [];
  const host = await servePage((response, { url = '' }) => {
    asked.push(url);
    const page = pages[url];
    const isJson = page?.startsWith('{');
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': isJson ? 'application/json' : contentType });
    response.end(page);
  });
  hosts.push(host);
  return { url: `http://127.0.0.1:${host.port}`, asked };
}

async function run(...argv: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const exitCode = await probe(argv, { log: (line) => out.push(line), error: (line) => err.push(line) });
  return { exitCode, out: out.join('\n'), err };
}

async function asJson(...argv: string[]) {
  const { exitCode, out } = await run(...argv, '--json');
  return { exitCode, json: JSON.parse(out) as Record<string, unknown> };
}

const vllm = `# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{model_name="llama"} 3
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{model_name="llama"} 2
# TYPE vllm:kv_cache_usage_perc gauge
vllm:kv_cache_usage_perc{model_name="llama"} 0.25
`;
const tgi =
  '# TYPE tgi_batch_current_size gauge\ntgi_batch_current_size 4\n# TYPE tgi_queue_size gauge\ntgi_queue_size 1\n';
const shop = '# TYPE orders_total counter\norders_total 7\n';
const gpus = '# TYPE DCGM_FI_DEV_GPU_UTIL gauge\nDCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-1"} 50\n';
const loads = JSON.stringify({ loads: [{ dp_rank: 0, timestamp: 5, num_running_reqs: 6, num_waiting_reqs: 1 }] });

const nothing = { running: null, waiting: null, concurrency: null, capacity: null, kvCacheRatio: null, models: [] };

function saved(name: string, page: string): string {
  const file = join(folder, name);
  writeFileSync(file, page);
  return file;
}

describe('what it prints', () => {
  it('is one JSON object with exactly these keys, null for what the page lacks and why', async () => {
    const { url } = await serving({ '/metrics': vllm });
    const { exitCode, json } = await asJson('--url', `${url}/metrics`);
    expect(exitCode).toBe(0);
    expect(Object.entries(json)).toEqual([
      ['engine', 'vllm'],
      ['running', 3],
      ['waiting', 2],
      ['concurrency', 5],
      ['capacity', null],
      ['kvCacheRatio', 0.25],
      ['models', ['llama']],
      ['problems', [expect.stringContaining('capacity')]],
    ]);
  });

  it('has the same keys, all null, for a page that could not be read', async () => {
    const { url } = await serving({});
    const { exitCode, json } = await asJson('--url', `${url}/metrics`);
    expect(exitCode).toBe(1);
    expect(json).toEqual({ engine: 'unknown', ...nothing, problems: [expect.stringContaining('404')] });
  });

  it('is a table for people', async () => {
    const { exitCode, out } = await run('--file', saved('vllm.prom', vllm.replaceAll('llama', 'lla\u001bma')));
    expect(exitCode).toBe(0);
    expect(out.split('\n').slice(0, 7)).toEqual([
      'engine        vllm',
      'running       3',
      'waiting       2',
      'concurrency   5',
      'capacity      unknown',
      'kvCacheRatio  0.25',
      'models        lla\u{fffd}ma',
    ]);
  });
});

describe('a protected page', () => {
  const authority = makeAuthority('own');
  const token = saved('token', 'hunter2\n');
  const ca = saved('ca.crt', authority.certPem.toString());
  const rows: readonly [flags: readonly string[], words: string | undefined][] = [
    [['--bearer-token-file', token, '--ca-file', ca], undefined],
    [['--bearer-token-file', token, '--insecure-skip-verify'], undefined],
    [['--ca-file', ca], '401 and no credential was sent'],
    [['--bearer-token-file', token], 'that no known authority signed'],
    [['--bearer-token-file', ca, '--ca-file', ca], 'ca.crt: expected one line without control characters'],
    [['--bearer-token-file', token, '--ca-file', token], 'token: expected certificates in PEM'],
    [['--bearer-token-file', join(folder, 'none')], 'ENOENT'],
  ];

  it.each(rows)('is read with %j, or says why not: %s', async (flags, words) => {
    const server = await serveSecure(
      authority.issue('page'),
      protectedBy(() => 'Bearer hunter2'),
    );
    const { exitCode, json } = await asJson('--url', server.url, ...flags);
    await server.close();
    expect(exitCode).toBe(words === undefined ? 0 : 1);
    if (words === undefined) expect(json.concurrency).toBe(3);
    else expect(json.problems).toEqual([expect.stringContaining(words)]);
    expect(JSON.stringify(json)).not.toContain('hunter2');
  });
});

describe('exit codes', () => {
  it('is 1 and names who does not answer', async () => {
    const { url } = await serving({});
    await hosts.pop()!.close();
    const { exitCode, json } = await asJson('--url', `${url}/metrics`);
    expect(exitCode).toBe(1);
    expect(json.problems).toEqual([expect.stringContaining(url)]);
  });

  it.each([
    ['', 'missing --url or --file: say which page to read'],
    ['--url http://a --file b', '--url and --file contradict each other: keep one'],
    ['--url http://a --engine vlm', 'vllm'],
    ['--url http://a --jsn', '--json'],
  ])('is 2 for the flags "%s", and reads nothing', async (flags, words) => {
    const { exitCode, out, err } = await run(...flags.split(' ').filter(Boolean));
    expect(exitCode).toBe(2);
    expect(out).toBe('');
    expect(err.join()).toContain(words);
  });

  it('is 0 for help', async () => {
    const { exitCode, out } = await run('--help');
    expect(exitCode).toBe(0);
    for (const flag of ['--url', '--file', '--content-type', '--engine', '--model', '--running-metric', '--json'])
      expect(out).toContain(flag);
    expect(out).toMatch(/Exit code 0: the page could be read; 1: it could not,.*; 2: wrong usage/);
  });

  it('is 0 for a page that can be read but that nobody knows', async () => {
    const { exitCode, json } = await asJson('--file', saved('shop.prom', shop));
    expect(exitCode).toBe(0);
    expect(json).toEqual({ engine: 'unknown', ...nothing, problems: [expect.stringContaining('orders_total')] });
  });
});

describe('a URL without a path', () => {
  it.each(['', '/'])('is looked for under /metrics first (with "%s" at its end)', async (end) => {
    const { url, asked } = await serving({ '/metrics': vllm });
    expect(await asJson('--url', url + end)).toMatchObject({ exitCode: 0, json: { engine: 'vllm', concurrency: 5 } });
    expect(asked).toEqual(['/metrics']);
  });

  it.each([
    ['is not there', undefined],
    ['is a page that nobody knows', shop],
    ['is a page of GPUs', gpus],
    ['is HTML', '<!doctype html><html></html>'],
  ])('is found under a later path when /metrics %s', async (_name, page) => {
    const { url } = await serving({ '/v1/loads': loads, ...(page && { '/metrics': page }) });
    const { exitCode, json } = await asJson('--url', url);
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({ engine: 'sglang-loads', running: 6, waiting: 1, concurrency: 7 });
  });

  it.each([
    ['the first page of several that nobody knows', { '/metrics': shop, '/v1/loads': '{"a":1}' }, 'unknown', 'orders'],
    ['the page of GPUs', { '/metrics': gpus, '/v1/loads': '{"a":1}' }, 'dcgm', 'GPU exporter'],
    ['the first page that can be read', { '/metrics': '<html>', '/v1/loads': '{"a":1}' }, 'unknown', 'the keys a'],
  ])('tells of %s when none is better', async (_name, pages, engine, words) => {
    const { url, asked } = await serving(pages);
    const { exitCode, json } = await asJson('--url', url);
    expect(exitCode).toBe(0);
    expect(json).toEqual({ engine, ...nothing, problems: [expect.stringContaining(words)] });
    expect(asked).toEqual(knownPaths);
  });

  it('tells of the first one when none can be read', async () => {
    const { url, asked } = await serving({ '/metrics': '<html>' }, 'text/html');
    const { exitCode, json } = await asJson('--url', url);
    expect(exitCode).toBe(1);
    expect(json).toEqual({ engine: 'unknown', ...nothing, problems: [expect.stringMatching(/html/i)] });
    expect(asked).toEqual(knownPaths);
  });
});

describe('a URL with a path or a query', () => {
  it.each(['/stats', '/?format=prometheus', '?format=prometheus', '/metrics?name[]=a'])(
    'is used as it is: %s',
    async (rest) => {
      const { url, asked } = await serving({});
      expect(await asJson('--url', url + rest)).toMatchObject({ exitCode: 1, json: { engine: 'unknown' } });
      expect(asked).toEqual([rest.startsWith('?') ? `/${rest}` : rest]);
    },
  );
});

describe('what may be said of the page', () => {
  it('is its engine', async () => {
    const file = saved('two.prom', vllm + tgi);
    expect((await asJson('--file', file)).json.engine).toBe('vllm');
    const { exitCode, json } = await asJson('--file', file, '--engine', 'tgi');
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({ engine: 'tgi', running: 4, waiting: 1, concurrency: 5 });
  });

  it('is a wrong engine, which makes it unreadable', async () => {
    const { exitCode, json } = await asJson('--file', saved('vllm.prom', vllm), '--engine', 'tgi');
    expect(exitCode).toBe(1);
    expect(json).toEqual({ engine: 'tgi', ...nothing, problems: [expect.stringContaining('wrong-engine')] });
  });

  it('is a model, and those on the page are named when it is not among them', async () => {
    const file = saved('models.prom', vllm + vllm.replaceAll(/^#.*\n/gm, '').replaceAll('llama', 'mistral'));
    expect((await asJson('--file', file)).json).toMatchObject({ concurrency: 10, models: ['llama', 'mistral'] });
    expect((await asJson('--file', file, '--model', 'llama')).json).toMatchObject({ concurrency: 5 });
    const { exitCode, json } = await asJson('--file', file, '--model', 'lama');
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({ ...nothing, engine: 'vllm', models: ['llama', 'mistral'] });
    expect(String(json.problems)).toMatch(/lama.*llama.*mistral/);
  });

  it('is how a saved page was sent', async () => {
    const file = saved('eof.prom', `${vllm}# EOF\n${tgi}`);
    const sent = (contentType: string) => asJson('--file', file, '--content-type', contentType);
    expect((await sent('text/plain; version=0.0.4')).exitCode).toBe(0);
    expect((await sent('application/openmetrics-text; version=1.0.0')).exitCode).toBe(1);
  });

  it('is a file that is not there', async () => {
    const { exitCode, json } = await asJson('--file', join(folder, 'absent.prom'));
    expect(exitCode).toBe(1);
    expect(json.problems).toEqual([expect.stringContaining('absent.prom')]);
  });
});

describe('families that the user names', () => {
  const page = `# TYPE app_running gauge
app_running{model="a",kind="chat"} 3
app_running{model="b",kind="chat"} 4
app_running{model="a",kind="batch"} 9
# TYPE app_queue gauge
app_queue{model="a"} 2
# TYPE app_requests_total counter
app_requests_total{model="a"} 41
`;
  const chat = ['--running-metric', 'app_running{kind="chat"}'];
  const queue = ['--waiting-metric', 'app_queue'];
  const counter = ['--requests-metric', 'app_requests'];
  const file = saved('custom.prom', page);
  const custom = (...flags: readonly string[]) => ['--file', file, '--engine', 'custom', ...flags];

  const rows: readonly [flags: readonly string[], want: object, problems: readonly RegExp[]][] = [
    [[...chat, ...queue, ...counter], { running: 7, waiting: 2, concurrency: 9 }, []],
    [chat, { running: 7, concurrency: 7 }, [/^waiting: --waiting-metric is not set, so the running number counts/]],
    [[...chat, ...queue, '--model', 'a'], { running: 3, waiting: 2, concurrency: 5 }, []],
    [[...chat, ...queue, '--model', 'c'], {}, [/model "c" is not on this page/]],
    [queue, { waiting: 2 }, [/runningMetric is not set/]],
    [[...chat, '--waiting-metric', 'app_queu'], { running: 7 }, [/app_queu is not on this page.*app_queue/]],
    [
      [...chat, ...queue, '--requests-metric', 'app_asked'],
      { running: 7, waiting: 2, concurrency: 9 },
      [/^requests: no series of app_asked was counted$/],
    ],
  ];
  it.each(rows)('are read as a trigger with engine: custom reads them: %j', async (flags, want, problems) => {
    const { exitCode, json } = await asJson(...custom(...flags));
    expect(exitCode).toBe(0);
    const models = ['a', 'b'].slice(0, flags.includes('app_running{kind="chat"}') ? 2 : 1);
    expect(json).toEqual({
      ...{ engine: 'custom', ...nothing, models, ...want },
      problems: [
        ...problems.map((words) => expect.stringMatching(words)),
        expect.stringMatching(/^capacity and kvCacheR/),
      ],
    });
  });

  it('are found under a known path, too', async () => {
    const { url } = await serving({ '/metrics': page });
    const { json } = await asJson('--url', url, '--engine', 'custom', ...chat);
    expect(json).toMatchObject({ engine: 'custom', concurrency: 7 });
  });

  it('have their counter in the table for people', async () => {
    expect((await run(...custom(...chat, ...counter))).out).toMatch(/^requests {6}41 so far$/m);
    expect((await run(...custom(...chat))).out).not.toContain('requests ');
  });

  it('make a page without any of them unreadable', async () => {
    const { exitCode, json } = await asJson(...custom('--running-metric', 'app_runing'));
    expect(exitCode).toBe(1);
    const problem = expect.stringMatching(/^wrong-engine: app_runing is not on this page; similar.*app_running/);
    expect(json).toEqual({ engine: 'custom', ...nothing, problems: [problem] });
  });
});

const directory = process.env.FIXTURES_DIR ?? '../shared/fixtures';

interface Entry {
  readonly file: string;
  readonly engine: string;
  readonly explicitPreset?: boolean;
  readonly contentType?: string;
  readonly model?: string;
  readonly models?: readonly string[];
  readonly kvCacheRatio: number | null;
  readonly concurrency: number | null;
}

const isThere = existsSync(join(directory, 'expected.json'));
const entries: readonly Entry[] = isThere ? JSON.parse(readFileSync(join(directory, 'expected.json'), 'utf8')) : [];

describe.skipIf(!isThere)('pages with known answers', () => {
  it('are more than 35', () => expect(entries.length).toBeGreaterThan(35));

  it.each(entries.map((entry): [string, Entry] => [`${entry.file} ${entry.model ?? ''}`, entry]))(
    '%s is printed as known',
    async (_name, entry) => {
      const { file, engine, explicitPreset, contentType, model } = entry;
      const { exitCode, json } = await asJson(
        ...['--file', join(directory, file)],
        ...(explicitPreset ? ['--engine', engine] : []),
        ...(contentType ? ['--content-type', contentType] : []),
        ...(model ? ['--model', model] : []),
      );
      expect(exitCode).toBe(0);
      const known = Object.keys(nothing).filter((key) => key !== 'models' || entry.models !== undefined);
      const wanted = Object.fromEntries(known.map((key) => [key, entry[key as keyof Entry]]));
      const ratio = entry.kvCacheRatio === null ? null : expect.closeTo(entry.kvCacheRatio, 9);
      expect(json).toMatchObject({ ...wanted, engine, kvCacheRatio: ratio });
      if (entry.concurrency === null) expect(json.problems).not.toEqual([]);
    },
  );
});

describe('a page that is watched', () => {
  /** Sleeps no longer than it takes to say so. */
  function hastyClock(): Clock {
    let nowMs = 0;
    const sleep = async (ms: number) => {
      nowMs += ms;
    };
    return { nowMs: () => nowMs, sleep, random: () => 0.5 };
  }

  /** vLLM with five requests of 0.1 s at every moment, none of which a gauge shows. */
  async function oneTokenServer(): Promise<string> {
    let second = 0;
    const host = await servePage((response) => {
      const sums = `vllm:e2e_request_latency_seconds_sum ${second * 5}\nvllm:e2e_request_latency_seconds_count ${second * 50}\n`;
      second++;
      response.end(`vllm:num_requests_running 0\nvllm:num_requests_waiting 0\n${sums}`);
    });
    hosts.push(host);
    return `http://127.0.0.1:${host.port}/metrics`;
  }

  async function watch(...more: string[]) {
    const out: string[] = [];
    const argv = ['--url', await oneTokenServer(), '--watch', '10s', ...more];
    const exitCode = await probe(
      argv,
      { log: (line) => out.push(line), error: (line) => out.push(line) },
      hastyClock(),
    );
    return { exitCode, out };
  }

  it('shows what latency sums grew by beside the gauge, each second and at the end', async () => {
    const { exitCode, out } = await watch();
    expect(exitCode).toBe(0);
    expect(out).toHaveLength(11);
    expect(out.slice(0, 10)).toEqual(Array(10).fill('from latency sums: 5; gauge 0'));
    expect(out.at(-1)).toMatch(/^watched +from latency sums: 5; gauge 0$/m);
  });

  it('is one object as JSON', async () => {
    const { out } = await watch('--json');
    expect(out).toHaveLength(1);
    expect(JSON.parse(out[0]!)).toMatchObject({ engine: 'vllm', concurrency: 0, latencySums: 5 });
  });

  it('is no saved one', async () => {
    const { exitCode, err } = await run('--file', 'page.prom', '--watch', '10s');
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: [expect.stringContaining('--watch belongs to --url')] });
  });

  it('says that there is nothing to compare where a page has no such sums', async () => {
    const { url } = await serving({ '/metrics': tgi });
    const out: string[] = [];
    await probe(
      ['--url', `${url}/metrics`, '--watch', '3s'],
      { log: (line) => out.push(line), error: () => {} },
      hastyClock(),
    );
    expect(out[0]).toBe('this page prints no latency sums that count');
  });
});
