import type { Scenario } from '../scenario.ts';
import { account } from './account.ts';
import { badMetadata } from './bad-metadata.ts';
import { fallback, idleReplicas, paused, twoTriggers, valueMetric } from './keda-features.ts';
import { kedasClient } from './kedas-client.ts';
import { manyObjects } from './many-objects.ts';
import { mutualTls } from './mutual-tls.ts';
import { outageBeforeZero, outageUnderLoad, outageWhileIdle } from './outage.ts';
import { longTermination, neverReady, rollingUpdate, vanishedNode } from './pods.ts';
import { apiServerAway, restartOfKeda, restartOfTheScaler, twoScalers } from './restarts.ts';
import { surgeUnderOutage, surgeUnderSteadyLoad, valueWhileLoading } from './rollouts.ts';
import { shortRequests } from './short-requests.ts';
import { tenantAttempts } from './tenant-attempts.ts';
import { activatorAndOthersKilled, throughTheActivator } from './through-the-activator.ts';
import { oneLabelTwoDeployments, promotion, recreateUnderLoad } from './which-pods.ts';
import { onlyTargetValue, serviceDiscovery, zeroToMany } from './zero-to-many.ts';

/** The longest first, so that none is left over for the end; then those at the autoscaler's real pace, and those that need the cluster for themselves. */
export const scenarios: readonly Scenario[] = [
  outageUnderLoad,
  outageWhileIdle,
  zeroToMany,
  onlyTargetValue,
  shortRequests,
  serviceDiscovery,
  throughTheActivator,
  mutualTls,
  tenantAttempts,
  rollingUpdate,
  longTermination,
  vanishedNode,
  twoScalers,
  neverReady,
  outageBeforeZero,
  fallback,
  idleReplicas,
  valueMetric,
  twoTriggers,
  paused,
  badMetadata,
  account,
  kedasClient,
  restartOfTheScaler,
  restartOfKeda,
  activatorAndOthersKilled,
  apiServerAway,
  manyObjects,
  surgeUnderSteadyLoad,
  surgeUnderOutage,
  valueWhileLoading,
  recreateUnderLoad,
  oneLabelTwoDeployments,
  promotion,
];
