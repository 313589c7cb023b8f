import { parentPort, workerData } from 'node:worker_threads';
import { addressPolicy } from '../config/access/address-policy.ts';
import { lineScan } from '../exposition/scan/line-scan.ts';
import { HttpClient } from '../scrape/http/http-client.ts';
import type { PageAccess } from '../scrape/http/page-access.ts';
import { AccessTable } from '../scrape/http/page-access.ts';
import { ScrapeLoop } from '../scrape/scrape-loop.ts';
import { systemClock, threadCpuMs } from '../time/system-clock.ts';
import { ReadingBatch } from './reading-batch.ts';
import { ReadingMark } from './reading-mark.ts';
import { TargetReaders } from './target-readers.ts';
import type { TargetSpec, ToWorker, WorkerSettings, WorkerStart } from './thread-protocol.ts';

/** How often due scrapes are started, overdue ones ended, and readings handed over. */
const TICK_MS = 10;
const COUNTERS_EVERY_MS = 1000;
const SOCKETS_END_WITHIN_MS = 50;

/** The scrape thread: reads pages off the thread that answers KEDA. */
function run(port: NonNullable<typeof parentPort>, { settings, access: materials, mark }: WorkerStart): void {
  const access = new AccessTable(materials);
  const batch = new ReadingBatch();
  const readers = new TargetReaders(settings.maxBodyBytes, batch, new ReadingMark(mark));
  // Addresses that a trigger's author wrote are dialled under a stricter policy than those of pods.
  const found = loopFor(settings, readers, false);
  const named = loopFor(settings, readers, true);
  let countersDueMs = 0;
  const timer = setInterval(() => {
    const nowMs = systemClock.nowMs();
    found.tick(nowMs);
    named.tick(nowMs);
    const isDue = nowMs >= countersDueMs;
    if (isDue) countersDueMs = nowMs + COUNTERS_EVERY_MS;
    const skipped = found.counters.skipped + named.counters.skipped;
    const message = batch.take(isDue ? { skipped } : undefined);
    if (message !== undefined) port.postMessage(message, [message.rows.buffer]);
  }, TICK_MS);
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'set') {
      readers.set(message.target);
      const loop = message.target.isNamed ? named : found;
      const wanted = Math.max(1, message.target.interests.length);
      const more = { readers: wanted, accessTo: accessTo(message.target, access), maxBodyBytes: settings.maxBodyBytes };
      loop.set({ ...message.target, ...more });
    } else if (message.kind === 'access') {
      access.replace(message.place, message.material);
    } else if (message.kind === 'remove') {
      found.remove(message.id);
      named.remove(message.id);
      readers.remove(message.id);
    } else {
      clearInterval(timer);
      found.close();
      named.close();
      // Sockets end in their own time; a thread that goes before them can take the process along.
      setTimeout(() => port.close(), SOCKETS_END_WITHIN_MS);
    }
  });
}

/** What goes with a request for one of a target's URLs, as it is when it is asked. */
function accessTo({ candidates, accessPlaces }: TargetSpec, table: AccessTable) {
  if (accessPlaces === undefined) return undefined;
  const places = new Map(candidates.map((url, at) => [url, accessPlaces[at]]));
  return (url: string): PageAccess | undefined => {
    const place = places.get(url);
    return place === undefined ? undefined : table.at(place);
  };
}

function loopFor(settings: WorkerSettings, sinks: TargetReaders, onlyAllowed: boolean): ScrapeLoop {
  const { allowCidrs, denyCidrs: extraDenyCidrs, maxConcurrent } = settings;
  const policy = addressPolicy({ allowCidrs, extraDenyCidrs, onlyAllowed });
  // Pages are read to where they are scanned.
  const client = new HttpClient({ policy, readBuffer: lineScan.readBuffer });
  // Each kind has half of the places, so that neither can starve the other.
  const places = { maxConcurrent: Math.ceil(maxConcurrent / 2) };
  return new ScrapeLoop({ client, sinks, nowMs: systemClock.nowMs, cpuMs: threadCpuMs, ...places });
}

if (parentPort !== null) run(parentPort, workerData as WorkerStart);
