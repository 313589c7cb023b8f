import { describe, expect, it } from 'vitest';
import type { PresetName } from '../../../src/presets/catalogue/preset-name.ts';
import { readSignals } from '../../../src/presets/reading/read-signals.ts';
import type { Signals } from '../../../src/presets/signals.ts';
import { pageOf } from '../page-of.ts';

function signalsOf(page: string, preset: PresetName, models?: readonly string[]): Signals {
  const outcome = readSignals(pageOf(page), preset, models);
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.signals;
}

/** Requests in progress of each service, by the Bento's name or, from source, by the service's own. */
function bento(inProgress: Readonly<Record<string, number>>, bentoName?: string): string {
  return Object.entries(inProgress)
    .flatMap(([service, count]) => {
      const labels = `endpoint="/${service.toLowerCase()}",runner_name="${service}",service_name="${bentoName ?? service}"`;
      return [
        `bentoml_service_request_in_progress{${labels}} ${count}`,
        `bentoml_service_request_total{${labels},http_response_code="200"} ${10 * count}`,
      ];
    })
    .join('\n')
    .concat('\n');
}

const shapes: [string, Readonly<Record<string, number>>, number][] = [
  ['one service', { Entry: 5 }, 5],
  ['two services', { Entry: 5, Embedder: 5 }, 5],
  ['two services, half of the requests not handed on yet', { Entry: 5, Embedder: 2 }, 5],
  ['a chain of three', { Entry: 6, Rerank: 5, Embedder: 3 }, 6],
  ['a diamond', { Entry: 5, Left: 5, Right: 4, Sink: 5 }, 5],
  ['a dependency that is called while its caller is not counted', { Entry: 0, Embedder: 3 }, 3],
  ['nothing at all', { Entry: 0, Embedder: 0 }, 0],
];

describe.each([
  ['from source', undefined],
  ['in a Bento with a name of its own', 'my_bento'],
  ['in a Bento named after its entry', 'entry'],
])('BentoML %s', (_name, bentoName) => {
  it.each(shapes)('%s: each request once', (_shape, inProgress, concurrency) => {
    const signals = signalsOf(bento(inProgress, bentoName), 'bentoml');
    expect(signals).toMatchObject({ running: concurrency, concurrency, requestsTotal: 10 * concurrency, problems: [] });
  });

  it('counts the one service that the model names', () => {
    expect(signalsOf(bento({ Entry: 5, Embedder: 2 }, bentoName), 'bentoml', ['Embedder']).concurrency).toBe(2);
  });
});

it('counts the whole Bento where the model names the Bento', () => {
  expect(signalsOf(bento({ Entry: 5, Embedder: 2 }, 'my_bento'), 'bentoml', ['my_bento']).concurrency).toBe(5);
});

interface Deployment {
  readonly application: string;
  readonly deployment: string;
  readonly processing: readonly number[];
  readonly queued: number;
}

function ray(deployments: readonly Deployment[]): string {
  return deployments
    .flatMap(({ application, deployment, processing, queued }) => [
      ...processing.map(
        (count, replica) =>
          `ray_serve_replica_processing_queries{application="${application}",deployment="${deployment}",replica="${replica}"} ${count}`,
      ),
      `ray_serve_deployment_queued_queries{application="${application}",deployment="${deployment}",handle="h"} ${queued}`,
    ])
    .join('\n')
    .concat('\n');
}

describe('Ray Serve', () => {
  const app = [
    { application: 'app', deployment: 'Ingress', processing: [3, 2], queued: 0 },
    { application: 'app', deployment: 'Down', processing: [2], queued: 3 },
  ];
  const other = { application: 'other', deployment: 'Down', processing: [4], queued: 1 };

  it('counts the requests of an application once, whether its second deployment runs or queues them', () => {
    expect(signalsOf(ray(app), 'ray-serve')).toMatchObject({ running: 5, waiting: 0, concurrency: 5 });
  });

  it('counts what only waits for the first deployment', () => {
    const busy = [{ ...app[0]!, queued: 7 }, app[1]!];
    expect(signalsOf(ray(busy), 'ray-serve')).toMatchObject({ running: 5, waiting: 7, concurrency: 12 });
  });

  it('adds applications, though their deployments have one name', () => {
    expect(signalsOf(ray([...app, other]), 'ray-serve').concurrency).toBe(10);
  });

  it.each([
    ['a deployment', ['Ingress'], 5],
    ['the deployments of one name', ['Down'], 10],
    ['an application', ['other'], 5],
    ['an application by both of its deployments', ['Ingress', 'app'], 5],
  ])('counts %s that the model names', (_name, models, concurrency) => {
    expect(signalsOf(ray([...app, other]), 'ray-serve', models).concurrency).toBe(concurrency);
  });

  it('does not know an application of which a deployment prints no number', () => {
    const broken = ray(app).replace('deployment="Down",replica="0"} 2', 'deployment="Down",replica="0"} NaN');
    expect(signalsOf(broken, 'ray-serve').concurrency).toBeUndefined();
  });
});
