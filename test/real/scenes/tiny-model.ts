import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes what a server needs to know of a model that nobody trained: a few words, two layers, no weights. */
export async function writeTinyModel(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const files = {
    'config.json': config,
    'generation_config.json': { bos_token_id: 1, eos_token_id: 2 },
    'tokenizer.json': tokenizer,
    'tokenizer_config.json': tokenizerConfig,
  };
  for (const [file, content] of Object.entries(files)) await writeFile(join(dir, file), JSON.stringify(content));
}

const config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  vocab_size: 256,
  max_position_embeddings: 4096,
  bos_token_id: 1,
  eos_token_id: 2,
  rms_norm_eps: 1e-5,
  torch_dtype: 'float32',
};

const words = ['[UNK]', '<s>', '</s>', ...Array.from({ length: 253 }, (_, at) => `w${at}`)];
const special = (id: number, content: string) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});
const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [special(1, '<s>'), special(2, '</s>')],
  normalizer: null,
  pre_tokenizer: { type: 'Whitespace' },
  post_processor: null,
  decoder: null,
  model: { type: 'WordLevel', vocab: Object.fromEntries(words.map((word, id) => [word, id])), unk_token: '[UNK]' },
};
const tokenizerConfig = {
  tokenizer_class: 'PreTrainedTokenizerFast',
  bos_token: '<s>',
  eos_token: '</s>',
  unk_token: '[UNK]',
  model_max_length: 4096,
  chat_template: "{% for m in messages %}{{ m['role'] }} {{ m['content'] }} {% endfor %}",
};
