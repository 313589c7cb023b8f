import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderTimeline } from './timeline-svg.ts';

export interface TimelineRow {
  /** Seconds since the scenario began. */
  readonly seconds: number;
  /** Requests that are really open. */
  readonly load: number;
  /** What the scaler reports; `undefined` while it holds or is away. */
  readonly value: number | undefined;
  readonly desired: number;
  readonly ready: number;
}

export interface TimelineNote {
  readonly seconds: number;
  readonly text: string;
}

/** What happened in one scenario, kept as a table and a picture. */
export class Timeline {
  readonly #startedMs = performance.now();
  readonly #rows: TimelineRow[] = [];
  readonly #notes: TimelineNote[] = [];

  add(row: Omit<TimelineRow, 'seconds'>): void {
    this.#rows.push({ seconds: this.#seconds(), ...row });
  }

  note(text: string): void {
    this.#notes.push({ seconds: this.#seconds(), text });
  }

  write(folder: string, title: string): void {
    const lines = this.#rows.map(({ seconds, load, value, desired, ready }) => {
      return [seconds.toFixed(2), load, value?.toFixed(3) ?? '', desired, ready, ''].join(',');
    });
    const notes = this.#notes.map(({ seconds, text }) => `${seconds.toFixed(2)},,,,,"${text.replaceAll('"', '""')}"`);
    const sorted = [...lines, ...notes].sort((a, b) => Number.parseFloat(a) - Number.parseFloat(b));
    writeFileSync(join(folder, 'timeline.csv'), `seconds,load,value,desired,ready,note\n${sorted.join('\n')}\n`);
    writeFileSync(join(folder, 'timeline.svg'), renderTimeline(title, this.#rows, this.#notes));
  }

  #seconds(): number {
    return (performance.now() - this.#startedMs) / 1000;
  }
}
