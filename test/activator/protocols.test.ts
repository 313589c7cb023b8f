import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { ClientHttp2Session } from 'node:http2';
import { connect as connectHttp2 } from 'node:http2';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Stage } from './stage.ts';
import { ask, atEnd, chat, echo, RawClient, startModel, startStage, until } from './stage.ts';

describe('headers', () => {
  it('of one connection end here, and who asked is added', async () => {
    const model = await startModel(echo);
    const stage = await startStage();
    stage.replicas.set(model.url);
    const client = new RawClient(stage);
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    client.send(
      [
        'POST /v1/chat/completions?a=b HTTP/1.1',
        'Host: llama.example.com:8000',
        'Connection: close, X-Mine, Content-Length',
        'X-Mine: only for you',
        'Keep-Alive: timeout=5',
        'Proxy-Authorization: Basic abc',
        'TE: trailers',
        `traceparent: ${trace}`,
        'X-Forwarded-For: 10.0.0.1',
        'X-Forwarded-Proto: https',
        'Authorization: Bearer mine',
        'Content-Length: 2',
        '',
        '{}',
      ].join('\r\n'),
    );
    await client.until('{}');
    const { headers, url } = model.asked[0]!;
    expect(url).toBe('/v1/chat/completions?a=b');
    expect(headers).toMatchObject({
      host: 'llama.example.com:8000',
      'content-length': '2',
      authorization: 'Bearer mine',
      traceparent: trace,
      forwarded: 'for=127.0.0.1;host="llama.example.com:8000";proto=http',
      'x-forwarded-for': '10.0.0.1, 127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'llama.example.com:8000',
    });
    for (const name of ['x-mine', 'keep-alive', 'proxy-authorization', 'te', 'proxy-connection']) {
      expect(headers).not.toHaveProperty(name);
    }
  });

  it('of an answer pass as they are, repeated ones and bytes beyond ASCII included', async () => {
    const model = await startModel((_request, response) => {
      response.writeHead(418, [
        ...['set-cookie', 'a=1', 'set-cookie', 'b=2', 'x-name', Buffer.from('é', 'utf8').toString('latin1')],
        ...['connection', 'close, x-hop', 'x-hop', '1'],
      ]);
      response.end('short and stout');
    });
    const stage = await startStage();
    stage.replicas.set(model.url);
    const answer = await ask(stage, { path: '/tea' });
    expect(answer).toMatchObject({ status: 418, body: 'short and stout' });
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(Buffer.from(answer.headers['x-name'] as string, 'latin1').toString('utf8')).toBe('é');
    expect(answer.headers).not.toHaveProperty('x-hop');
  });

  it('after an answer, trailers, are kept', async () => {
    const model = await startModel((_request, response) => {
      response.writeHead(200, { trailer: 'x-sum' });
      response.write('body');
      response.addTrailers({ 'x-sum': '42' });
      response.end();
    });
    const stage = await startStage();
    stage.replicas.set(model.url);
    expect(await ask(stage)).toMatchObject({ body: 'body', trailers: { 'x-sum': '42' } });
  });
});

describe('a body that waits for 100 Continue', () => {
  it('is asked for when its request is taken, and not when it is refused', async () => {
    const model = await startModel(echo);
    const stage = await startStage({ quietPaths: [] });
    stage.replicas.set(model.url);
    const taken = new RawClient(stage);
    taken.send('POST /v1/x HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n');
    await taken.until('100 Continue');
    expect(model.asked).toHaveLength(0);
    taken.send('hello');
    await taken.until('hello');
    expect(model.asked[0]!.headers).not.toHaveProperty('expect');
    const refused = new RawClient(stage);
    refused.send(`POST /v1/x HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: ${2 ** 40}\r\n\r\n`);
    await refused.until('HTTP/1.1 413');
    expect(refused.text).not.toContain('100 Continue');
  });
});

/** A stream that a test writes. */
function scriptedStream(): { answer: RequestListener; write(text: string): void; end(): void; isAsked(): boolean } {
  let open: Parameters<RequestListener>[1] | undefined;
  return {
    answer: (_request, response) => {
      open = response;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
    },
    write: (text) => open!.write(text),
    end: () => open!.end(),
    isAsked: () => open !== undefined,
  };
}

