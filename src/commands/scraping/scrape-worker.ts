import { parentPort, workerData } from 'node:worker_threads';
import { addressPolicy } from '../../config/address-policy.ts';
import { HttpClient } from '../../scrape/http-client.ts';
import { ScrapeLoop } from '../../scrape/scrape-loop.ts';
import { monotonicMs } from '../monotonic.ts';
import type { ToWorker, WorkerSettings } from './protocol.ts';
import { ReadingBatch } from './reading-batch.ts';
import { TargetReaders } from './target-readers.ts';

/** How often due scrapes are started, overdue ones ended, and readings handed over. */
const TICK_MS = 10;
const COUNTERS_EVERY_MS = 1000;

/** The scrape thread: reads pages off the thread that answers KEDA. */
function run(port: NonNullable<typeof parentPort>, settings: WorkerSettings): void {
  const { allowCidrs, denyCidrs } = settings;
  const client = new HttpClient({ policy: addressPolicy({ allowCidrs, extraDenyCidrs: denyCidrs }) });
  const batch = new ReadingBatch();
  const readers = new TargetReaders(settings.maxBodyBytes, batch);
  const loop = new ScrapeLoop({ client, sinks: readers, now: monotonicMs, maxConcurrent: settings.maxConcurrent });
  let countersDueMs = 0;
  const timer = setInterval(() => {
    const nowMs = monotonicMs();
    loop.tick(nowMs);
    const counters = nowMs >= countersDueMs ? loop.counters : undefined;
    if (counters !== undefined) countersDueMs = nowMs + COUNTERS_EVERY_MS;
    const message = batch.take(counters);
    if (message !== undefined) port.postMessage(message, [message.rows.buffer]);
  }, TICK_MS);
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'set') {
      readers.set(message.target);
      loop.set({ ...message.target, maxBodyBytes: settings.maxBodyBytes });
    } else if (message.kind === 'remove') {
      loop.remove(message.id);
      readers.remove(message.id);
    } else {
      clearInterval(timer);
      loop.close();
      port.close();
    }
  });
}

if (parentPort !== null) run(parentPort, workerData as WorkerSettings);
