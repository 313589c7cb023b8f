import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import axios from 'axios';
import { addressPolicy } from '../src/config/access/address-policy.ts';
import { PageParser } from '../src/exposition/page-parser.ts';
import { wantedNames } from '../src/exposition/wanted-names.ts';
import { HttpClient } from '../src/scrape/http/http-client.ts';
import { ScrapeLoop } from '../src/scrape/scrape-loop.ts';
import type { ScrapeSink } from '../src/scrape/scrape-target.ts';
import type { BenchRow } from './bench-row.ts';
import { startPageServer } from './page-server.ts';
import { vllmWantedNames } from './vllm-page.ts';

const endpoints = 2000;
/** A rate that plain axios holds on one core. */
const axiosEndpoints = 500;
const warmUpMs = 3000;
const windowCount = 8;
const windowMs = 1000;
const goalMicros = 150;

export interface Measured {
  readonly cpuMicros: number;
  /** Scrapes a second. */
  readonly rate: number;
}

/** CPU time of one scrape (fetch and parse) at a steady pace, beside plain axios with a parser of the usual kind. */
export async function benchScrape(): Promise<BenchRow[]> {
  const server = await startPageServer({ endpoints, minPageBytes: 50_000, maxPageBytes: 80_000 });
  try {
    const ours = await measureLoop(server.urls);
    const theirs = await measureAxios(server.urls.slice(0, axiosEndpoints));
    const ratio = (theirs.cpuMicros / ours.cpuMicros).toFixed(1);
    return [
      {
        figure: `CPU per scrape, fetch and parse, ${endpoints} endpoints once a second, 50-80 kB`,
        value: `${ours.cpuMicros.toFixed(0)} µs at ${ours.rate.toFixed(0)}/s`,
        goal: `≤ ${goalMicros} µs at ${endpoints}/s`,
        holds: ours.cpuMicros <= goalMicros && ours.rate >= endpoints * 0.98,
        baseline: `axios + split/regex ${theirs.cpuMicros.toFixed(0)} µs at ${theirs.rate.toFixed(0)}/s (${ratio}×)`,
      },
    ];
  } finally {
    await server.stop();
  }
}

async function measureLoop(urls: readonly string[]): Promise<Measured> {
  const spare: PageParser[] = [];
  let unread = 0;
  const open = (): ScrapeSink => {
    const parser = spare.pop() ?? new PageParser(wantedNames(vllmWantedNames), 'text/plain');
    return {
      start: (contentType) => parser.reset(contentType),
      chunk: (bytes) => parser.push(bytes),
      finish: (outcome) => {
        const page = outcome.ok ? parser.end() : undefined;
        if (page?.ok !== true) unread++;
        spare.push(parser);
        return page?.ok === true ? 'recognised' : 'unrecognised';
      },
    };
  };
  const now = () => performance.now();
  const client = new HttpClient({ policy: addressPolicy({ allowCidrs: ['127.0.0.0/8'] }) });
  const loop = new ScrapeLoop({ client, sinks: { open }, nowMs: now });
  for (const [id, url] of urls.entries()) {
    loop.set({ id, candidates: [url], intervalMs: 1000, timeoutMs: 800, maxBodyBytes: 4 << 20 });
  }
  const timer = setInterval(() => loop.tick(now()), 10);
  const measured = await measure(() => loop.counters.succeeded);
  clearInterval(timer);
  loop.close();
  if (unread > loop.counters.started / 1000) throw new Error(`${unread} pages could not be read`);
  return measured;
}

const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;

/** Plain axios and a parser of the usual kind, each page once a second. */
export async function measureAxios(urls: readonly string[]): Promise<Measured> {
  const wanted = new Set<string>(vllmWantedNames);
  let pages = 0;
  const scrape = async (url: string): Promise<void> => {
    const { data } = await axios.get<string>(url, { timeout: 800, responseType: 'text' });
    let found = 0;
    for (const line of data.split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      if (wanted.has(sampleLine.exec(line)?.[1] ?? '')) found++;
    }
    if (found > 0) pages++;
  };
  const timers: NodeJS.Timeout[] = [];
  for (const [at, url] of urls.entries()) {
    const begin = () => timers.push(setInterval(() => void scrape(url).catch(() => {}), 1000));
    timers.push(setTimeout(begin, (1000 * at) / urls.length));
  }
  const measured = await measure(() => pages);
  for (const timer of timers) clearTimeout(timer);
  return measured;
}

/** The median of several windows, so that a passing disturbance from outside does not count. */
async function measure(done: () => number): Promise<Measured> {
  await sleep(warmUpMs);
  const windows: Measured[] = [];
  for (let nth = 0; nth < windowCount; nth++) windows.push(await measureWindow(done));
  windows.sort((a, b) => a.cpuMicros - b.cpuMicros);
  const rate = windows.reduce((sum, each) => sum + each.rate, 0) / windowCount;
  return { cpuMicros: windows[Math.floor(windowCount / 2)]!.cpuMicros, rate };
}

async function measureWindow(done: () => number): Promise<Measured> {
  const [startMs, cpu, before] = [performance.now(), process.cpuUsage(), done()];
  await sleep(windowMs);
  const { user, system } = process.cpuUsage(cpu);
  const scrapes = done() - before;
  return { cpuMicros: (user + system) / scrapes, rate: (scrapes * 1000) / (performance.now() - startMs) };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.table(await benchScrape());
