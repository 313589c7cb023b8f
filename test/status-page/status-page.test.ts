import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { calculationOf } from '../../src/status-page/calculation.ts';
import type { PageContext } from '../../src/status-page/document.ts';
import { MOST_ENDPOINTS } from '../../src/status-page/endpoints.ts';
import { renderObjectPage } from '../../src/status-page/object-page.ts';
import { renderOverview, TRIGGERS_PER_PAGE } from '../../src/status-page/overview.ts';
import { parseStatusQuery } from '../../src/status-page/query.ts';
import { contentSecurityPolicy } from '../../src/status-page/style.ts';
import { bytesWords, spanWords, urlWords } from '../../src/status-page/words.ts';
import type { TriggerStatus } from '../../src/triggers/trigger-status.ts';
import { endpointStatus, holdingStatus, refusedTrigger, statuses, triggerStatus } from '../fakes/trigger-status.ts';

function context(query = '', root = ''): PageContext {
  const process = { version: '1.2.3', uptimeSeconds: 60, ready: true, why: undefined };
  return { process, query: parseStatusQuery(`/status${query}`), root, madeAt: new Date(0) };
}

function overview(triggers: readonly TriggerStatus[], query = ''): string {
  return renderOverview(statuses(...triggers), context(query));
}

function objectPage(changes: Partial<TriggerStatus> = {}, ...others: TriggerStatus[]): string {
  return renderObjectPage(llama, statuses(triggerStatus(changes), ...others), context('', '../../'));
}

const llama = { namespace: 'models', name: 'llama' };

/** What is read of markup. */
function textOf(markup: string): string {
  const body = markup.slice(markup.indexOf('<body>')).replace(/<[^>]*>/g, ' ');
  return body.replaceAll('&quot;', '"').replace(/\s+/g, ' ');
}

function namesIn(markup: string): string[] {
  return [...markup.matchAll(/<th role="rowheader"[^>]*><a href="([^"]*)"/g)].map(([, href]) => href!);
}

const invalid = () =>
  triggerStatus({ scaledObject: 'gone', decision: 'hold', invalid: true, problem: 'no such thing' });
const partly = () => triggerStatus({ scaledObject: 'partly', unreadable: 1 });
const idle = () => triggerStatus({ scaledObject: 'idle', active: false, activeReason: undefined, loadNow: 0 });

