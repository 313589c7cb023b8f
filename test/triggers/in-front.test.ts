import { beforeEach, describe, expect, it } from 'vitest';
import type { PresetName } from '../../src/presets/catalogue/preset-name.ts';
import { statusOf } from '../../src/triggers/status-of.ts';
import { TriggerRegistry } from '../../src/triggers/trigger-registry.ts';
import { FakeWorld, pod, RecordedEvents } from '../fakes/fake-world.ts';
import { statusesOf } from '../fakes/printed-pages.ts';

const limits = {
  maxTriggers: 9,
  maxTriggersPerNamespace: 9,
  maxEndpointsPerTrigger: 2,
  idleTimeoutMs: 6_000_000,
  activationScrapeIntervalMs: 50,
  startingForMs: 600_000,
  refusalOf: () => undefined,
};

let world: FakeWorld;
let registry: TriggerRegistry;
beforeEach(() => {
  world = new FakeWorld();
  registry = new TriggerRegistry(world, new RecordedEvents(), limits);
});

function ask(name: string, metadata: Readonly<Record<string, string>> = {}): void {
  // Whatever it is told: the status says more.
  registry.answer(refOf(name, metadata)).catch(() => {});
}

const refOf = (name: string, metadata: Readonly<Record<string, string>> = {}) => ({
  namespace: 'models',
  name,
  metadata: { targetValue: '10', gatewayService: 'front', ...metadata },
});

function run(seconds: number, says: () => void): void {
  for (let tick = 0; tick < seconds * 20; tick++) {
    if (tick % 20 === 0) says();
    world.now += 50;
    registry.tick();
  }
}

function statusFor(name: string) {
  const trigger = [...registry.all].find((each) => each.name === name)!;
  return statusOf(trigger, undefined, world.now);
}

describe('at zero replicas', () => {
  /** Pages of a router that has refused so many requests. */
  const routers: [PresetName, Readonly<Record<string, string>>, (refused: number) => string][] = [
    [
      'production-stack',
      { gatewayModel: 'tiny' },
      (refused) =>
        `vllm:current_qps{server="x"} 0\nvllm:num_incoming_requests_total{model="big"} 9\nvllm:num_incoming_requests_total{model="tiny"} ${refused}\n`,
    ],
    [
      'vllm-router',
      {},
      (refused) =>
        `vllm_router_active_workers 0\n${refused > 0 ? `vllm_router_retries_exhausted_total{route="/v1/completions"} ${refused}\n` : ''}`,
    ],
    [
      'smg',
      {},
      (refused) =>
        `smg_worker_overload_shed_total{stage="dispatch"} 0\n${refused > 0 ? `smg_admission_inflight 0\nsmg_router_requests_total{model="other"} ${refused}\n` : ''}`,
    ],
    [
      'envoy',
      { gatewayModel: 'tiny' },
      (refused) =>
        `envoy_cluster_upstream_rq_active{envoy_cluster_name="tiny"} 0\nenvoy_cluster_upstream_rq_total{envoy_cluster_name="tiny"} 0\nenvoy_cluster_upstream_cx_none_healthy{envoy_cluster_name="tiny"} ${refused}\n`,
    ],
  ];

  it.each(routers)('%s wakes by the requests that it refused', (_preset, metadata, page) => {
    const statuses = statusesOf({
      gateway: (second) => page(second < 10 ? 0 : 3),
      metadata: { gatewayService: 'gw', idleAfter: '5s', ...metadata },
      seconds: 20,
    });
    const active = statuses.map((status) => status.active);
    expect(active.slice(0, 10)).not.toContain(true);
    expect(statuses[10]).toMatchObject({ active: true, activeReason: 'request-finished', desiredReplicas: 1 });
    expect(active.at(-1)).toBe(false);
  });

  it("does not wake by another model's requests", () => {
    const [, metadata, page] = routers[0]!;
    const statuses = statusesOf({
      gateway: (second) => page(0).replace('model="big"} 9', `model="big"} ${9 + 40 * second}`),
      metadata: { gatewayService: 'gw', ...metadata },
      seconds: 20,
    });
    expect(statuses.map(({ active }) => active)).not.toContain(true);
  });

  it('a refused request is pushed at once', () => {
    world.list([]);
    world.listGateway([pod('front')]);
    ask('llama');
    run(2, () => world.say({ concurrency: 0, requestsTotal: 5 }, 'gateway'));
    let pushed = 0;
    registry.openPushStream(refOf('llama'), { sendActive: () => ++pushed > 0 });
    run(3, () => world.say({ concurrency: 0, requestsTotal: 5 }, 'gateway'));
    expect(pushed).toBe(0);
    world.say({ concurrency: 0, requestsTotal: 6 }, 'gateway');
    registry.tick();
    expect(pushed).toBe(1);
  });

  it('says that nothing can wake it behind a router whose page does not move', () => {
    const page = 'dynamo_frontend_disconnected_clients 0\ndynamo_frontend_requests_total{model="m"} 0\n';
    const [status] = statusesOf({ gateway: () => page, metadata: { gatewayService: 'gw' }, seconds: 3 }).slice(-1);
    expect(status!.why).toContain("the Dynamo frontend counts nothing while no replica runs, so a request can't wake");
  });
});

