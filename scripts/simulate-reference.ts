import type { FieldSchemas } from '../src/config/field.ts';
import { referenceOf } from '../src/config/field.ts';
import { flagOf } from '../src/config/settings/flags.ts';
import { simulateFields } from '../src/config/settings/simulate-flags.ts';
import { scaledObjectFields } from '../src/replay/policies/our-policy.ts';
import { policyKinds } from '../src/replay/policies/policy-catalogue.ts';
import { engineProfiles } from '../src/simulate/engine/engine-profiles.ts';

/** A table's cell must not end it. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

export function renderSimulateFlags(): string {
  const rows = Object.entries(simulateFields).map(([name, schema]) => {
    const { form, meaning, defaultText } = referenceOf(schema);
    return `| \`${flagOf(name)}\` | ${cell(form)} | ${cell(defaultText ?? '')} | ${cell(meaning)} |`;
  });
  return ['| flag | value | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

export function renderProfiles(): string {
  const rows = engineProfiles.map(({ name, title, shape, gpus, basis }) => {
    const { memoryBaseMs, memoryPerTokenMs, computeBaseMs, computePerTokenMs, ...rest } = shape.timing;
    const { kvPerThousandTokensMs, attentionPerMillionPairsMs, perSequenceMs, overheadMs } = rest;
    const lines = `${memoryBaseMs} + ${memoryPerTokenMs}·T; ${computeBaseMs} + ${computePerTokenMs}·T`;
    const further = [kvPerThousandTokensMs, attentionPerMillionPairsMs, perSequenceMs, overheadMs].join(', ');
    const limits = `${shape.maxRunning}, ${shape.maxStepTokens}, ${shape.kvBlocks * shape.blockTokens}`;
    return `| \`${name}\` | ${title} | ${gpus} | ${lines} | ${further} | ${limits} | ${basis} |`;
  });
  return [
    '| profile | replica | GPUs | step, memory-bound; compute-bound (ms, T tokens) | per 1,000 cached tokens, per million pairs, per sequence, per step (ms) | batch, tokens a step, KV tokens | basis |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

export function renderPolicies(): string {
  const rows = Object.entries(policyKinds).map(
    ([name, { rule, source, fields }]) => `| \`${name}\` | ${cell(rule)} | ${settings(fields)} | ${cell(source)} |`,
  );
  const own = `| \`ours\` | this scaler's own triggers, KEDA and the HPA | every key of [the metadata](trigger-metadata.md); ${settings(scaledObjectFields)} | \`src/triggers\`, \`src/keda\` |`;
  return ['| policy | rule | settings and defaults | source |', '| --- | --- | --- | --- |', own, ...rows].join('\n');
}

function settings(fields: FieldSchemas): string {
  const all = Object.entries(fields).map(([name, schema]) => {
    const { defaultText, form } = referenceOf(schema);
    return `\`${name}\`${defaultText === undefined ? ` (${cell(form)})` : ` ${cell(defaultText)}`}`;
  });
  return all.join(', ');
}