describe('the overview', () => {
  it('has problems first, then names in order', () => {
    const page = overview([idle(), triggerStatus(), partly(), holdingStatus({ scaledObject: 'holds' }), invalid()]);
    const names = ['gone', 'holds', 'partly', 'llama', 'idle'];
    expect(namesIn(page)).toEqual(names.map((name) => `status/models/${name}`));
    expect(page).toContain('<title>3 of 5 need attention · keda-llm-scaler</title>');
  });

  it.each([
    ['', 5],
    ['?show=invalid', 1],
    ['?show=holding', 1],
    ['?show=warning', 1],
    ['?show=active', 2],
    ['?show=idle', 1],
    ['?show=else', 5],
    ['?namespace=models', 5],
    ['?namespace=model', 0],
    ['?name=l', 4],
    ['?name=l&show=idle', 1],
    ['?page=0', 5],
    ['?page=77', 5],
    ['?page=-1', 5],
  ])('shows what "%s" asks for: %i', (query, count) => {
    const all = [idle(), triggerStatus(), partly(), holdingStatus({ scaledObject: 'holds-l' }), invalid()];
    expect(namesIn(overview(all, query))).toHaveLength(count);
  });

  it('lists what is refused below, by the same choice of names, with its words', () => {
    const refused = [refusedTrigger(), refusedTrigger({ namespace: 'chat', reason: 'denied-by-policy' })];
    const page = renderOverview({ triggers: [triggerStatus()], refused }, context());
    expect(page).toContain('<title>2 refused, 1 trigger · keda-llm-scaler</title>');
    expect(namesIn(page)).toEqual(['status/models/llama', 'status/models/typo', 'status/chat/typo']);
    expect(textOf(page)).toContain('The one trigger there is reports. 2 are refused.');
    expect(textOf(page)).toContain('invalid trigger metadata targetValue: expected a number above 0, found "eight"');
    const chosen = renderOverview({ triggers: [triggerStatus()], refused }, context('?namespace=chat'));
    expect(namesIn(chosen)).toEqual(['status/chat/typo']);
    const query = (show: string) => renderOverview({ triggers: [], refused }, context(`?show=${show}`));
    expect(namesIn(query('invalid'))).toHaveLength(2);
    expect(namesIn(query('holding'))).toEqual([]);
    expect(overview([triggerStatus()])).not.toContain('Refused');
  });

  it('says that no trigger is followed where all are refused', () => {
    const page = renderOverview({ triggers: [], refused: [refusedTrigger()] }, context());
    expect(textOf(page)).toContain('No trigger is followed. 1 is refused.');
  });

  it('shows so many refused and leaves out the rest in words', () => {
    const refused = Array.from({ length: 60 }, (_, at) => refusedTrigger({ scaledObject: `typo-${at}` }));
    const page = renderOverview({ triggers: [], refused }, context());
    expect(namesIn(page)).toHaveLength(50);
    expect(textOf(page)).toContain('10 more are left out here');
  });

  it.each<[string, Partial<TriggerStatus>, string]>([
    ['a list that can’t be renewed', { problem: 'no answer' }, 'the list of endpoints can’t be renewed'],
    ['an unreadable endpoint', { unreadable: 2 }, '2 endpoints unreadable'],
    ['endpoints beyond the limit', { endpointsBeyondLimit: 1 }, '1 endpoint beyond the limit'],
    [
      'a gateway that can’t be read',
      {
        gateway: {
          state: 'unreadable',
          held: 0,
          inFlight: 0,
          unknown: 0,
          sharedWith: 0,
          isGivenUp: false,
          problem: undefined,
          endpoints: [],
        },
      },
      'gateway unreadable',
    ],
    ['a suspect engine', { endpoints: [endpointStatus({ suspect: true })] }, '1 endpoint suspect'],
    ['a GPU at work under an idle page', { activeReason: 'gpu-busy' }, 'GPU busy under an idle page'],
  ])('warns of %s', (_name, changes, words) => {
    expect(overview([triggerStatus(changes)])).toContain(`Warning: ${words}`);
    expect(overview([triggerStatus()])).not.toContain('Warning:');
  });

  it('shows what is refused of one ScaledObject above what is followed of it', () => {
    const refused = [refusedTrigger({ scaledObject: 'llama' })];
    const both = renderObjectPage(llama, { triggers: [triggerStatus()], refused }, context());
    expect(both).toContain('<title>Refused: models/llama · keda-llm-scaler</title>');
    expect(textOf(both)).toMatch(/Refused.*found "eight".*How the number comes about/s);
    const alone = renderObjectPage(llama, { triggers: [], refused }, context());
    expect(alone).toContain('<title>Refused: models/llama · keda-llm-scaler</title>');
    expect(textOf(alone)).not.toContain('How the number comes about');
  });

  it('tells triggers of one ScaledObject and metric apart', () => {
    const two = [triggerStatus({ scope: 'model a' }), triggerStatus({ scope: 'model b' })];
    expect(textOf(overview(two))).toMatch(/concurrency, model a .*concurrency, model b /);
    expect(textOf(objectPage({ scope: 'model <a>' }))).toContain('model &lt;a&gt; ; requests running and waiting');
  });

  it('shows what latency sums say of an endpoint, beside what its gauge does', () => {
    const words = 'from latency sums: 4.6; gauge 0';
    const latencySums = { burst: 4.6, window: 3, meanSeconds: 0.1, words };
    expect(textOf(objectPage({ endpoints: [endpointStatus({ concurrency: 0, latencySums })] }))).toContain(words);
    expect(textOf(objectPage())).not.toContain('latency sums');
  });

  it('says what is not known, and never that it is zero', () => {
    const row = textOf(overview([holdingStatus()])).split('Data age')[1]!;
    expect(row).toContain('Holding unknown 32 1 as it is nothing readable');
    const listless = holdingStatus({
      discoverySynced: false,
      replicas: undefined,
      readable: 0,
      unreadable: 0,
      endpoints: [],
    });
    expect(textOf(overview([listless])).split('Data age')[1]).toContain('Holding unknown 32 unknown as it is');
    const page = textOf(renderObjectPage(llama, statuses(listless), context()));
    for (const words of [
      'Replicas now unknown',
      'Endpoints read unknown',
      'their list is not known unknown',
      'Not known.',
    ]) {
      expect(page).toContain(words);
    }
  });

  it('is bounded, and leads through all of it', () => {
    const many = Array.from({ length: 1000 }, (_, at) =>
      triggerStatus({ scaledObject: `o${at}`, namespace: `n${at}` }),
    );
    const seen = new Set<string>();
    let pages = 0;
    for (let query: string | undefined = '?show=active'; query !== undefined; pages++) {
      const page = overview(many, query);
      expect(page.length).toBeLessThan(200_000);
      const names = namesIn(page);
      expect(names).toHaveLength(TRIGGERS_PER_PAGE);
      for (const name of names) seen.add(name);
      query = /href="([^"]*)">Next page/.exec(page)?.[1]?.replaceAll('&amp;', '&');
    }
    expect([pages, seen.size]).toEqual([10, 1000]);
    expect(overview(many)).toContain('800 more namespaces are not offered here');
    expect(overview(many, '?namespace=n999')).toContain('<option value="n999" selected>');
  });

  it('says so where there is nothing', () => {
    expect(overview([])).toContain('KEDA has not asked about any trigger yet.');
    expect(overview([])).not.toContain('<form');
    expect(overview([triggerStatus()], '?show=idle')).toContain('No trigger is shown.');
  });

  it('refreshes only where that was wished, and keeps the wish', () => {
    expect(overview([triggerStatus()])).not.toContain('http-equiv');
    const page = overview([triggerStatus()], '?refresh=7&namespace=models');
    expect(page).toContain('<meta http-equiv="refresh" content="7">');
    expect(page).toContain('href="?namespace=models&amp;show=idle&amp;refresh=7"');
    expect(page).toContain('<input type="hidden" name="refresh" value="7">');
    expect(overview([], '?refresh=99999')).toContain('content="3600"');
    for (const wrong of ['0', '-1', 'x', '1e3', ''])
      expect(overview([], `?refresh=${wrong}`)).not.toContain('http-equiv');
  });
});

