import type { PresetName } from '../catalogue/preset-name.ts';
import { engineNames, scaledGatewayNames } from '../catalogue/preset-name.ts';
import { presets } from '../catalogue/presets.ts';

const engines: readonly string[] = engineNames;
const scaledGateways: readonly string[] = scaledGatewayNames;

/** Why a page that was recognised is not the one looked for. A sidecar's page must not pass for the engine beside it. */
export function refusalOf(
  preset: PresetName,
  role: 'replica' | 'gateway',
  origin: { readonly lastCandidate: boolean },
): string | undefined {
  const { title } = presets[preset];
  const isEngine = engines.includes(preset);
  if (role === 'replica' && !isEngine) {
    const isScaled = scaledGateways.includes(preset);
    const advice = isScaled ? `if it is what scales, set "engine" to "${preset}"` : `set "port" to the model server's`;
    return `expected a model server's page, found ${title}'s, which stands in front of model servers; ${advice}`;
  }
  if (role === 'gateway' && isEngine) {
    return `expected a gateway's page, found ${title}'s; if it is what stands in front, set "gatewayEngine" to "${preset}"`;
  }
  if (preset === 'trtllm-serve-json' && !origin.lastCandidate) {
    return `expected ${presets['trtllm-serve'].title}'s text page, found its JSON page, which reading empties`;
  }
  return undefined;
}