describe('a gateway that cannot be read', () => {
  beforeEach(() => {
    world.list([pod('a')]);
    world.listGateway([pod('front')]);
    ask('llama', { idleAfter: '5s' });
  });
  const says = (): void => {
    world.say({ concurrency: 0 });
    world.say('fails', 'gateway');
  };

  it('keeps an idle workload by a word of its own, and for five minutes', () => {
    run(290, says);
    expect(statusFor('llama')).toMatchObject({ active: true, activeReason: 'gateway-unreadable', metricValue: 10 });
    run(90, says);
    const status = statusFor('llama');
    expect(status).toMatchObject({ active: false, metricValue: 0, gateway: { state: 'unreadable', isGivenUp: true } });
    expect(status.why).toContain('it never could be, so it counts as nothing');
  });

  it('counts from the moment it can be read, also after that', () => {
    run(400, says);
    run(2, () => {
      world.say({ concurrency: 0 });
      world.say({ concurrency: 4, waiting: 4 }, 'gateway');
    });
    expect(statusFor('llama')).toMatchObject({ active: true, activeReason: 'requests-held', loadNow: 4 });
    run(400, says);
    expect(statusFor('llama')).toMatchObject({ active: true, activeReason: 'gateway-unreadable' });
  });

  it('does not take the place of what a replica says', () => {
    run(3, () => {
      world.say({ concurrency: 2 });
      world.say('fails', 'gateway');
    });
    expect(statusFor('llama').activeReason).toBe('load-above-activation');
  });
});

describe('a gateway that does not exist', () => {
  const problem = 'no Service "front" in namespace "models"';
  async function answered(hasFallback: boolean): Promise<unknown> {
    world.list([], { hasFallback });
    world.listGateway([]);
    world.gateway = { ...world.gateway!, synced: false, problem, invalid: true };
    const answer = registry.answer(refOf('llama')).catch((error: Error) => error.message);
    run(1, () => {});
    return answer;
  }

  it('is an error at zero replicas, which KEDA shows with the words', async () => {
    expect(await answered(false)).toContain(problem);
  });

  it('is none where a fallback would start replicas for it', async () => {
    expect(await answered(true)).toEqual({ metricValue: 0, active: false });
  });
});

