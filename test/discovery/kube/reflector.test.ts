import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/discovery/kube/kube-api.ts';
import type { Reflector } from '../../../src/discovery/kube/reflector.ts';
import { reflect } from '../../../src/discovery/kube/reflector.ts';
import type { Cluster } from '../cluster.ts';
import { cluster, pod, podsPath } from '../cluster.ts';

interface Labelled {
  readonly version: string | undefined;
}

const selector = { labelSelector: 'app=llama' };
let world: Cluster;
let open: Reflector<Labelled>[] = [];

function mirror(): Reflector<Labelled> {
  const project = ({ metadata }: KubeObject) => {
    if (metadata.name === 'odd') throw new TypeError('not what was expected');
    return { version: metadata.resourceVersion };
  };
  const made = reflect({ path: podsPath, resource: 'pods', namespace: 'models', selector, project }, world);
  open.push(made);
  return made;
}

const namesIn = (of: Reflector<Labelled>): string[] => [...of.current().items.keys()].sort();
const versionsIn = (of: Reflector<Labelled>): string =>
  stateOf([...of.current().items].map(([n, { version }]) => [n, version]));
const versionsAtServer = (): string =>
  stateOf(
    world.server
      .objects(podsPath, selector.labelSelector)
      .map(({ metadata }) => [metadata.name, metadata.resourceVersion]),
  );
const stateOf = (pairs: readonly (readonly unknown[])[]): string => JSON.stringify(pairs.map(String).sort());

/** Waits between attempts, without those of the watchdog. */
const delays = (): number[] => world.clock.slept.filter((ms) => ms < 100_000);

async function watching(): Promise<Reflector<Labelled>> {
  const made = mirror();
  await world.clock.until(() => world.events.lines.includes('opened pods'), 'a watch');
  return made;
}

beforeEach(async () => {
  world = await cluster();
  world.server.put(podsPath, pod('a'));
  world.server.put(podsPath, pod('other', { app: 'mistral' }));
});

afterEach(async () => {
  for (const each of open) each.close();
  open = [];
  await world.stop();
});

it('is unsynced until the first full list, then knows the objects of its selector', async () => {
  const pods = mirror();
  expect(pods.current()).toMatchObject({ synced: false, problem: undefined });
  await world.clock.until(() => pods.current().synced, 'a list');
  expect(namesIn(pods)).toEqual(['a']);
});

it('asks list and watch with the same selector, for bookmarks, and for an end within 5 to 10 minutes', async () => {
  await watching();
  const [list, watch] = world.server.requestsTo(podsPath).map((path) => new URL(path, 'http://x').searchParams);
  expect(list?.get('labelSelector')).toBe('app=llama');
  expect(list?.get('limit')).toBe('100');
  expect(watch?.get('labelSelector')).toBe('app=llama');
  expect(watch?.get('allowWatchBookmarks')).toBe('true');
  expect(watch?.get('resourceVersion')).toBe('102');
  expect(watch?.get('timeoutSeconds')).toBe('450');
});

it('follows additions, changes, deletions and objects that leave or join the selector, telling its listeners', async () => {
  const pods = await watching();
  let told = 0;
  pods.subscribe(() => {
    told += 1;
  });
  world.server.put(podsPath, pod('b'));
  world.server.put(podsPath, pod('other', { app: 'llama' }));
  world.server.put(podsPath, pod('a', { app: 'gone' }));
  world.server.delete(podsPath, 'b');
  await world.clock.until(() => told === 4, 'four changes', 0);
  expect(namesIn(pods)).toEqual(['other']);
  expect(world.server.requestsTo(podsPath)).toHaveLength(2);
});

it('reads a list in pages and publishes it only when it is whole', async () => {
  for (let count = 0; count < 9; count += 1) world.server.put(podsPath, pod(`p${count}`));
  world.server.pageSize = 3;
  const sizes: number[] = [];
  const pods = mirror();
  pods.subscribe(() => sizes.push(pods.current().items.size));
  await world.clock.until(() => pods.current().synced, 'a list');
  expect(sizes).toEqual([10]);
  expect(world.server.requestsTo('continue=')).toHaveLength(3);
});

const fatPod = (name: string, kilobytes: number) => {
  const { metadata, ...rest } = pod(name);
  return { ...rest, metadata: { ...metadata, annotations: { fat: 'x'.repeat(1000 * kilobytes) } } };
};
const limitsAsked = (): (string | null)[] =>
  world.server.requestsTo('limit=').map((path) => new URL(path, 'http://x').searchParams.get('limit'));

