import { expect, it } from 'vitest';
import { ask, chat, echo, RawClient, startModel, startStage } from './stage.ts';

const post = 'POST /v1/x HTTP/1.1\r\nhost: a\r\n';

it.each([
  ['a length and a transfer coding', `${post}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, '400'],
  ['two different lengths', `${post}content-length: 5\r\ncontent-length: 6\r\n\r\nhello!`, '400'],
  ['the same length twice', `${post}content-length: 5\r\ncontent-length: 5\r\n\r\nhello`, '400'],
  ['a length that is no number', `${post}content-length: +5\r\n\r\nhello`, '400'],
  [
    'two transfer codings',
    `${post}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    '(400|501)',
  ],
  ['another transfer coding', `${post}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, '(400|501)'],
  ['a coding behind chunked', `${post}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`, '(400|501)'],
  ['a broken chunk', `${post}transfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n`, '400'],
  ['a space before the colon', 'GET /v1/x HTTP/1.1\r\nhost : a\r\n\r\n', '400'],
  ['no host', 'GET /v1/x HTTP/1.1\r\n\r\n', '400'],
  ['a target that is no path', 'GET v1/x HTTP/1.1\r\nhost: a\r\n\r\n', '400'],
  ['a head beyond the limit', `GET /v1/x HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(17_000)}\r\n\r\n`, '431'],
])('a request with %s is refused, and nothing of it counts as answered by a replica', async (_what, text, status) => {
  const model = await startModel(echo);
  const stage = await startStage();
  stage.replicas.set(model.url);
  const client = new RawClient(stage);
  client.send(text);
  await client.until('HTTP/1.1 ');
  expect(client.text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(client.text).not.toContain(' 200 ');
  expect(await ask(stage, { body: chat() })).toMatchObject({ status: 200 });
});

it('a whole URL as target is sent to the replica as a path, and to nobody else', async () => {
  const model = await startModel(echo);
  const stage = await startStage();
  stage.replicas.set(model.url);
  const client = new RawClient(stage);
  client.send('GET http://169.254.169.254/latest/meta-data HTTP/1.1\r\nhost: a\r\n\r\n');
  await client.until('HTTP/1.1 200');
  expect(model.asked[0]).toMatchObject({ url: '/latest/meta-data', headers: { host: '169.254.169.254' } });
});
