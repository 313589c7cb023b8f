import { activator, envoy, epp, istio, kedaHttp, kong, litellm, nginx, traefik } from './gateway-presets.ts';
import { lorax, tei, tgi } from './hugging-face-presets.ts';
import {
  dynamoFrontend,
  dynamoWorker,
  nim,
  triton,
  tritonTrtllm,
  trtllmServe,
  trtllmServe10,
  trtllmServeJson,
} from './nvidia-presets.ts';
import {
  bentoml,
  http,
  jetstream,
  kserve,
  llamacpp,
  lmdeploy,
  max,
  mistralrs,
  mlserver,
  torchserve,
  xinference,
} from './other-engine-presets.ts';
import type { Preset } from './preset.ts';
import type { PresetName } from './preset-name.ts';
import { aibrix, productionStack, sglangRouter, smg, vllmRouter } from './router-presets.ts';
import { sglang, sglangLoads } from './sglang-presets.ts';
import { aphrodite, gpustack, rayServe, rayVllm, vllm } from './vllm-presets.ts';

/** What is known about each kind of page, by the name that users write. */
export const presets: Readonly<Record<PresetName, Preset>> = {
  vllm,
  aphrodite,
  sglang,
  'sglang-loads': sglangLoads,
  tgi,
  lorax,
  tei,
  triton,
  'triton-trtllm': tritonTrtllm,
  'trtllm-serve': trtllmServe,
  'trtllm-serve-json': trtllmServeJson,
  'trtllm-serve-1.0': trtllmServe10,
  nim,
  'dynamo-worker': dynamoWorker,
  llamacpp,
  lmdeploy,
  bentoml,
  'ray-vllm': rayVllm,
  'ray-serve': rayServe,
  mlserver,
  torchserve,
  kserve,
  http,
  max,
  jetstream,
  xinference,
  mistralrs,
  gpustack,
  'dynamo-frontend': dynamoFrontend,
  'production-stack': productionStack,
  smg,
  'sglang-router': sglangRouter,
  'vllm-router': vllmRouter,
  aibrix,
  activator,
  litellm,
  epp,
  envoy,
  istio,
  traefik,
  kong,
  nginx,
  'keda-http': kedaHttp,
};

/** Paths under which a page may be, `/metrics` first, the others in the order of the table. */
export const knownPaths: readonly string[] = [
  ...new Set(['/metrics', ...Object.values(presets).flatMap((preset) => preset.paths)]),
];