describe('two workloads behind one gateway', () => {
  function follow(names: readonly string[], metadata: Readonly<Record<string, string>>[] = []): void {
    world.listGateway([pod('front')]);
    for (const [place, name] of names.entries()) ask(name, metadata[place]);
    run(1, () => world.say({ concurrency: 0, requestsTotal: 0 }, 'gateway'));
  }
  const sayReplicas = (loads: Readonly<Record<string, number>>): void => {
    for (const scrape of world.open) {
      const load = loads[scrape.request.scaledObject];
      if (scrape.request.role === 'replica' && load !== undefined) world.sayOne(scrape, { concurrency: load });
    }
  };

  it('count what their own replicas have, and share the rest by replicas that are ready', () => {
    world.listOf('stable', [pod('s1'), pod('s22')]);
    world.listOf('canary', [pod('c1')]);
    follow(['stable', 'canary']);
    run(3, () => {
      sayReplicas({ stable: 9, canary: 3 });
      world.say({ concurrency: 24 }, 'gateway');
    });
    // 18 and 3 are in the engines; 3 of the route's 24 are in nobody's.
    expect(statusFor('stable')).toMatchObject({ loadNow: 20, gateway: { inFlight: 20, sharedWith: 1 } });
    expect(statusFor('canary')).toMatchObject({ loadNow: 4, gateway: { inFlight: 4, sharedWith: 1 } });
    expect(statusFor('canary').why).toContain('the share beside 1 other workload');
  });

  it('leave a side at zero asleep while the other serves', () => {
    world.listOf('stable', [pod('s1')]);
    world.listOf('canary', []);
    follow(['stable', 'canary']);
    let requestsTotal = 0;
    run(5, () => {
      sayReplicas({ stable: 9 });
      world.say({ concurrency: 12, requestsTotal: ++requestsTotal }, 'gateway');
    });
    expect(statusFor('stable')).toMatchObject({ loadNow: 12, active: true });
    expect(statusFor('canary')).toMatchObject({ loadNow: 0, active: false });
  });

  it('wake both where neither serves', () => {
    world.listOf('stable', []);
    world.listOf('canary', []);
    follow(['stable', 'canary']);
    run(2, () => world.say({ concurrency: 4 }, 'gateway'));
    expect(statusFor('stable')).toMatchObject({ loadNow: 2, active: true });
    expect(statusFor('canary')).toMatchObject({ loadNow: 2, active: true });
  });

  it('share nothing where each has a name of its own there', () => {
    world.listOf('stable', [pod('s1')]);
    world.listOf('canary', [pod('c1')]);
    follow(['stable', 'canary'], [{ gatewayModel: 'a' }, { gatewayModel: 'b' }]);
    run(3, () => {
      sayReplicas({ stable: 1, canary: 1 });
      world.say({ concurrency: 6 }, 'gateway');
    });
    expect(statusFor('stable')).toMatchObject({ loadNow: 6, gateway: { sharedWith: 0 } });
  });

  it('are one workload where both triggers are of one ScaledObject', () => {
    world.listOf('stable', [pod('s1')]);
    follow(['stable', 'stable'], [{}, { window: '30s' }]);
    run(3, () => {
      sayReplicas({ stable: 1 });
      world.say({ concurrency: 6 }, 'gateway');
    });
    expect(statusFor('stable')).toMatchObject({ loadNow: 6, gateway: { sharedWith: 0 } });
  });

  it('count all of it again once the other is gone', () => {
    world.listOf('stable', [pod('s1')]);
    world.listOf('canary', [pod('c1')]);
    follow(['stable', 'canary']);
    registry.close();
    follow(['stable']);
    run(3, () => {
      sayReplicas({ stable: 1 });
      world.say({ concurrency: 6 }, 'gateway');
    });
    expect(statusFor('stable').loadNow).toBe(6);
  });
});

describe('a gateway without a preset', () => {
  const metadata = {
    gatewayService: 'gw',
    gatewayEngine: 'custom',
    model: 'tiny',
    gatewayHeldMetric: 'edge_queued{route="a"}',
    gatewayRequestsMetric: 'edge_requests_total{route="a"}',
  };
  const page = (queued: number, total: number, running = 0): string =>
    `edge_busy{route="a"} ${running}\nedge_queued{route="a"} ${queued}\nedge_queued{route="b"} 9\nedge_requests_total{route="a"} ${total}\n`;
  const replica = (): string =>
    'vllm:num_requests_running{model_name="tiny"} 4\nvllm:num_requests_waiting{model_name="tiny"} 0\n';

  it('holds what the named family says, and nothing of other routes', () => {
    const statuses = statusesOf({ gateway: (second) => page(second < 3 ? 0 : 7, 0), metadata, seconds: 5 });
    expect(statuses[1]).toMatchObject({ active: false, loadNow: 0 });
    expect(statuses.at(-1)).toMatchObject({ activeReason: 'requests-held', loadNow: 7 });
  });

  it('adds what it holds to the larger of the engines and what is in flight', () => {
    const gatewayRunningMetric = 'edge_busy{route="a"}';
    const [status] = statusesOf({
      replica,
      gateway: () => page(2, 0, 6),
      metadata: { ...metadata, gatewayRunningMetric },
      seconds: 2,
    }).slice(-1);
    expect(status).toMatchObject({ loadNow: 8, gateway: { held: 2, inFlight: 6 } });
  });

  it('wakes by a counter that is named', () => {
    const statuses = statusesOf({ gateway: (second) => page(0, second < 3 ? 1 : 2), metadata, seconds: 4 });
    expect(statuses.map(({ active }) => active)).toEqual([false, false, false, true, true]);
  });
});
