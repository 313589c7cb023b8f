import { parentPort } from 'node:worker_threads';
import '../../src/readings/scrape-worker.ts';
import type { ToWorker } from '../../src/readings/thread-protocol.ts';

/** The scrape thread, but it dies of a target whose URL says `deadly`. */
parentPort?.on('message', (message: ToWorker) => {
  if (message.kind === 'set' && message.target.candidates[0]?.includes('deadly')) throw new Error('deadly');
});