describe('the page of a ScaledObject', () => {
  it('fills every step with its numbers', () => {
    const steps = calculationOf(
      triggerStatus({
        endpoints: [endpointStatus(), endpointStatus({ state: 'unreadable', bounds: { low: 0, high: 32 } })],
        gateway: {
          state: 'read',
          held: 4,
          inFlight: 9,
          unknown: 0,
          sharedWith: 0,
          isGivenUp: false,
          problem: undefined,
          endpoints: [],
        },
        now: { low: 16, high: 48 },
        windows: { windowMs: 60_000, burstWindowMs: 6000, stable: { low: 14, high: 46 }, burst: { low: 15, high: 47 } },
        windowed: { low: 15, high: 47 },
        metricValue: 47,
        noChangeValue: 64,
        settledBy: 'upper-bound',
        replicas: 2,
        desiredReplicas: 2,
      }),
    );
    expect(steps.map(({ name, number }) => [name, number])).toEqual([
      ['Endpoints', '12 to 44'],
      ['In front', '13'],
      ['Now', '16 to 48'],
      ['Mean over 1 min', '14 to 46'],
      ['Mean over 6 s', '15 to 47'],
      ['Larger of both', '15 to 47'],
      ['No change', '64'],
      ['Value', '47'],
      ['Replicas wanted', '2'],
    ]);
    expect(steps[0]!.how).toBe('sum over all: 1 read, 1 unreadable');
    expect(steps[1]!.how).toContain('4 held, which add; 9 in flight');
    expect(steps[7]!.how).toContain('even the most is below “no change”');
    expect(steps[8]!.how).toContain('47 ÷ 32 = 1.469, rounded up');
  });

  const ending = endpointStatus({ phase: 'terminating', bounds: { low: 0, high: 5 } });
  it.each<[string, Partial<TriggerStatus>, string]>([
    ['a mean', { aggregation: 'mean', replicas: 2, endpoints: [endpointStatus(), ending] }, '6 to 8.5'],
    [
      'a mean, shared among those asked for',
      { aggregation: 'mean', endpoints: [endpointStatus(), ending] },
      '12 to 17',
    ],
    ['the largest', { aggregation: 'max', endpoints: [endpointStatus(), ending] }, '12'],
    ['what ends', { endpoints: [endpointStatus(), ending] }, '12 to 17'],
    ['what ends, at zero', { replicas: 0, endpoints: [ending] }, '0'],
    ['what is not serving', { endpoints: [endpointStatus({ state: 'not-serving' })] }, '0'],
    ['what the limit leaves out', { endpointsBeyondLimit: 2 }, '12 to 76'],
  ])('adds up %s', (_name, changes, number) => {
    expect(calculationOf(triggerStatus(changes))[0]!.number).toBe(number);
  });

  it.each<[string, Partial<TriggerStatus>, string]>([
    ['held back by nothing readable', holdingStatus(), 'the only endpoint can’t be read'],
    ['held back by several', holdingStatus({ unreadable: 3 }), 'none of 3 endpoints can be read'],
    [
      'held back, and kept',
      holdingStatus({ told: { metricValue: 32, active: true } }),
      'it was active before, so KEDA is told no change',
    ],
    [
      'held back by discovery',
      holdingStatus({ holdReason: 'discovery-not-synced' }),
      'the endpoints are not known yet',
    ],
    ['not worked out', holdingStatus({ holdReason: undefined }), 'no cycle has come to an end'],
    ['exact', {}, 'everything was read, so it is exact'],
    ['bound by no change', { settledBy: 'no-change' }, 'so “no change” is said'],
    ['bound from below', { settledBy: 'lower-bound' }, 'even the least is above “no change”'],
    ['tolerated', { metricValue: 34, desiredReplicas: 1 }, '34 ÷ 32 = 1.063, within 10 % of what there is'],
    ['started', { replicas: 0, desiredReplicas: 1 }, 'active at zero: KEDA starts one'],
    ['left at zero', { replicas: 0, desiredReplicas: 0, active: false }, 'inactive at zero: none is started'],
    ['of a mean', { aggregation: 'mean', desiredReplicas: undefined }, '0.391 × ready'],
    ['of a mean over time', { metric: 'timeToFirstToken' }, 'a mean over 1 min already'],
    ['active by load', {}, 'Active: the load now, 12, is above activationTargetValue 0.'],
    ['active by what is held', { activeReason: 'requests-held' }, 'requests are held in front'],
    ['active by serving', { activeReason: 'serving' }, 'a replica is serving requests'],
    ['active by a short request', { activeReason: 'request-finished' }, 'too short to be seen running'],
    ['active still', { activeReason: 'recently-active' }, 'was active within idleAfter'],
    ['active by a GPU', { activeReason: 'gpu-busy' }, 'a GPU is at work'],
    ['active by starting', { activeReason: 'starting' }, 'replicas are starting'],
    ['idle', { active: false, loadNow: 0 }, 'Inactive: nothing runs and nothing waits.'],
    ['below its threshold', { active: false, activationTargetValue: 20 }, 'is not above activationTargetValue 20'],
  ])('explains a number that is %s', (_name, changes, words) => {
    expect(textOf(objectPage(changes))).toContain(words);
  });

  it('shows an endpoint’s failure in words, the worst first, and its URL without secrets', () => {
    const page = objectPage({
      endpoints: [
        endpointStatus({ name: 'fine', gpuUtilizationRatio: 0.5, gpuXids: [79], kvCacheRatio: 0.25, capacity: 256 }),
        endpointStatus({
          name: 'lost',
          url: 'https://10.0.0.2:8000/metrics?token=secret',
          state: 'unreadable',
          failure: 'unauthorized',
          detail: 'expected a page, got status 401',
          ageMs: undefined,
          running: undefined,
          bounds: { low: 0, high: 32 },
        }),
      ],
    });
    expect(page.indexOf('>lost<')).toBeLessThan(page.indexOf('>fine<'));
    expect(page).not.toContain('secret');
    const text = textOf(page);
    expect(text).toContain('https://10.0.0.2:8000/metrics?…');
    expect(text).toContain('unreadable – unknown 0 0 to 32 never unauthorized : expected a page, got status 401');
    expect(text).toContain('vllm: llama ; room for 256; KV cache 25 %; GPU 50 % busy; last GPU error XID 79');
  });

  it('says what is wrong with the list of endpoints, and says it once', () => {
    const problem = 'no answer from the API';
    const times = (why: string) => objectPage({ problem, why }).split(problem).length - 1;
    expect([times('12 requests'), times(`holding: ${problem}`)]).toEqual([1, 1]);
  });

  it('shows each trigger of the ScaledObject, the worst first', () => {
    const page = objectPage({}, holdingStatus({ metric: 'kvCache' }));
    expect([...page.matchAll(/<h2>(\w+) /g)].map(([, metric]) => metric)).toEqual(['kvCache', 'concurrency']);
    expect(page).toContain('<title>Holding: models/llama · keda-llm-scaler</title>');
  });

  it('is bounded', () => {
    const models = Array.from({ length: 5000 }, (_, at) => `model-${at}`);
    const endpoints = Array.from({ length: 5000 }, (_, at) => endpointStatus({ name: `e${at}`, models }));
    const page = objectPage({ endpoints, why: 'w'.repeat(100_000), problem: 'p'.repeat(100_000) });
    expect(page.match(/<th role="rowheader"[^>]*><bdi>e\d/g)).toHaveLength(MOST_ENDPOINTS);
    expect(page).toContain('4800 are left out here and stand in the JSON');
    expect(page).toContain('and 4992 more');
    expect(page.length).toBeLessThan(400_000);
    const crowd = Array.from({ length: 30 }, () => triggerStatus());
    expect(objectPage({}, ...crowd)).toContain('11 more triggers are left out here');
  });

  it('has one heading of the first order and no step left out below it', () => {
    const gateway = {
      state: 'read',
      held: 1,
      inFlight: 0,
      unknown: 0,
      sharedWith: 0,
      isGivenUp: false,
      problem: undefined,
      endpoints: [],
    } as const;
    for (const page of [objectPage({ gateway }), overview([triggerStatus()])]) {
      const orders = [...page.matchAll(/<h([1-6])/g)].map(([, order]) => Number(order));
      expect(orders[0]).toBe(1);
      expect(orders.filter((order) => order === 1)).toHaveLength(1);
      expect(orders.every((order, at) => at === 0 || order <= orders[at - 1]! + 1)).toBe(true);
    }
  });
});