describe('streams', () => {
  it('pass event by event, the head before the first of them', async () => {
    const stream = scriptedStream();
    const model = await startModel(stream.answer);
    const stage = await startStage();
    stage.replicas.set(model.url);
    const client = new RawClient(stage);
    client.send('GET /v1/x HTTP/1.1\r\nhost: a\r\n\r\n');
    await client.until('text/event-stream');
    for (const text of ['data: 1\n\n', 'data: 2\n\n']) {
      stream.write(text);
      await client.until(text);
    }
    stream.end();
    await client.until('0\r\n\r\n');
  });

  it('are read from the replica no faster than the client reads', async () => {
    let sent = 0;
    let isBlocked = false;
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const model = await startModel((_request, response) => {
      const more = (): void => {
        while (sent < 256 * 1024 * 1024) {
          sent += chunk.byteLength;
          if (!response.write(chunk)) {
            isBlocked = true;
            response.once('drain', more);
            return;
          }
        }
        response.end();
      };
      more();
    });
    const stage = await startStage();
    stage.replicas.set(model.url);
    const client = new RawClient(stage);
    client.socket.pause();
    client.send('GET /v1/x HTTP/1.1\r\nhost: a\r\n\r\n');
    await until(() => isBlocked && model.asked.length === 1);
    let before = -1;
    while (before !== sent) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(sent).toBeLessThan(64 * 1024 * 1024); // what the sockets' buffers hold
    client.socket.destroy();
    await until(() => stage.state().inFlight === 0);
  });

  it('that break off at the replica break off at the client, and never look whole', async () => {
    const model = await startModel((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: half');
      setTimeout(() => response.destroy(), 20);
    });
    const stage = await startStage();
    stage.replicas.set(model.url);
    const client = new RawClient(stage);
    client.send('GET /v1/x HTTP/1.1\r\nhost: a\r\n\r\n');
    await until(() => client.isClosed);
    expect(client.text).toContain('data: half');
    expect(client.text).not.toContain('\r\n0\r\n\r\n');
    expect(stage.state().inFlight).toBe(0);
  });
});

