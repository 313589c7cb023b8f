import type { Scenario } from '../scenario.ts';
import { check, inSeconds, shortSpans } from '../scenario.ts';
import type { Stage } from '../stage.ts';

const targetValue = 8;
const streamWithinMs = 20_000;

/** From zero by the gateway's demand, to what the arithmetic says, and back. */
async function throughAllSizes(stage: Stage, name: string, trigger: Readonly<Record<string, string>>): Promise<string> {
  await stage.scale({
    name,
    triggers: [{ targetValue: String(targetValue), gatewayService: 'gateway', ...trigger }],
  });
  await stage.status(name, 'KEDA has opened its push stream', (status) => status.openPushStreams > 0, streamWithinMs);
  await stage.stays(name, 0, 3000);
  const demandMs = performance.now();
  await stage.keepOpen(name, 36);
  const toOneMs = await stage.desired(name, 1, 15_000, demandMs);
  await stage.ready(name, Math.ceil(36 / targetValue), 60_000);
  await stage.stays(name, Math.ceil(36 / targetValue), 12_000);
  await stage.keepOpen(name, 80);
  await stage.ready(name, Math.ceil(80 / targetValue), 60_000);
  await stage.stays(name, Math.ceil(80 / targetValue), 6000);
  const idleMs = performance.now();
  await stage.keepOpen(name, 0);
  const toZeroMs = await stage.desired(name, 0, 150_000, idleMs);
  const load = await stage.load(name);
  check(load?.lost === 0, `${load?.lost} requests were lost`);
  return `demand at the gateway to spec.replicas=1 in ${inSeconds(toOneMs)}; 36 → 5, 80 → 10; idle to 0 in ${inSeconds(toZeroMs)}`;
}

export const zeroToMany: Scenario = {
  name: 'zero-to-many',
  title: 'default discovery, default spans: 0 → 1 → 5 → 10 → 0',
  async run(stage) {
    await stage.gateway();
    await stage.model({ name: 'llama' });
    return throughAllSizes(stage, 'llama', {});
  },
};

export const onlyTargetValue: Scenario = {
  name: 'only-target-value',
  title: 'nothing but targetValue in the metadata: 1 → 5 → 0',
  async run(stage) {
    await stage.model({ name: 'llama', replicas: 1 });
    await stage.keepOpen('llama', 36);
    await stage.scale({ name: 'llama', triggers: [{ targetValue: '8' }] });
    await stage.ready('llama', 5, 60_000);
    await stage.stays('llama', 5, 10_000);
    const idleMs = performance.now();
    await stage.keepOpen('llama', 0);
    return `idle to 0 in ${inSeconds(await stage.desired('llama', 0, 150_000, idleMs))}`;
  },
};

export const serviceDiscovery: Scenario = {
  name: 'service-discovery',
  title: 'found by a Service, vLLM and SGLang beside each other',
  async run(stage) {
    await stage.gateway();
    await Promise.all([stage.model({ name: 'llama' }), stage.model({ name: 'qwen', engine: 'sglang' })]);
    await Promise.all([stage.service('llama'), stage.service('qwen')]);
    const [vllm, sglang] = await Promise.all([
      throughAllSizes(stage, 'llama', { ...shortSpans, service: 'llama' }),
      throughAllSizes(stage, 'qwen', { ...shortSpans, service: 'qwen', engine: 'sglang' }),
    ]);
    return `vLLM: ${vllm}. SGLang: ${sglang}`;
  },
};
