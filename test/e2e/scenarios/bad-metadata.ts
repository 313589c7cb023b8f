import { eventually } from '../eventually.ts';
import type { Scenario } from '../scenario.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

const words = ['targetvalue', 'targetValue', 'scrapeInterval'];

export const badMetadata: Scenario = {
  name: 'bad-metadata',
  title: 'wrong metadata: the conditions and events of the ScaledObject say what is wrong in our words',
  async run(stage) {
    await stage.model({ name: 'llama', replicas: 2 });
    await stage.scale({ name: 'llama', triggers: [{ targetvalue: '8', scrapeInterval: '5' }] });
    let ready = '';
    await eventually('the ScaledObject is not ready', 40_000, async () => {
      const { status } = await stage.world.kube.get(stage.scaledObjectPath('llama'));
      const conditions = (status?.conditions ?? []) as readonly Condition[];
      const found = conditions.find(({ type }) => type === 'Ready');
      ready = `${found?.status}: ${found?.message}`;
      return found?.status === 'False' || ready;
    });
    await eventually('an event names every wrong key', 30_000, async () => {
      const path = `/api/v1/namespaces/${stage.namespace}/events`;
      const { items } = await stage.world.kube.get<{ items: readonly { message?: string }[] }>(path);
      const messages = items.map(({ message }) => message ?? '');
      return (
        messages.some((message) => words.every((word) => message.includes(word))) || messages.join(' | ').slice(-800)
      );
    });
    await stage.stays('llama', 2, 5000);
    await stage.scale({ name: 'llama', triggers: [{ targetValue: '8' }], spec: { minReplicaCount: 3 } });
    await stage.desired('llama', 3, 40_000);
    return `condition "${ready.slice(0, 160)}"; mended, it works`;
  },
};
