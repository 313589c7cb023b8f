import type { EngineRequest } from '../../simulate/engine/sequence.ts';

/** Sums over the requests of a trace, from which everything the closed forms need follows. */
export class RequestMix {
  requests = 0;
  #prompt = 0;
  #promptSquares = 0;
  #output = 0;
  #outputSquares = 0;
  #products = 0;

  add({ promptTokens, outputTokens }: EngineRequest): void {
    this.requests += 1;
    this.#prompt += promptTokens;
    this.#promptSquares += promptTokens * promptTokens;
    this.#output += outputTokens;
    this.#outputSquares += outputTokens * outputTokens;
    this.#products += promptTokens * outputTokens;
  }

  get meanPromptTokens(): number {
    return this.#prompt / this.requests;
  }

  get meanSquaredPromptTokens(): number {
    return this.#promptSquares / this.requests;
  }

  get meanOutputTokens(): number {
    return this.#output / this.requests;
  }

  /**
   * Tokens a decoding request has in the cache in the mean over time: one that decodes for longer is seen more often,
   * so both terms weigh each request with its output, and it has half of its own output in the mean.
   */
  get meanDecodingTokens(): number {
    return this.#products / this.#output + this.#outputSquares / (2 * this.#output);
  }
}