it('asks for fewer objects at a time where a page of fat ones is too large, and then has the whole list', async () => {
  await world.stop();
  world = await cluster({ atOnce: 16, usualBytes: 10_000, mostBytes: 50_000 });
  for (let nth = 0; nth < 30; nth += 1) world.server.put(podsPath, fatPod(`fat-${nth}`, 5));
  const pods = mirror();
  await world.clock.until(() => pods.current().synced, 'a list');
  expect(pods.current()).toMatchObject({ problem: undefined });
  expect(pods.current().items.size).toBe(30);
  expect(limitsAsked()).toEqual(['100', '50', '25', '12', '6', '6', '6', '6', '6']);
  expect(world.events.lines.filter((line) => line === 'too-large pods')).toHaveLength(4);
});

it('says that one object is too large, keeps the list it had, and goes on trying', async () => {
  await world.stop();
  world = await cluster({ atOnce: 16, usualBytes: 10_000, mostBytes: 50_000 });
  world.server.put(podsPath, pod('a'));
  const pods = await watching();
  world.server.put(podsPath, fatPod('fat', 60));
  world.server.compact();
  world.server.cutWatches();
  await world.clock.until(() => pods.current().problem !== undefined, 'a problem');
  expect(pods.current().problem).toContain("the Kubernetes API's answer is over 50000 B");
  expect(pods.current().synced).toBe(true);
  world.server.put(podsPath, pod('fat'));
  await world.clock.until(() => pods.current().problem === undefined, 'no problem');
  expect(namesIn(pods)).toEqual(['a', 'fat']);
});

it('starts a list again when its page token expires, and publishes nothing of the first try', async () => {
  for (let count = 0; count < 4; count += 1) world.server.put(podsPath, pod(`p${count}`));
  world.server.pageSize = 3;
  world.server.fail({ path: 'continue=', status: 410 });
  const pods = mirror();
  const seen: string[] = [];
  pods.subscribe(() => seen.push(namesIn(pods).join()));
  await world.clock.until(() => pods.current().synced, 'a list');
  expect(seen).toEqual(['a,p0,p1,p2,p3']);
  expect(world.server.requestsTo('limit=')).toHaveLength(4);
});

it.each(['status', 'event'] as const)(
  'lists again on 410 by %s, and the old list stands until the new one is whole',
  async (goneAs) => {
    const pods = await watching();
    world.server.goneAs = goneAs;
    world.server.fail({ path: podsPath, only: 'list', status: 500, times: 3 });
    world.server.cutWatches();
    world.server.put(podsPath, pod('b'));
    world.server.delete(podsPath, 'a');
    world.server.compact();
    const seen = new Set<string>();
    pods.subscribe(() => seen.add(namesIn(pods).join()));
    await world.clock.until(() => pods.current().problem !== undefined, 'a problem');
    expect(namesIn(pods)).toEqual(['a']);
    expect(pods.current()).toMatchObject({ synced: true, problem: expect.stringContaining('answered 500') });
    await world.clock.until(() => namesIn(pods).includes('b'), 'the new list');
    expect([...seen]).toEqual(['a', 'b']);
    expect(pods.current().problem).toBeUndefined();
    expect(world.events.lines).toContain('expired pods');
    expect(world.events.lines).toContain('listed again pods');
  },
);

it('takes a cut watch up where it was, without listing again', async () => {
  const pods = await watching();
  for (let cut = 0; cut < 20; cut += 1) {
    world.server.cutWatches(cut % 2 === 0);
    world.server.put(podsPath, pod(`p${cut}`));
    await world.clock.until(() => namesIn(pods).includes(`p${cut}`), `p${cut}`);
  }
  expect(versionsIn(pods)).toBe(versionsAtServer());
  expect(world.server.requestsTo('limit=')).toHaveLength(1);
  expect(pods.current().problem).toBeUndefined();
  expect(delays()).toEqual(Array(20).fill(75));
});

it('does not wait longer from one quiet watch to the next, if each had its time', async () => {
  const pods = await watching();
  for (let ended = 1; ended <= 5; ended += 1) {
    world.clock.advance(6_000);
    world.server.endWatches();
    await world.clock.until(
      () => world.events.lines.filter((line) => line === 'opened pods').length > ended,
      'a watch',
    );
  }
  expect(delays()).toEqual(Array(5).fill(75));
  expect(pods.current().problem).toBeUndefined();
});

it('goes on from the last bookmark, so that a quiet watch does not expire', async () => {
  const pods = await watching();
  world.server.put('/api/v1/namespaces/models/services', pod('noise'));
  world.server.bookmark();
  world.server.compact();
  // Ended, not cut: what was written before the end arrives.
  world.server.endWatches();
  world.server.put(podsPath, pod('b'));
  await world.clock.until(() => namesIn(pods).includes('b'), 'b');
  expect(world.server.requestsTo('limit=')).toHaveLength(1);
});

