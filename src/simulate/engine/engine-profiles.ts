import { nearestName } from '../../config/nearest-name.ts';
import type { EngineShape } from './engine-shape.ts';

/** A model on certain GPUs: what one replica of it can do. */
export interface EngineProfile {
  readonly name: string;
  readonly title: string;
  readonly shape: EngineShape;
  /** GPUs of one replica: what a replica-hour costs is this many GPU-hours. */
  readonly gpus: number;
  /** Where the coefficients come from. */
  readonly basis: string;
}

/** w0, w1, q0, q1, kv, ap, sq, ov of the step-time law, in the order of `StepTiming`. */
type Coefficients = readonly [number, number, number, number, number, number, number, number];

const kernels = "kernel times published with vidur (linear layers by tokens), fitted to the law's two lines";
const roofline = 'weights over memory bandwidth, operations over arithmetic peak, with the usual shares of both';

/**
 * Llama-3-class models, bf16 unless the title says otherwise. `validated`: compared with a log of a real vLLM; the
 * others rest on kernel times or on the hardware's figures, and are to be taken as ±20 %.
 */
const rows: readonly (readonly [
  name: string,
  title: string,
  coefficients: Coefficients,
  kvTokens: number,
  limits: readonly [maxRunning: number, maxStepTokens: number],
  gpus: number,
  basis: string,
])[] = [
  [
    '8b-rtx4090',
    '8B on one RTX 4090',
    [16.3, 0.033, 2.5, 0.0871, 0.137, 3.8, 0.005, 1],
    41_408,
    [256, 2048],
    1,
    `validated: vLLM 0.19, 300 requests; ${kernels}`,
  ],
  [
    '8b-rtxpro6000',
    '8B on one RTX PRO 6000',
    [10.7, 0.012, 5.2, 0.035, 0.086, 1.93, 0.02, 2],
    500_000,
    [256, 2048],
    1,
    `validated: vLLM 0.19, 300 requests (overhead set from the same run); ${kernels}`,
  ],
  ['8b-a100', '8B on one A100 80 GB', [10.4, 0.03, 6.2, 0.067, 0.086, 3.7, 0.012, 1], 409_000, [256, 2048], 1, kernels],
  [
    '8b-h100',
    '8B on one H100',
    [6.1, 0.0135, 4.8, 0.021, 0.065, 1.32, 0.012, 0.6],
    409_000,
    [1024, 8192],
    1,
    `${kernels}, scaled; 6.8 ms a token alone, 6.5 published for vLLM 0.21`,
  ],
  ['8b-h200', '8B on one H200', [4.6, 0.0135, 4, 0.021, 0.045, 1.32, 0.012, 0.6], 824_000, [1024, 8192], 1, roofline],
  ['8b-l40s', '8B on one L40S', [20.4, 0.03, 4, 0.083, 0.2, 3.6, 0.012, 1], 175_000, [256, 2048], 1, roofline],
  ['8b-l4', '8B in fp8 on one L4', [34, 0.03, 6, 0.118, 0.58, 10.8, 0.012, 1], 82_000, [256, 2048], 1, roofline],
  ['8b-a10g', '8B on one A10G', [31, 0.04, 6, 0.218, 0.29, 10.5, 0.012, 1], 20_000, [256, 2048], 1, roofline],
  [
    '70b-4xa100',
    '70B on four A100 80 GB',
    [28, 0.064, 17.5, 0.165, 0.067, 5.3, 0.015, 1.5],
    419_000,
    [256, 2048],
    4,
    `${kernels}, and 12 µs for each exchange between GPUs`,
  ],
  [
    '70b-4xh100',
    '70B on four H100',
    [17.5, 0.015, 12.5, 0.058, 0.041, 1.66, 0.015, 1.5],
    419_000,
    [1024, 8192],
    4,
    `${kernels}, and 12 µs for each exchange between GPUs`,
  ],
  [
    '70b-8xh100',
    '70B on eight H100',
    [11.5, 0.022, 9.5, 0.034, 0.021, 0.83, 0.015, 1.5],
    1_270_000,
    [1024, 8192],
    8,
    `${kernels}, and 12 µs for each exchange between GPUs`,
  ],
];

const blockTokens = 16;

/** All profiles by name. */
export const engineProfiles: readonly EngineProfile[] = rows.map(
  ([name, title, [w0, w1, q0, q1, kv, ap, sq, ov], kvTokens, [maxRunning, maxStepTokens], gpus, basis]) => ({
    name,
    title,
    gpus,
    basis,
    shape: {
      maxRunning,
      maxStepTokens,
      kvBlocks: Math.floor(kvTokens / blockTokens),
      blockTokens,
      timing: {
        memoryBaseMs: w0,
        memoryPerTokenMs: w1,
        computeBaseMs: q0,
        computePerTokenMs: q1,
        kvPerThousandTokensMs: kv,
        attentionPerMillionPairsMs: ap,
        perSequenceMs: sq,
        overheadMs: ov,
      },
    },
  }),
);

/** The first profile with a batch of 16, so that queues can be seen in a short run. */
export const smallReplica: EngineShape = { ...engineProfiles[0]!.shape, maxRunning: 16 };

/** The profile of this name, or a sentence with the nearest one there is. */
export function profileNamed(name: string): EngineProfile | string {
  const found = engineProfiles.find((profile) => profile.name === name);
  if (found !== undefined) return found;
  const names = engineProfiles.map((profile) => profile.name);
  const near = nearestName(name, names);
  return near === undefined ? `the profiles are ${names.join(', ')}` : `did you mean "${near}"?`;
}
