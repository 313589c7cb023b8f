import type { Deployment } from '../simulate/deployment.ts';

/** One line's cells. */
export interface DemoRow {
  readonly atMs: number;
  readonly requests: number;
  readonly running: number;
  readonly waiting: number;
  readonly held: number;
  readonly ready: number;
  readonly starting: number;
  readonly value: number | undefined;
  readonly desired: number;
  readonly why: string;
  /** Whether the size changed since the last line. */
  readonly isStep: boolean;
}

const columns: readonly (readonly [heading: string, width: number, cell: (row: DemoRow) => string])[] = [
  ['time', 7, (row) => clockTime(row.atMs)],
  ['requests', 9, (row) => String(row.requests)],
  ['running', 8, (row) => String(row.running)],
  ['waiting', 8, (row) => String(row.waiting)],
  ['held', 5, (row) => String(row.held)],
  ['ready/starting', 15, (row) => `${row.ready}/${row.starting}`],
  ['value', 8, (row) => row.value?.toFixed(1) ?? 'unknown'],
  ['desired', 8, (row) => String(row.desired)],
];

/** What the workload carries right now. */
export function loadOf({
  workload,
  log,
}: Deployment): Pick<DemoRow, 'requests' | 'running' | 'waiting' | 'held' | 'ready' | 'starting' | 'desired'> {
  return {
    requests: log.submitted,
    running: workload.pods.reduce((sum, pod) => sum + pod.engine.runningRequests, 0),
    waiting: workload.pods.reduce((sum, pod) => sum + pod.engine.waitingRequests, 0),
    held: workload.heldRequests,
    ready: workload.podsIn('ready').length,
    starting: workload.podsIn('starting').length,
    desired: workload.replicas,
  };
}

export function renderHeading(): string {
  return `${columns.map(([heading, width]) => heading.padStart(width)).join('')}  why`;
}

/** One line; in colour the lines on which the size changed stand out. */
export function renderRow(row: DemoRow, inColour: boolean): string {
  const line = `${columns.map(([, width, cell]) => cell(row).padStart(width)).join('')}  ${row.why}`;
  return inColour && row.isStep ? `\u001b[1;36m${line}\u001b[0m` : line;
}

/** Story time as minutes and seconds, or with hours where there are any. */
export function clockTime(atMs: number): string {
  const seconds = Math.floor(atMs / 1000);
  const hours = Math.floor(seconds / 3600);
  const rest = `${pad(Math.floor((seconds % 3600) / 60))}:${pad(seconds % 60)}`;
  return hours === 0 ? rest : `${hours}:${rest}`;
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}
