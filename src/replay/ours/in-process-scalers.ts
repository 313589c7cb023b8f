import { totalOf } from '../../keda/keda-values.ts';
import type {
  MetricAnswer,
  Scaler,
  Scalers,
  StreamEnd,
  StreamMessages,
  WireScaledObjectRef,
} from '../../simulate/keda/scaler.ts';
import { streamStatus } from '../../simulate/keda/scaler.ts';
import type { Answers, PushStream } from '../../triggers/answers.ts';
import type { VirtualClock } from '../time/virtual-clock.ts';

/** The product's answers without a wire: what KEDA asks is asked of them directly. */
export class InProcessScalers implements Scalers {
  readonly #answers: Answers;
  readonly #clock: VirtualClock;
  #asking = 0;

  constructor(answers: Answers, clock: VirtualClock) {
    this.#answers = answers;
    this.#clock = clock;
  }

  /** Whether a question is not answered yet: only a trigger's first one waits. */
  get isAsking(): boolean {
    return this.#asking > 0;
  }

  open({ namespace, name, scalerMetadata: metadata }: WireScaledObjectRef): Scaler {
    const ref = { namespace, name, metadata };
    return {
      spec: async () => {
        const { metricName, targetValue } = this.#answers.metricSpec(ref);
        return [{ metricName, targetSize: 0, targetSizeFloat: targetValue }];
      },
      read: (metricName) => this.#read(metricName, this.#answers.answer(ref)),
      stream: (kind, take, signal) => this.#stream(kind, take, { signal, ref }),
      close: () => undefined,
    };
  }

  close(): void {
    // Nothing is kept here.
  }

  async #read(metricName: string, answer: ReturnType<Answers['answer']>): Promise<MetricAnswer> {
    this.#asking += 1;
    try {
      const { metricValue, active } = await answer;
      const total = totalOf([{ metricName, metricValue: 0, metricValueFloat: metricValue }]);
      return { total, active, valueCount: 1 };
    } finally {
      this.#asking -= 1;
    }
  }

  async #stream<Name extends keyof StreamMessages>(
    kind: Name,
    take: (message: StreamMessages[Name]) => Promise<void>,
    { signal, ref }: { readonly signal: AbortSignal; readonly ref: Parameters<Answers['openPushStream']>[0] },
  ): Promise<StreamEnd> {
    if (kind !== 'StreamIsActive') return { code: streamStatus.unimplemented, details: '' };
    const takeActive = take as (message: StreamMessages['StreamIsActive']) => Promise<void>;
    const stream: PushStream = {
      sendActive: () => {
        void takeActive({ result: true });
        this.#clock.unsettle();
        return true;
      },
    };
    const stop = this.#answers.openPushStream(ref, stream);
    return await new Promise((resolve) => {
      const end = (): void => {
        stop();
        resolve({ code: streamStatus.ok, details: '' });
      };
      signal.addEventListener('abort', end, { once: true });
    });
  }
}
