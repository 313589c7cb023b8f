import type { Stage } from '../stage.ts';

/** How long it takes from a request at zero until something in front of the workload has noticed. */
const noticeMs = 100;

/** What stands in front asks for `replicas` as soon as a request finds none. */
export function wakeFromZero(stage: Stage, replicas: number): void {
  if (stage.options.minReplicas > 0) return;
  stage.every(noticeMs, () => {
    if (stage.replicas === 0 && stage.current().openRequests > 0) stage.setReplicas(replicas);
  });
}
