import type { OpenRequest, RequestNotes } from '../simulate/traffic/open-request.ts';
import type { Slo } from './demand/slo.ts';
import { QuantileSketch } from './quantile-sketch.ts';
import { Timeline } from './timeline.ts';

/** Counts what became of the requests of one replay, in a fixed amount of memory. */
export class Tally implements RequestNotes {
  readonly #slo: Slo;
  readonly timeToFirstTokenMs = new QuantileSketch();
  readonly timePerOutputTokenMs = new QuantileSketch();
  readonly timeline: Timeline;
  arrivals = 0;
  served = 0;
  /** Served within the objective, both parts of it. */
  attained = 0;
  lost = 0;
  timedOut = 0;
  givenUp = 0;
  /** Milliseconds all ended requests spent here, for Little's law. */
  sojournMs = 0;
  scaleEvents = 0;
  peakReplicas = 0;

  constructor(slo: Slo, spanMs: number) {
    this.#slo = slo;
    this.timeline = new Timeline(spanMs);
  }

  arrived(): void {
    this.arrivals += 1;
  }

  gaveFirstToken({ arrivedMs, firstTokenMs }: OpenRequest): void {
    const spanMs = firstTokenMs! - arrivedMs;
    this.timeToFirstTokenMs.add(spanMs);
    this.timeline.firstToken(firstTokenMs!, spanMs);
  }

  ended(request: OpenRequest, atMs: number): void {
    this.sojournMs += atMs - request.arrivedMs;
    if (request.end === 'served') this.#countServed(request, atMs);
    else if (request.end === 'lost') this.lost += 1;
    else if (request.end === 'timed-out') this.timedOut += 1;
    else this.givenUp += 1;
  }

  /** Another size was asked for. */
  scaled(replicas: number): void {
    this.scaleEvents += 1;
    this.peakReplicas = Math.max(this.peakReplicas, replicas);
  }

  #countServed({ arrivedMs, firstTokenMs, outputTokens }: OpenRequest, atMs: number): void {
    this.served += 1;
    const perTokenMs = outputTokens > 1 ? (atMs - firstTokenMs!) / (outputTokens - 1) : 0;
    if (outputTokens > 1) this.timePerOutputTokenMs.add(perTokenMs);
    const isPrompt = firstTokenMs! - arrivedMs <= this.#slo.timeToFirstTokenMs;
    if (isPrompt && perTokenMs <= this.#slo.timePerOutputTokenMs) this.attained += 1;
  }
}
