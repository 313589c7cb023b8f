import { expect, it } from 'vitest';
import type { KubeClient } from '../../../src/discovery/kube/kube-api.ts';
import { scaleResources } from '../../../src/discovery/workload/scale-resource.ts';

const rollout = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'llama' };
const installed = [
  { name: 'rollouts', kind: 'Rollout', namespaced: true },
  { name: 'rollouts/scale', kind: 'Scale', namespaced: true },
];
const { signal } = new AbortController();

/** An API server whose discovery document of one group may change. */
function groupOf() {
  const group = { asked: 0, resources: undefined as readonly object[] | undefined };
  const get = async () => {
    group.asked++;
    return group.resources === undefined
      ? { status: 404, body: undefined }
      : { status: 200, body: { resources: group.resources } };
  };
  const kube = { get } as unknown as KubeClient;
  return { group, resources: scaleResources(kube) };
}

it('finds a CRD that is installed later', async () => {
  const { group, resources } = groupOf();
  expect(await resources.find(rollout, signal)).toMatchObject({ kind: 'none' });
  group.resources = installed;
  expect(await resources.find(rollout, signal)).toMatchObject({ kind: 'found', plural: 'rollouts' });
});

it('asks once for a kind that it has found, and again when it is told to forget it', async () => {
  const { group, resources } = groupOf();
  group.resources = installed;
  await resources.find(rollout, signal);
  await resources.find(rollout, signal);
  expect(group.asked).toBe(1);
  resources.forget(rollout);
  await resources.find(rollout, signal);
  expect(group.asked).toBe(2);
});

it('asks for no kind that every cluster knows', async () => {
  const { group, resources } = groupOf();
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'llama' };
  expect(await resources.find(deployment, signal)).toMatchObject({ kind: 'found', plural: 'deployments' });
  expect(group.asked).toBe(0);
});

it('takes a kind without a scale subresource for none', async () => {
  const { group, resources } = groupOf();
  group.resources = installed.slice(0, 1);
  expect(await resources.find(rollout, signal)).toMatchObject({
    problem: expect.stringContaining('no scale subresource'),
  });
});
