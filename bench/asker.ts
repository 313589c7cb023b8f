import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { protoFile } from '../src/grpc/contract.ts';
import type { WireScaledObjectRef } from '../src/simulate/keda/scaler.ts';
import { ScalerConnection } from '../src/simulate/keda/scaler-connection.ts';
import { carryOut, isChild, startChild } from './child.ts';

/** Asks about triggers without end and does not care what is answered. */
export interface Asker {
  /** Asks about each of them once a second; about those of `restless` with other metadata each time. */
  ask(address: string, refs: readonly WireScaledObjectRef[], restless?: readonly WireScaledObjectRef[]): Promise<void>;
  stop(): Promise<void>;
}

export function startAsker(): Asker {
  const child = startChild(fileURLToPath(import.meta.url));
  return {
    ask: (address, refs, restless = []) => child.order('ask', { address, refs, restless }),
    stop: () => child.stop(),
  };
}

interface Asking {
  readonly address: string;
  readonly refs: readonly WireScaledObjectRef[];
  readonly restless: readonly WireScaledObjectRef[];
}

const periodMs = 1000;

/** The child's side. */
function askForEver(): void {
  carryOut({
    async ask({ address, refs, restless }: Asking) {
      const connection = new ScalerConnection(address, { protoPath: protoFile('externalscaler.proto'), timeScale: 1 });
      const call = (ref: WireScaledObjectRef): void => void connection.call('IsActive', ref).catch(() => {});
      const pace = async (): Promise<never> => {
        for (let round = 0; ; round++) {
          const all = [...refs, ...restless.map((ref) => otherwise(ref, round))];
          for (const ref of all) {
            call(ref);
            await sleep(periodMs / all.length);
          }
        }
      };
      void pace();
      // Until each has been asked about once.
      await sleep(periodMs * 1.5);
    },
  });
}

function otherwise(ref: WireScaledObjectRef, round: number): WireScaledObjectRef {
  return { ...ref, scalerMetadata: { ...ref.scalerMetadata, targetValue: String(1000 + round) } };
}

if (isChild(fileURLToPath(import.meta.url))) askForEver();