describe('a client that waits for a stream', () => {
  const asksForStream = { body: chat({ stream: true }) };

  it('gets comments while nothing is ready, and then the stream', async () => {
    const stage = await startStage({ heartbeatMs: 60 });
    const model = await startModel((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('data: {"n":1}\n\ndata: [DONE]\n\n');
    });
    const answer = ask(stage, asksForStream);
    await until(() => stage.events.lines.filter((line) => line === 'heartbeat llama').length >= 2);
    stage.replicas.set(model.url);
    const { status, headers, body } = await answer;
    expect({ status, type: headers['content-type'] }).toEqual({
      status: 200,
      type: 'text/event-stream; charset=utf-8',
    });
    expect(body).toMatch(/^(: waiting for a replica\n\n){2,}data: \{"n":1\}\n\ndata: \[DONE\]\n\n$/);
  });

  it.each([
    [
      'the error of the replica',
      '/v1/chat/completions',
      '{"error":{"message":"too long"}}',
      '{"error":{"message":"too long"}}',
    ],
    ['an error in another shape', '/v1/chat/completions', '{"message":"no"}', '{"error":{"message":"no"}}'],
  ])('is told %s as the last event, once its status is sent', async (_what, path, sent, event) => {
    const stage = await startStage({ heartbeatMs: 60 });
    const model = await startModel((_request, response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(sent);
    });
    const answer = ask(stage, { ...asksForStream, path });
    await until(() => stage.events.lines.includes('heartbeat llama'));
    stage.replicas.set(model.url);
    const { status, body } = await answer;
    expect(status).toBe(200);
    expect(body.endsWith(`\n\ndata: ${event}\n\n`), body).toBe(true);
  });

  it.each([
    ['/v1/chat/completions', /\n\ndata: \{"error":\{"message":"no replica of llama .*"code":"hold_timeout"\}\}\n\n$/],
    ['/v1/messages', /\n\nevent: error\ndata: \{"type":"error","error":\{"type":"overloaded_error",.*\}\}\n\n$/],
  ])('is told at %s when it has waited too long', async (path, end) => {
    const hold = { maxHeld: 9, maxHeldPerLane: 9, maxBytes: 1e6, maxBytesPerLane: 1e6, timeoutMs: 200 };
    const stage = await startStage({ heartbeatMs: 60, hold });
    const { status, body } = await ask(stage, { ...asksForStream, path });
    expect(status).toBe(200);
    expect(body).toMatch(end);
  });

  it('gets the real status where its replica answers before the first comment, and others get no comment', async () => {
    const stage = await startStage({ heartbeatMs: 60 });
    const model = await startModel((_request, response) => response.writeHead(400).end('no'));
    const quiet = ask(stage, { body: chat({ stream: false }) });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(stage.events.lines).toEqual([]);
    stage.replicas.set(model.url);
    expect((await quiet).status).toBe(400);
    expect((await ask(stage, asksForStream)).status).toBe(400);
  });
});

/** A WebSocket server's handshake, and an echo of bytes behind it. */
function acceptUpgrade(request: IncomingMessage, socket: Socket): void {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.on('data', (chunk) => socket.write(chunk));
  socket.on('end', () => socket.end());
  socket.on('error', () => socket.destroy());
}

const handshake =
  'GET /v1/realtime HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

describe('WebSockets', () => {
  it('are held as any request, pass both ways, and are in flight until they end', async () => {
    const stage = await startStage();
    const model = await startModel(echo);
    model.server.on('upgrade', acceptUpgrade);
    const client = new RawClient(stage);
    client.send(`${handshake}early`);
    await stage.untilHeld(1);
    stage.replicas.set(model.url);
    await client.until('early');
    expect(client.text).toMatch(/^HTTP\/1\.1 101 .*sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/s);
    client.send('more');
    await client.until('more');
    expect(stage.state()).toMatchObject({ held: 0, inFlight: 1 });
    client.socket.end();
    await until(() => stage.state().inFlight === 0);
  });

  it('that a replica declines get its answer, and where none is there ours', async () => {
    const stage = await startStage();
    const model = await startModel((_request, response) => response.writeHead(403, { 'x-why': 'no' }).end('declined'));
    stage.replicas.set(model.url);
    const client = new RawClient(stage);
    client.send(handshake);
    await client.until('declined');
    expect(client.text).toMatch(/^HTTP\/1\.1 403 .*x-why: no/s);
    await until(() => stage.state().inFlight === 0);
    await new Promise((resolve) => model.server.close(resolve));
    const late = new RawClient(stage);
    late.send(handshake);
    await late.until('HTTP/1.1 502');
  });

  it('over other words for an upgrade are plain requests', async () => {
    const stage = await startStage();
    const model = await startModel(echo);
    stage.replicas.set(model.url);
    const client = new RawClient(stage);
    client.send(
      'GET /v1/x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAM\r\n\r\n',
    );
    await client.until('HTTP/1.1 200');
    expect(model.asked[0]!.headers).not.toHaveProperty('upgrade');
    expect(model.asked[0]!.headers).not.toHaveProperty('http2-settings');
  });
});

describe('HTTP/2 without TLS', () => {
  interface Http2Answer {
    readonly headers: Record<string, unknown>;
    readonly body: string;
  }

  function session({ url }: Stage): ClientHttp2Session {
    const opened = connectHttp2(url);
    opened.on('error', () => undefined);
    atEnd(() => opened.destroy());
    return opened;
  }

  function request(on: ClientHttp2Session, headers: Record<string, string>, body?: string): Promise<Http2Answer> {
    return new Promise((resolve, reject) => {
      const stream = on.request(headers, { endStream: body === undefined });
      let got: Record<string, unknown> = {};
      let text = '';
      stream.setEncoding('utf8');
      stream.on('response', (answer) => {
        got = answer;
      });
      stream.on('data', (chunk: string) => {
        text += chunk;
      });
      stream.on('end', () => resolve({ headers: got, body: text }));
      stream.on('error', reject);
      if (body !== undefined) stream.end(body);
    });
  }

  it('comes in on the same port, is held, and goes out as HTTP/1.1', async () => {
    const stage = await startStage();
    const model = await startModel(echo);
    const client = session(stage);
    const asked = { ':method': 'POST', ':path': '/v1/x', ':authority': 'llama.example.com' };
    const answers = [1, 2, 3].map((n) => request(client, asked, chat({ n })));
    await stage.untilHeld(3);
    stage.replicas.set(model.url);
    const bodies = (await Promise.all(answers)).map(({ headers, body }) => [headers[':status'], body]);
    expect(bodies).toEqual([1, 2, 3].map((n) => [200, chat({ n })]));
    expect(model.asked[0]).toMatchObject({ httpVersion: '1.1', headers: { host: 'llama.example.com' } });
  });

  it('loses a stream that its client resets from the queue', async () => {
    const stage = await startStage();
    const client = session(stage);
    const stream = client.request({ ':path': '/v1/x' }, { endStream: true });
    stream.on('error', () => undefined);
    await stage.untilHeld(1);
    stream.close(8);
    await stage.untilHeld(0);
  });

  it('is seen even when its first bytes come one by one', async () => {
    const stage = await startStage();
    const client = new RawClient(stage);
    for (const letter of 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n') {
      client.send(letter);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    client.send('\0\0\0\x04\0\0\0\0\0');
    await until(() => client.text.length > 9);
    expect(client.text.charCodeAt(3)).toBe(4); // a SETTINGS frame
  });
});
