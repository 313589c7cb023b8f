import { describe, expect, it } from 'vitest';
import { ask, startPages as start } from '../fakes/admin-pages.ts';
import { holdingStatus, refusedTrigger, statuses, triggerStatus } from '../fakes/trigger-status.ts';

describe('status', () => {
  it('starts with why, and says null for what is unknown', async () => {
    const server = await start({ status: () => statuses(holdingStatus()) });
    server.setReady(true);
    const { code, body } = await ask(server, '/status');
    const page = JSON.parse(body);
    expect(code).toBe(200);
    expect(Object.keys(page)).toEqual(['version', 'uptimeSeconds', 'ready', 'why', 'refused', 'triggers']);
    expect(page).toMatchObject({ version: '1.2.3', ready: true, why: null, uptimeSeconds: 0 });
    const [trigger] = page.triggers;
    expect(Object.keys(trigger).slice(0, 4)).toEqual(['why', 'problem', 'namespace', 'scaledObject']);
    expect(Object.keys(trigger).at(-1)).toBe('endpoints');
    expect(trigger).toMatchObject({
      metricValue: null,
      desiredReplicas: null,
      dataAgeMs: null,
      holdReason: 'nothing-readable',
    });
    expect(trigger.endpoints[0]).toMatchObject({ state: 'unreadable', running: null, failure: 'timeout' });
  });

  it('leaves out nothing of a trigger', async () => {
    const trigger = triggerStatus();
    const server = await start({ status: () => statuses(trigger) });
    const [shown] = JSON.parse((await ask(server, '/status')).body).triggers;
    expect(Object.keys(shown).sort()).toEqual(Object.keys(trigger).sort());
    expect(Object.keys(shown.endpoints[0]).sort()).toEqual(Object.keys(trigger.endpoints[0]!).sort());
  });

  it('says why it is not ready', async () => {
    const page = JSON.parse((await ask(await start(), '/status')).body);
    expect(page).toMatchObject({ ready: false, why: 'starting', triggers: [] });
  });

  it('shows all triggers of one ScaledObject', async () => {
    const own = [triggerStatus(), triggerStatus({ metric: 'kvCache' })];
    const others = [triggerStatus({ scaledObject: 'qwen' }), triggerStatus({ namespace: 'other' })];
    const server = await start({ status: () => statuses(...others, ...own) });
    const { code, body } = await ask(server, '/status/models/llama?x');
    expect(code).toBe(200);
    expect(JSON.parse(body).map(({ metric }: { metric: string }) => metric)).toEqual(['concurrency', 'kvCache']);
  });

  it.each([
    ['a slip of a letter', '/status/models/lama', ['models/llama']],
    ['another namespace', '/status/default/llama', ['models/llama', 'staging/llama']],
    ['nothing like it', '/status/x/y', []],
  ])('offers the nearest names: %s', async (_name, path, nearest) => {
    const known = [triggerStatus(), triggerStatus({ namespace: 'staging' }), triggerStatus({ scaledObject: 'gemma' })];
    const { code, body } = await ask(await start({ status: () => statuses(...known) }), path);
    expect(code).toBe(404);
    expect(JSON.parse(body)).toMatchObject({ error: expect.stringContaining('KEDA has not asked'), nearest });
  });

  it('lists what is refused, and says so to whoever asks for it by name', async () => {
    const refused = [refusedTrigger(), refusedTrigger({ scaledObject: 'other' })];
    const server = await start({ status: () => ({ triggers: [triggerStatus()], refused }) });
    expect(JSON.parse((await ask(server, '/status')).body)).toMatchObject({ refused, triggers: [{}] });
    const { code, body } = await ask(server, '/status/models/typo');
    expect(code).toBe(404);
    expect(JSON.parse(body)).toEqual({
      error: 'KEDA asks about ScaledObject "typo" in namespace "models", and is refused',
      refused: [refused[0]],
    });
    expect(await ask(server, '/status/models/typo?format=html')).toMatchObject({ code: 200 });
  });

  it('finds a name that has to be escaped in a URL', async () => {
    const server = await start({ status: () => statuses(triggerStatus({ scaledObject: 'a/b c' })) });
    expect(await ask(server, '/status/models/a%2Fb%20c')).toMatchObject({ code: 200 });
  });

  it('writes hostile names as escapes, and they read back as they were', async () => {
    const hostile = '</script><img src=x>\u001b[2J\u009b31m\u202e"\\\u2028\n\u0000';
    const server = await start({ status: () => statuses(triggerStatus({ scaledObject: hostile, why: hostile })) });
    const { body } = await ask(server, '/status');
    expect(body).not.toMatch(/[<>&\u2028\u202e]|(?!\n)\p{Cc}/u);
    expect(JSON.parse(body).triggers[0]).toMatchObject({ scaledObject: hostile, why: hostile });
    const missing = await ask(server, `/status/models/${encodeURIComponent(`${hostile}?`)}`);
    expect(missing.code).toBe(404);
    expect(missing.body).not.toMatch(/[<>\u202e]|(?!\n)\p{Cc}/u);
  });

  it('says where it is where it is not served', async () => {
    const words = 'the status is not served on this address';
    const elsewhere = await start({ status: undefined, statusAddress: '127.0.0.1:8081' });
    const want = { code: 404, body: `${words}, but on 127.0.0.1:8081\n` };
    expect(await ask(elsewhere, '/status')).toMatchObject(want);
    expect(await ask(elsewhere, '/status/models/llama', 'GET', browser)).toMatchObject(want);
    expect((await ask(elsewhere, '/')).body).not.toContain('/status');
    expect(await ask(elsewhere, '/livez')).toMatchObject({ code: 200 });
  });

  it('is all that is served where only it has a source', async () => {
    const server = await start({ renderMetrics: undefined });
    server.setReady(true);
    expect(await ask(server, '/status')).toMatchObject({ code: 200 });
    const { body } = await ask(server, '/');
    expect(body).toContain('/status/NAMESPACE/NAME');
    expect(body).not.toContain('/livez');
    for (const path of ['/livez', '/readyz', '/metrics']) {
      expect(await ask(server, path)).toMatchObject({
        code: 404,
        body: 'no such page on this address; / lists them\n',
      });
    }
  });
});