it.each([
  ['no JSON', 'nonsense\n'],
  ['JSON that is no event', '[]\n'],
  ['an event of unknown type', '{"type":"RENAMED","object":{"metadata":{"name":"x"}}}\n'],
  ['an object without a name', '{"type":"ADDED","object":{"metadata":{}}}\n'],
])('counts a malformed line (%s) and lists again', async (_name, line) => {
  const pods = await watching();
  world.server.send(line);
  await world.clock.until(() => world.events.lines.includes('listed again pods'), 'a new list');
  expect(world.events.lines).toContain('malformed pods');
  expect(namesIn(pods)).toEqual(['a']);
});

it('keeps its list while there is an object it cannot make sense of, and names it', async () => {
  const pods = await watching();
  world.server.put(podsPath, pod('odd'));
  world.server.put(podsPath, pod('b'));
  await world.clock.until(() => pods.current().problem !== undefined, 'a problem');
  expect(pods.current()).toMatchObject({
    synced: true,
    problem: expect.stringContaining('cannot make sense of "odd"'),
  });
  expect(namesIn(pods)).toEqual(['a']);
  world.server.delete(podsPath, 'odd');
  await world.clock.until(() => pods.current().problem === undefined, 'no problem');
  expect(namesIn(pods)).toEqual(['a', 'b']);
});

it.each([
  ['refused by RBAC', { status: 403 }, 'RBAC must grant get, list and watch on pods', 'forbidden pods'],
  ['unknown to the server', { status: 404 }, 'does not know pods', 'not-found pods'],
  ['not authenticated', { status: 401 }, 'does not accept our credentials', 'http-status pods'],
  ['failing', { status: 500 }, 'answered 500', 'http-status pods'],
  ['cut before its answer', { cut: 'before' }, 'cannot reach the Kubernetes API', 'unreachable pods'],
  ['cut in the middle of a list', { cut: 'middle' }, 'cannot reach the Kubernetes API', 'unreachable pods'],
] as const)('when %s: unsynced, says so, and never stops trying', async (_name, fault, words, counted) => {
  world.server.fail({ path: podsPath, times: 30, ...fault });
  const pods = mirror();
  await world.clock.until(() => pods.current().problem !== undefined, 'a problem');
  expect(pods.current().synced).toBe(false);
  expect(pods.current().problem).toContain(words);
  expect(pods.current().problem).toContain(
    'namespace "models"'.slice(0, counted.startsWith('not-found') ? 0 : undefined),
  );
  await world.clock.until(() => pods.current().synced, 'a list after 30 failures', 5_000);
  expect(pods.current().problem).toBeUndefined();
  expect(world.events.lines.filter((line) => line === counted)).toHaveLength(30);
});

it.each([
  ['no version', { metadata: {}, items: [] }],
  ['items that are none', { metadata: { resourceVersion: '5' }, items: ['a'] }],
  ['something else', 'ok'],
])('takes a list with %s for no list', async (_name, document) => {
  world.server.documents.set(podsPath, document);
  const pods = mirror();
  await world.clock.until(() => pods.current().problem !== undefined, 'a problem');
  expect(pods.current()).toMatchObject({
    synced: false,
    problem: expect.stringContaining('did not answer with a list'),
  });
  expect(world.events.lines).toContain('malformed pods');
});

it('takes a list whose items are null for an empty one', async () => {
  world.server.documents.set(podsPath, { metadata: { resourceVersion: '5' }, items: null });
  const pods = mirror();
  await world.clock.until(() => pods.current().synced, 'a list');
  expect(namesIn(pods)).toEqual([]);
});

it('says that a watch is refused though the list was not, and takes it back once it is open', async () => {
  world.server.fail({ path: podsPath, only: 'watch', status: 403, times: 5 });
  const pods = mirror();
  await world.clock.until(() => pods.current().problem !== undefined, 'a problem');
  expect(pods.current()).toMatchObject({ synced: true, problem: expect.stringContaining('RBAC') });
  await world.clock.until(() => pods.current().problem === undefined, 'no problem');
  expect(namesIn(pods)).toEqual(['a']);
});

it('says so when listing again does not cure an expired version', async () => {
  world.server.fail({ path: podsPath, only: 'watch', status: 410, times: 1_000 });
  const pods = mirror();
  await world.clock.until(() => pods.current().problem !== undefined, 'a problem');
  expect(pods.current()).toMatchObject({ synced: true, problem: expect.stringContaining('answered 410') });
  expect(namesIn(pods)).toEqual(['a']);
});

