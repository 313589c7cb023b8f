import { parentPort, workerData } from 'node:worker_threads';
import { ReadingBatch } from '../../src/readings/reading-batch.ts';
import { ReadingMark } from '../../src/readings/reading-mark.ts';
import type { ToWorker, WorkerStart } from '../../src/readings/thread-protocol.ts';

/** Stands in for the scrape thread: answers each target once, but dies of those whose URL says `deadly`. */
const mark = new ReadingMark((workerData as WorkerStart).mark);
const die = (): never => {
  throw new Error('a page that no catch can hold');
};

parentPort?.postMessage(new ReadingBatch().take({ skipped: 0 }));
parentPort?.on('message', (message: ToWorker) => {
  if (message.kind === 'close') parentPort?.close();
  if (message.kind !== 'set') return;
  const { id, candidates, interestIds } = message.target;
  const url = candidates[0]!;
  if (url.includes('//marked.deadly')) mark.during(id, die);
  if (url.includes('//unmarked.deadly')) die();
  const batch = new ReadingBatch();
  const read = { ok: false, failure: 'empty', message: 'nothing here' } as const;
  for (const each of interestIds)
    batch.add(each, true, { url, isUsualPath: true, read, bodyBytes: 0, startedAtMs: 0, endedAtMs: 0, restMs: 0 });
  parentPort?.postMessage(batch.take(undefined));
});
