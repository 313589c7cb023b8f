import type { Preset } from './preset.ts';

export const tgi: Preset = {
  title: 'Text Generation Inference',
  kind: 'engine',
  fingerprint: ['tgi_'],
  bornWithFirstRequest: true,
  alsoPrinted: ['tgi_request_success', 'tgi_request_failure', 'tgi_batch_current_max_tokens'],
  running: 'tgi_batch_current_size',
  waiting: 'tgi_queue_size',
  requests: 'tgi_request_count | tgi_request_success',
  steps: 'tgi_batch_inference_count',
  latency: 'tgi_request_duration',
  ports: [80, 3000],
  paths: ['/metrics'],
  suspectAfterMs: 30_000,
  howToSwitchOn:
    'Text Generation Inference prints its gauges after its first request, and never with the trtllm, llamacpp and neuron backends',
};

export const lorax: Preset = {
  title: 'LoRAX',
  kind: 'engine',
  fingerprint: ['lorax_'],
  bornWithFirstRequest: true,
  alsoPrinted: ['lorax_request_success', 'lorax_request_failure'],
  running: 'lorax_batch_current_size',
  waiting: 'lorax_queue_length',
  requests: 'lorax_request_count | lorax_request_success',
  steps: 'lorax_batch_inference_count',
  latency: 'lorax_request_duration',
  ports: [80, 3000],
  paths: ['/metrics'],
  suspectAfterMs: 30_000,
  howToSwitchOn: 'LoRAX prints its gauges after its first request',
};

/** Has no running gauge. What came in less what went out is none either: many versions forget to count some of both. */
export const tei: Preset = {
  title: 'Text Embeddings Inference',
  kind: 'engine',
  fingerprint: ['te_'],
  bornWithFirstRequest: true,
  waiting: 'te_queue_size',
  loadFrom: 'latency-sums',
  requests: 'te_request_count',
  latency: 'te_request_duration',
  ports: [80, 3000],
  paths: ['/metrics'],
  howToSwitchOn: 'Text Embeddings Inference prints an empty page before its first request',
};
