import { Histogram } from './histogram.ts';

const requestSeconds = [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680];
const firstTokenSeconds = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
];
const tokenSeconds = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];
const tokenCounts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
const stepTokens = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384];

/** When things happened to one finished request; virtual milliseconds. */
export interface FinishedTimes {
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly submittedMs: number;
  readonly scheduledMs: number;
  readonly firstTokenMs: number;
  readonly finishedMs: number;
}

/** Some steps in a row that computed the same number of tokens, `decoding` of them for sequences that decode. */
export interface CountedSteps {
  readonly steps: number;
  /** Of all of them together. */
  readonly spanMs: number;
  readonly tokens: number;
  readonly decoding: number;
}

/** Everything an engine has counted since it started. Spans are kept in seconds of whoever reads the pages. */
export class EngineStats {
  readonly #msPerSecond: number;
  promptTokens = 0;
  generationTokens = 0;
  finished = 0;
  aborted = 0;
  preemptions = 0;
  steps = 0;
  readonly timeToFirstToken = new Histogram(firstTokenSeconds);
  readonly interTokenLatency = new Histogram(tokenSeconds);
  readonly timePerOutputToken = new Histogram(tokenSeconds);
  readonly requestLatency = new Histogram(requestSeconds);
  readonly queueTime = new Histogram(requestSeconds);
  readonly inferenceTime = new Histogram(requestSeconds);
  readonly prefillTime = new Histogram(requestSeconds);
  readonly decodeTime = new Histogram(requestSeconds);
  readonly requestPromptTokens = new Histogram(tokenCounts);
  readonly requestGenerationTokens = new Histogram(tokenCounts);
  readonly stepTokens = new Histogram(stepTokens);

  /** `timeScale`: how often the engine's time passes while that of the pages' reader passes once. */
  constructor(timeScale = 1) {
    this.#msPerSecond = 1000 * timeScale;
  }

  secondsOf(spanMs: number): number {
    return spanMs / this.#msPerSecond;
  }

  /** Steps of the same batch, taken at their mean span. */
  countSteps({ steps, spanMs, tokens, decoding }: CountedSteps): void {
    this.steps += steps;
    this.generationTokens += steps * decoding;
    this.stepTokens.observe(tokens, steps);
    if (decoding > 0) this.interTokenLatency.observe(spanMs / steps / this.#msPerSecond, steps * decoding);
  }

  countFirstToken(submittedMs: number, firstTokenMs: number): void {
    this.timeToFirstToken.observe((firstTokenMs - submittedMs) / this.#msPerSecond);
  }

  countFinished(times: FinishedTimes): void {
    this.finished += 1;
    this.requestPromptTokens.observe(times.promptTokens);
    this.requestGenerationTokens.observe(times.outputTokens);
    this.requestLatency.observe((times.finishedMs - times.submittedMs) / this.#msPerSecond);
    this.queueTime.observe((times.scheduledMs - times.submittedMs) / this.#msPerSecond);
    this.inferenceTime.observe((times.finishedMs - times.scheduledMs) / this.#msPerSecond);
    this.prefillTime.observe((times.firstTokenMs - times.scheduledMs) / this.#msPerSecond);
    const decodeSeconds = (times.finishedMs - times.firstTokenMs) / this.#msPerSecond;
    this.decodeTime.observe(decodeSeconds);
    this.timePerOutputToken.observe(decodeSeconds / Math.max(1, times.outputTokens - 1));
  }
}
