import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CompletionRequest } from './protocol.ts';
import { completionTokens, lastEvent } from './protocol.ts';

/** As often as clients of such APIs come again when a connection breaks, and a little apart. */
const mostTries = 4;
const comeAgainMs = 200;

/** How one client fared. */
export interface Outcome {
  readonly id: string;
  /** What was wrong with the answer; none where it was the whole and right one. */
  readonly fault: string | undefined;
  /** Connections that broke before anything of the answer had come. */
  readonly broken: number;
  /** Comments that came while it waited. */
  readonly heartbeats: number;
  /** Between the first event of a stream and its end. */
  readonly streamedMs: number;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly streamedMs: number;
  /** What broke the connection. */
  readonly broken: string | undefined;
}

export interface Wave {
  readonly requests: number;
  /** They come evenly spread over this time. */
  readonly overMs: number;
  /** `host:port` of all who may be asked: each client has one of them, and the next where its connection breaks. */
  readonly places: readonly string[];
}

/** Sends a wave, every other request for a stream, and resolves with how each one fared once all are over. */
export function sendWave({ requests, overMs, places }: Wave): Promise<readonly Outcome[]> {
  const one = async (_: unknown, index: number): Promise<Outcome> => {
    await sleep((index * overMs) / requests);
    // Two in a row go to the same place, so that each place has streams and others.
    const order = places.map((__, at) => places[(at + (index >> 1)) % places.length]!);
    return await ask({ id: `wave-${index}`, stream: index % 2 === 0 }, order);
  };
  return Promise.all(Array.from({ length: requests }, one));
}

async function ask(asked: CompletionRequest, places: readonly string[]): Promise<Outcome> {
  for (let tries = 0; ; tries += 1) {
    const answer = await post(places[tries % places.length]!, asked);
    const heartbeats = answer.body.split('\n').filter((line) => line.startsWith(':')).length;
    const isBroken = answer.broken !== undefined && !answer.body.includes('data:');
    if (!isBroken || tries + 1 === mostTries) {
      const { streamedMs } = answer;
      return { id: asked.id, fault: faultOf(answer, asked), broken: tries, heartbeats, streamedMs };
    }
    await sleep(comeAgainMs);
  }
}

function post(place: string, asked: CompletionRequest): Promise<Answer> {
  return new Promise((resolve) => {
    let seen: IncomingMessage | undefined;
    let body = '';
    let firstEventMs: number | undefined;
    const end = (broken?: string): void => {
      const streamedMs = performance.now() - (firstEventMs ?? performance.now());
      resolve({ status: seen?.statusCode ?? 0, body, streamedMs, broken });
    };
    const headers = { 'content-type': 'application/json' };
    const sent = request(`http://${place}/v1/completions`, { method: 'POST', headers, agent: false }, (response) => {
      seen = response;
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
        if (body.includes('data:')) firstEventMs ??= performance.now();
      });
      response.once('end', () => end(response.complete ? undefined : 'the answer was cut off'));
      response.once('error', ({ message }) => end(message));
    });
    sent.once('error', ({ message }) => end(message));
    sent.end(JSON.stringify(asked));
  });
}

/** What is not as it should be: the whole answer, to this very request, and once. */
function faultOf({ status, body, broken }: Answer, asked: CompletionRequest): string | undefined {
  if (broken !== undefined) return broken;
  if (status !== 200) return `${status} ${body.slice(0, 200)}`;
  const events = asked.stream
    ? body.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice('data: '.length)] : []))
    : [];
  const good = asked.stream
    ? [...Array.from({ length: completionTokens }, (_, index) => JSON.stringify({ id: asked.id, index })), lastEvent]
    : [];
  if (asked.stream) return events.join() === good.join() ? undefined : `another stream: ${events.join().slice(0, 200)}`;
  const whole = JSON.stringify({ id: asked.id, usage: { completion_tokens: completionTokens } });
  return body === whole ? undefined : `another answer: ${body.slice(0, 200)}`;
}
