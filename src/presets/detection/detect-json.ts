import { presets } from '../catalogue/presets.ts';
import { asRecord, field } from '../reading/json-value.ts';
import { wordList } from '../reading/page-words.ts';
import type { Detection } from './detection.ts';

/** Where trtllm-serve listens: an empty array there has nothing new since it was last read. */
const trtllmPort = 8000;

/** Tells JSON pages apart by their shape. */
export function detectJson(json: unknown, port: number | undefined): Detection {
  if (Array.isArray(json)) return detectArray(json, port);
  const record = asRecord(json);
  if (record === undefined)
    return unknown(`a JSON ${json === null ? 'null' : typeof json}, which no known server prints`);
  if (Array.isArray(field(record, 'loads'))) return { kind: 'preset', preset: 'sglang-loads' };
  const values = Object.values(record);
  if (values.length > 0 && values.every((value) => asRecord(value)?.Concurrency !== undefined)) {
    return { kind: 'preset', preset: 'keda-http' };
  }
  if (field(record, 'error') !== undefined) {
    return unknown(`a JSON error where metrics were expected; ${presets.llamacpp.howToSwitchOn}`);
  }
  if (values.length === 0)
    return unknown("an empty JSON object; the KEDA HTTP add-on's queue is one while it has no routes");
  return unknown(`a JSON object with the keys ${wordList(Object.keys(record))}, which no known server prints`);
}

function detectArray(json: readonly unknown[], port: number | undefined): Detection {
  if (json.length === 0) {
    if (port === trtllmPort) return { kind: 'preset', preset: 'trtllm-serve-json' };
    return unknown('an empty JSON array; trtllm-serve prints one when nothing is new: set engine: trtllm-serve-json');
  }
  const isIteration = (element: unknown) => {
    const record = asRecord(element);
    return record?.iter !== undefined || record?.numActiveRequests !== undefined;
  };
  if (json.every(isIteration)) return { kind: 'preset', preset: 'trtllm-serve-json' };
  if (asRecord(json[0])?.num_reqs !== undefined) {
    return unknown("SGLang's deprecated /get_load; set path: /v1/loads, or --enable-metrics and path: /metrics");
  }
  return unknown('a JSON array that no known server prints');
}

function unknown(message: string): Detection {
  return { kind: 'unknown', message };
}