describe('every page', () => {
  const evil = '</title></style><script>alert(1)</script><img src=x onerror=alert(1)>"\'`\u202e\u0000\n';
  const everywhere = triggerStatus({
    namespace: evil,
    scaledObject: evil,
    metricName: evil,
    why: evil,
    problem: evil,
    endpoints: [
      endpointStatus({
        name: evil,
        url: `http://a/${evil}`,
        node: evil,
        models: [evil],
        problems: [evil],
        detail: evil,
        failure: evil,
      }),
    ],
    gateway: {
      state: 'read',
      held: 0,
      inFlight: 0,
      unknown: 0,
      sharedWith: 0,
      isGivenUp: false,
      problem: evil,
      endpoints: [
        { name: evil, url: evil, engine: evil, requests: 1, ageMs: 1, failure: evil, detail: evil },
        { name: evil, url: evil, engine: evil, requests: 1, ageMs: 1, failure: undefined, detail: evil },
      ],
    },
    changes: [{ agoMs: 1, metricValue: 1, active: true, why: evil }],
  });
  const query = `?${new URLSearchParams({ namespace: evil, name: evil, show: evil, format: evil, page: evil, refresh: evil })}`;
  const refused = [refusedTrigger({ namespace: evil, scaledObject: evil, detail: evil })];
  const hostile = { triggers: [everywhere], refused };
  const pages = [
    renderOverview(hostile, context()),
    renderOverview(hostile, context(query)),
    renderObjectPage({ namespace: evil, name: evil }, hostile, context(query)),
  ];

  it.each(pages.map((page, at) => ({ page, at })))('keeps hostile text text: page $at', ({ page }) => {
    expect(page).not.toMatch(/<script|<img|<\/title>.*<\/title>|\u202e|(?!\n)\p{Cc}/su);
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    const handlers = [...page.matchAll(/<[a-z][^>]*>/g)].filter(([tag]) =>
      /\son\w+\s*=/.test(tag.replace(/"[^"]*"/g, '""')),
    );
    expect(handlers).toEqual([]);
    expect(page).toContain('&lt;script&gt;');
  });

  it('has the style sheet that its policy names, and nothing that would have to be loaded', () => {
    const style = /<style>(.*?)<\/style>/s.exec(overview([]))![1]!;
    const hash = createHash('sha256').update(style).digest('base64');
    expect(contentSecurityPolicy).toContain(`style-src 'sha256-${hash}'`);
    expect(contentSecurityPolicy).not.toMatch(/unsafe|\*|https?:/);
    const attributes = pages.flatMap((page) =>
      [...page.matchAll(/<[a-z][^>]*>/g)].flatMap(([tag]) => tag.replace(/"[^"]*"/g, '""').match(/[\w-]+(?==)/g) ?? []),
    );
    expect(attributes.length).toBeGreaterThan(100);
    expect(attributes.filter((name) => /^(src|srcset|style|on\w+)$/.test(name))).toEqual([]);
    for (const page of pages) {
      expect(page).not.toMatch(/url\(|@import/);
      expect([...page.matchAll(/<link[^>]*href="([^"]*)"/g)].map(([, href]) => href!.slice(0, 19))).toEqual([
        'data:image/svg+xml,',
      ]);
    }
  });
});

describe('words', () => {
  it.each([
    [undefined, 'unknown'],
    [0, '0 s'],
    [949, '0.9 s'],
    [9940, '9.9 s'],
    [9990, '10 s'],
    [59_400, '59 s'],
    [59_600, '1 min'],
    [3_599_000, '1 h 0 min'],
    [8_100_000, '2 h 15 min'],
    [200_000_000, '2 d 7 h'],
    [-5, '0 s'],
  ])('%s milliseconds are %s', (spanMs, words) => expect(spanWords(spanMs)).toBe(words));

  it('sizes and addresses', () => {
    expect([bytesWords(999), bytesWords(50_400)]).toEqual(['999 B', '50 kB']);
    expect(urlWords('http://user:pass@host/metrics?a#b')).toBe('http://…@host/metrics?…');
  });
});
