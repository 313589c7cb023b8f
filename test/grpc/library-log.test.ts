import { createServer } from 'node:net';
import { logVerbosity, Metadata, Server, ServerCredentials, setLogger, setLogVerbosity } from '@grpc/grpc-js';
import { afterEach, expect, it } from 'vitest';
import { hearLibrary } from '../../src/grpc/library-log.ts';

const heard: string[] = [];
afterEach(() => {
  heard.splice(0);
  setLogVerbosity(logVerbosity.ERROR);
  setLogger(console);
});

function listening(address: string): Promise<Error | null> {
  return new Promise((resolve) => {
    new Server().bindAsync(address, ServerCredentials.createInsecure(), resolve);
  });
}

it('leaves out what the error of a taken port says', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  hearLibrary((line) => heard.push(line));
  const error = await listening(`127.0.0.1:${port}`);
  taken.close();
  expect(error?.message).toMatch(/^No address added out of total 1 resolved errors: \[.*EADDRINUSE/);
  expect(heard).toEqual([]);
});

it('passes on every other word, in the form it has without us', () => {
  hearLibrary((line) => heard.push(line));
  Metadata.fromHttp2Headers({ 'no key': 'x' });
  expect(heard).toEqual([expect.stringMatching(/^E Failed to add metadata entry no key: x\..*\n$/)]);
});

it('leaves the verbosity as it is', () => {
  hearLibrary((line) => heard.push(line));
  setLogVerbosity(logVerbosity.NONE);
  Metadata.fromHttp2Headers({ 'no key': 'x' });
  expect(heard).toEqual([]);
});
