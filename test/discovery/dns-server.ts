import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';

export type DnsRecord =
  | { readonly type: 'A'; readonly address: string; readonly ttl?: number }
  | { readonly type: 'AAAA'; readonly address: string; readonly ttl?: number }
  | { readonly type: 'SRV'; readonly target: string; readonly port: number };

/** What the server says of a name: its records, that it fails, or nothing at all. */
export type DnsZone = Map<string, readonly DnsRecord[] | 'servfail' | 'silence'>;

const typeNumbers = { A: 1, AAAA: 28, SRV: 33 } as const;
const noError = 0;
const serverFailure = 2;
const noSuchName = 3;

/** A DNS server on real UDP. A name that is not in its zone does not exist; one without records of a type has no data. */
export class DnsServer {
  readonly zone: DnsZone = new Map();
  /** `TYPE name` of each question. */
  readonly asked: string[] = [];
  /** Types that fail whatever the zone says. */
  readonly failing = new Set<keyof typeof typeNumbers>();
  readonly #socket: Socket = createSocket('udp4');

  async start(): Promise<string> {
    this.#socket.on('message', (message, { port, address }) => {
      const reply = this.#answer(message);
      if (reply) this.#socket.send(reply, port, address);
    });
    await new Promise<void>((resolve) => this.#socket.bind(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.#socket.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  #answer(query: Buffer): Buffer | undefined {
    const { name, end } = nameAt(query, 12);
    const wanted = query.readUInt16BE(end);
    const type = (Object.keys(typeNumbers) as (keyof typeof typeNumbers)[]).find(
      (each) => typeNumbers[each] === wanted,
    );
    this.asked.push(`${type} ${name}`);
    const found = this.zone.get(name);
    if (found === 'silence') return undefined;
    const failed = found === 'servfail' || (type !== undefined && this.failing.has(type));
    const records = failed || found === undefined ? [] : found.filter((record) => record.type === type);
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8180 | (failed ? serverFailure : found === undefined ? noSuchName : noError), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    return Buffer.concat([header, query.subarray(12, end + 4), ...records.map(encoded)]);
  }
}

function nameAt(message: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = [];
  let at = start;
  for (let length = message[at]!; length > 0; length = message[at]!) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

function encoded(record: DnsRecord): Buffer {
  const data = dataOf(record);
  const head = Buffer.alloc(12);
  // A pointer to the name in the question.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(typeNumbers[record.type], 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(record.type === 'SRV' ? 5 : (record.ttl ?? 5), 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function dataOf(record: DnsRecord): Buffer {
  if (record.type === 'A') return Buffer.from(record.address.split('.').map(Number));
  if (record.type === 'AAAA') {
    const [before = '', after = ''] = record.address.split('::');
    const parts = (text: string): string[] => text.split(':').filter(Boolean);
    const zeros = Array<string>(8 - parts(before).length - parts(after).length).fill('0');
    return Buffer.concat(
      [...parts(before), ...zeros, ...parts(after)].map((part) => Buffer.from(part.padStart(4, '0'), 'hex')),
    );
  }
  const labels = record.target
    .split('.')
    .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const fixed = Buffer.alloc(6);
  fixed.writeUInt16BE(record.port, 4);
  return Buffer.concat([fixed, ...labels, Buffer.from([0])]);
}
