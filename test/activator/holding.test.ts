import { describe, expect, it } from 'vitest';
import { ask, bodiesOf, chat, echo, RawClient, startModel, startStage, until } from './stage.ts';

it('passes a request on at once where a replica is ready, and its answer back', async () => {
  const model = await startModel(echo);
  const stage = await startStage();
  stage.replicas.set(model.url);
  const answer = await ask(stage, { body: chat() });
  expect(answer).toMatchObject({ status: 200, body: chat(), headers: { 'content-type': 'application/json' } });
  expect(stage.events.lines).toEqual(['forwarded llama']);
});

it('holds what finds no replica, and sends it on once when one is ready, in the order it came', async () => {
  const order: string[] = [];
  const model = await startModel((request, response) => {
    order.push(request.headers['x-number'] as string);
    echo(request, response);
  });
  const stage = await startStage();
  const answers: ReturnType<typeof ask>[] = [];
  for (const number of ['1', '2', '3']) {
    answers.push(ask(stage, { body: chat({ number }), headers: { 'x-number': number } }));
    await stage.untilHeld(answers.length);
  }
  expect(stage.replicas.wanted).toBe(true);
  expect(stage.state()).toMatchObject({ held: 3, inFlight: 0, heldBytes: 3 * chat({ number: '1' }).length });
  stage.replicas.set(model.url);
  const bodies = (await Promise.all(answers)).map(({ status, body }) => [status, body]);
  expect(bodies).toEqual(['1', '2', '3'].map((number) => [200, chat({ number })]));
  expect(order).toEqual(['1', '2', '3']);
  expect(stage.state()).toMatchObject({ held: 0, inFlight: 0, heldBytes: 0 });
  expect(stage.replicas.wanted).toBe(false);
  expect(stage.events.lines.filter((line) => line.startsWith('cold'))).toEqual(['cold start llama']);
});

it('counts a client that goes away no more, and never sends its request', async () => {
  const model = await startModel(echo);
  const stage = await startStage();
  const leaver = new RawClient(stage);
  leaver.send('GET /v1/x HTTP/1.1\r\nhost: a\r\n\r\n');
  await stage.untilHeld(1);
  const stayer = ask(stage, { body: chat() });
  await stage.untilHeld(2);
  leaver.socket.destroy();
  await stage.untilHeld(1);
  stage.replicas.set(model.url);
  await stayer;
  expect(model.asked).toHaveLength(1);
  expect(stage.events.lines).toContain('abandoned llama');
});

it('ends the request at the replica when its client goes away', async () => {
  let gone = false;
  const model = await startModel((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: one\n\n');
    request.on('close', () => undefined);
    response.on('close', () => {
      gone = true;
    });
  });
  const stage = await startStage();
  stage.replicas.set(model.url);
  const client = new RawClient(stage);
  client.send('GET /v1/x HTTP/1.1\r\nhost: a\r\n\r\n');
  await client.until('data: one');
  expect(stage.state().inFlight).toBe(1);
  client.socket.destroy();
  await until(() => gone);
  expect(stage.state().inFlight).toBe(0);
});

describe('what can not be held', () => {
  const hold = { maxHeld: 10, maxHeldPerLane: 10, maxBytes: 1e6, maxBytesPerLane: 1e6, timeoutMs: 60_000 };

  it('is told 429 when the queue of its model is full, and when to come again', async () => {
    const stage = await startStage({ hold: { ...hold, maxHeldPerLane: 1 } });
    const held = ask(stage, { body: chat() });
    await stage.untilHeld(1);
    const refused = await ask(stage, { body: chat() });
    expect(refused).toMatchObject({
      status: 429,
      headers: { 'retry-after': '10', 'content-type': 'application/json' },
    });
    expect(JSON.parse(refused.body)).toEqual({
      error: {
        message: 'the queue of llama is full; try again in 10 s',
        type: 'rate_limit_error',
        param: null,
        code: 'queue_full',
      },
    });
    const model = await startModel(echo);
    stage.replicas.set(model.url);
    expect((await held).status).toBe(200);
  });

  it('is told 503 when all that may be held is', async () => {
    const stage = await startStage({ hold: { ...hold, maxHeld: 1 } });
    ask(stage, { body: chat() }).catch(() => undefined);
    await stage.untilHeld(1);
    expect(await ask(stage, { body: chat() })).toMatchObject({ status: 503 });
  });

  it('is told 503 when it has waited too long, and why', async () => {
    const stage = await startStage({ hold: { ...hold, timeoutMs: 100 } });
    const late = await ask(stage, { body: chat() });
    expect(late).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } });
    expect(JSON.parse(late.body).error).toMatchObject({
      message: 'no replica of llama was free within 0 s: none was ready',
      code: 'hold_timeout',
      type: 'server_error',
    });
    expect(stage.state().held).toBe(0);
    expect(stage.replicas.wanted).toBe(false);
  });

  it.each([
    ['/v1/chat/completions', 'application/json', '{"error":{"message"'],
    ['/llama/v1/messages', 'application/json', '{"type":"error","error":{"type":"overloaded_error"'],
    ['/v2/models/llama/infer', 'application/json', '{"error":"no replica'],
    ['/predict', 'text/plain; charset=utf-8', 'no replica of llama'],
  ])('is told in the shape of the API of %s', async (path, type, begin) => {
    const stage = await startStage({ hold: { ...hold, timeoutMs: 1 } });
    const late = await ask(stage, { path, body: '{}' });
    expect(late.headers['content-type']).toBe(type);
    expect(late.body.startsWith(begin), late.body).toBe(true);
  });
});