it('waits longer after each failure, up to half a minute, with chance in it', async () => {
  world.server.fail({ path: podsPath, times: 14, status: 500 });
  const pods = mirror();
  await world.clock.until(() => pods.current().synced, 'a list', 5_000);
  expect(world.clock.slept.slice(0, 5)).toEqual([75, 150, 300, 600, 1_200]);
  expect(world.clock.slept[13]).toBe(22_500);
});

it('does not ask in a tight loop when every watch ends at once', async () => {
  await watching();
  const before = world.server.requests.length;
  const startMs = world.clock.nowMs();
  for (let turn = 0; turn < 200; turn += 1) {
    world.server.endWatches();
    await world.clock.until(() => true, '');
    world.clock.advance(10);
    await world.clock.settle(1);
  }
  expect(world.clock.nowMs() - startMs).toBe(2_000);
  expect(world.server.requests.length - before).toBeLessThan(10);
});

it('takes a silent connection for dead and opens a new watch, but not one on which bookmarks come', async () => {
  const pods = await watching();
  for (let minute = 0; minute < 5; minute += 1) {
    world.clock.advance(60_000);
    world.server.bookmark();
    await world.clock.settle();
  }
  expect(world.server.requestsTo('watch=')).toHaveLength(1);
  world.clock.advance(150_000);
  await world.clock.until(() => world.server.requestsTo('watch=').length === 2, 'a new watch');
  expect(world.events.lines).toContain('silent pods');
  expect(world.server.requestsTo('limit=')).toHaveLength(1);
  expect(pods.current().problem).toBeUndefined();
});

it('closes its watch and asks nothing more', async () => {
  const pods = await watching();
  pods.close();
  await world.clock.until(() => world.server.openWatches() === 0, 'no watch', 0);
  const asked = world.server.requests.length;
  world.clock.advance(100_000);
  await world.clock.settle();
  expect(world.server.requests).toHaveLength(asked);
  expect(world.clock.sleeping).toBe(0);
  expect(world.events.lines.filter((line) => line === 'opened pods')).toHaveLength(1);
  expect(world.events.lines.filter((line) => line === 'closed pods')).toHaveLength(1);
});

type Step =
  | 'put'
  | 'delete'
  | 'leave'
  | 'cut'
  | 'half-line'
  | 'end'
  | 'compact'
  | 'refuse'
  | 'garbage'
  | 'bookmark'
  | 'pass';
const steps: readonly Step[] = [
  'put',
  'put',
  'delete',
  'leave',
  'cut',
  'half-line',
  'end',
  'compact',
  'refuse',
  'garbage',
  'bookmark',
  'pass',
];

/** Does one thing to the server. */
async function take(step: Step, name: string): Promise<void> {
  const { server, clock } = world;
  if (step === 'put') server.put(podsPath, pod(name));
  if (step === 'delete') server.delete(podsPath, name);
  if (step === 'leave') server.put(podsPath, pod(name, { app: 'gone' }));
  if (step === 'cut') server.cutWatches();
  if (step === 'half-line') server.cutWatches(true);
  if (step === 'end') server.endWatches();
  if (step === 'compact') server.compact();
  if (step === 'refuse') server.fail({ path: podsPath, status: 500 });
  if (step === 'garbage') server.send('{"type":\n');
  if (step === 'bookmark') server.bookmark();
  if (step === 'pass') clock.advance(500);
  if (step === 'pass' || step === 'bookmark') await clock.settle(2);
}

it('whatever is cut, refused or forgotten: each list it shows was once the whole truth, and the last is the present one', async () => {
  const script = fc.array(fc.tuple(fc.constantFrom(...steps), fc.integer({ min: 0, max: 9 })), {
    minLength: 20,
    maxLength: 60,
  });
  const property = fc.asyncProperty(script, fc.constantFrom('status', 'event'), async (script, goneAs) => {
    world.server.heal();
    world.server.goneAs = goneAs as 'status' | 'event';
    world.server.pageSize = 3;
    const truths = new Set([versionsAtServer()]);
    const pods = mirror();
    const lies: string[] = [];
    pods.subscribe(() => {
      if (pods.current().synced && !truths.has(versionsIn(pods))) lies.push(versionsIn(pods));
    });
    for (const [step, number] of script) {
      await take(step, `p${number}`);
      truths.add(versionsAtServer());
    }
    world.server.heal();
    await world.clock.until(
      () => pods.current().synced && versionsIn(pods) === versionsAtServer(),
      'the present',
      1_000,
    );
    pods.close();
    expect(lies).toEqual([]);
  });
  await fc.assert(property, { numRuns: 30 });
});
