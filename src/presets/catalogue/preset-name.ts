/** Model servers whose page states the load of one replica. */
export const engineNames = [
  'vllm',
  'aphrodite',
  'sglang',
  'sglang-loads',
  'tgi',
  'lorax',
  'tei',
  'triton',
  'triton-trtllm',
  'trtllm-serve',
  'trtllm-serve-json',
  'trtllm-serve-1.0',
  'nim',
  'dynamo-worker',
  'llamacpp',
  'lmdeploy',
  'bentoml',
  'ray-vllm',
  'ray-serve',
  'mlserver',
  'torchserve',
  'kserve',
  'http',
  'max',
  'jetstream',
  'xinference',
  'mistralrs',
  'gpustack',
] as const;

/** Routers, gateways and queues, whose page states what stands in front of model servers. */
export const gatewayNames = [
  'activator',
  'dynamo-frontend',
  'production-stack',
  'smg',
  'sglang-router',
  'vllm-router',
  'aibrix',
  'litellm',
  'epp',
  'envoy',
  'istio',
  'traefik',
  'kong',
  'nginx',
  'keda-http',
] as const;

/** Gateways that people also run as the scaled workload: each counts the requests of its own process. */
export const scaledGatewayNames = ['dynamo-frontend', 'production-stack', 'litellm'] as const;

export const presetNames = [...engineNames, ...gatewayNames] as const;

export type EngineName = (typeof engineNames)[number];
export type GatewayName = (typeof gatewayNames)[number];
export type PresetName = EngineName | GatewayName;