it('learns from cold starts when it is worth coming again', async () => {
  let nowMs = 0;
  const hold = { maxHeld: 10, maxHeldPerLane: 1, maxBytes: 1e6, maxBytesPerLane: 1e6, timeoutMs: 600_000 };
  const stage = await startStage({ nowMs: () => nowMs, hold });
  const model = await startModel(echo);
  const first = ask(stage, { body: chat() });
  await stage.untilHeld(1);
  nowMs = 42_000;
  stage.replicas.set(model.url);
  await first;
  stage.replicas.set();
  const second = ask(stage, { body: chat() });
  await stage.untilHeld(1);
  nowMs = 44_500;
  expect((await ask(stage, { body: chat() })).headers['retry-after']).toBe('40');
  stage.replicas.set(model.url);
  await second;
});

describe('bodies', () => {
  it.each([
    ['in memory', 100_000, {}],
    ['in memory and then in a file', 3_000_000, {}],
    ['in a file alone where memory has no room', 100_000, { memory: { take: () => false, release: () => undefined } }],
  ])('that are held %s arrive as they were sent', async (_where, size, bodies) => {
    const stage = await startStage({ bodies: bodiesOf(bodies as never) });
    const body = Buffer.alloc(size);
    for (let at = 0; at < size; at++) body[at] = (at * 7919) % 251;
    const sent = ask(stage, { body });
    await until(() => stage.state().heldBytes === size);
    let got: Buffer = Buffer.alloc(0);
    const model = await startModel((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        got = Buffer.concat(chunks);
        response.end('done');
      });
    });
    stage.replicas.set(model.url);
    expect((await sent).body).toBe('done');
    expect(got.equals(body)).toBe(true);
    expect(stage.state().heldBytes).toBe(0);
  });

  it('that arrive while they are held, and after, arrive whole', async () => {
    const stage = await startStage();
    const model = await startModel(echo);
    const client = new RawClient(stage);
    client.send('POST /v1/x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n');
    await until(() => stage.state().heldBytes === 5);
    client.send('1\r\n \r\n');
    await until(() => stage.state().heldBytes === 6);
    stage.replicas.set(model.url);
    await until(() => stage.state().inFlight === 1);
    client.send('5\r\nworld\r\n0\r\n\r\n');
    await client.until('hello world');
    expect(model.asked[0]!.headers['transfer-encoding']).toBe('chunked');
  });

  it('that need a file are refused where none may be used', async () => {
    const stage = await startStage({ bodies: bodiesOf({ spoolDirectory: undefined, maxMemoryBytes: 70_000 }) });
    const refused = await ask(stage, { body: Buffer.alloc(80_000) });
    expect(refused.status).toBe(413);
    expect(stage.state()).toMatchObject({ held: 0, heldBytes: 0 });
  });

  it('that are larger than is accepted are refused before they are read', async () => {
    const stage = await startStage({ bodies: bodiesOf({ maxBytes: 1000 }) });
    const model = await startModel(echo);
    stage.replicas.set(model.url);
    expect((await ask(stage, { body: Buffer.alloc(1001) })).status).toBe(413);
    expect((await ask(stage, { body: Buffer.alloc(1000) })).status).toBe(200);
    const chunked = new RawClient(stage);
    chunked.send('POST /v1/x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n');
    chunked.send(`400\r\n${'x'.repeat(1024)}\r\n0\r\n\r\n`);
    await chunked.until('HTTP/1.1 413');
    expect(model.asked.length).toBeLessThanOrEqual(2);
  });
});