/** What a browser sends. */
const browser = {
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
};

describe('the form of the status', () => {
  const asJson = 'application/json; charset=utf-8';
  const asHtml = 'text/html; charset=utf-8';

  it.each([
    ['a browser', browser.accept, '', asHtml],
    ['curl', '*/*', '', asJson],
    ['nothing', undefined, '', asJson],
    ['an empty wish', '', '', asJson],
    ['any text', 'text/*', '', asJson],
    ['JSON', 'application/json', '', asJson],
    ['JSON rather than HTML', 'text/html;q=0.5, application/json', '', asJson],
    ['HTML rather than JSON', 'application/json;q=0.5, TEXT/HTML; level=1; q=0.9', '', asHtml],
    ['either', 'text/html,application/json', '', asHtml],
    ['no HTML', 'text/html;q=0', '', asJson],
    ['HTML with nonsense', 'text/html;q=abc', '', asJson],
    ['something that looks like it', 'x/text/html', '', asJson],
    ['a browser that says json', browser.accept, '?format=json', asJson],
    ['curl that says html', '*/*', '?format=html', asHtml],
    ['an empty query', browser.accept, '?', asHtml],
  ])('for %s', async (_name, accept, query, type) => {
    const server = await start({ status: () => statuses(triggerStatus()) });
    for (const path of ['/status', '/status/', '/status/models/llama', '/status/models/other']) {
      const { code, headers, body } = await ask(
        server,
        `${path}${query}`,
        'GET',
        accept === undefined ? {} : { accept },
      );
      expect(code).toBe(path.endsWith('other') ? 404 : 200);
      expect(headers['content-type']).toBe(type);
      expect(headers.vary).toBe('Accept');
      expect(body.startsWith('<!doctype html>')).toBe(type === asHtml);
    }
  });

  it('is refused in words where it is neither', async () => {
    const got = await ask(await start(), '/status?format=yaml', 'GET', browser);
    expect(got).toMatchObject({ code: 400, body: 'expected format=html or format=json\n' });
  });

  it('forbids a page everything but its own style', async () => {
    const { headers } = await ask(await start(), '/status', 'GET', browser);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
      ),
    });
  });

  it('leads on by relative ways, so that a proxy may put its own path before', async () => {
    const server = await start({ status: () => statuses(triggerStatus({ namespace: 'a b', scaledObject: 'c/d' })) });
    const waysOn = async (path: string) => {
      const { body } = await ask(server, path, 'GET', browser);
      const hrefs = [...body.matchAll(/<(?:a|form)[^>]* (?:href|action)="([^"]*)"/g)].map(([, href]) => href!);
      return hrefs.map((href) => new URL(href, `http://proxy/prefix${path}`).pathname);
    };
    const [overview, own] = ['/prefix/status', '/prefix/status/a%20b/c%2Fd'];
    expect(new Set(await waysOn('/status'))).toEqual(new Set([overview, own]));
    expect(new Set(await waysOn('/status/'))).toEqual(new Set([`${overview}/`, overview, own]));
    expect(new Set(await waysOn('/status/a%20b/c%2Fd'))).toEqual(new Set([overview, own]));
    expect(await waysOn('/status/x/c%2Fd')).toContain(own);
  });
});
