import type { Finding } from '../finding.ts';
import type { ScaledObjectSource } from '../scaled-object-source.ts';
import { findingOn, metadataKey, metadataText, specSpan } from '../scaled-object-source.ts';
import { child, textOf } from '../source-node.ts';

/** An object and where it comes from, as `across` rules see it. */
export interface Placed {
  readonly file: string;
  readonly object: ScaledObjectSource;
}

export interface PlacedFinding {
  readonly file: string;
  readonly finding: Finding;
}

/** One address for all: KEDA keeps a connection for each, and one healthy neighbour keeps a shared one open. */
export function addressesRule(all: readonly Placed[]): PlacedFinding[] {
  const uses = all.flatMap(({ file, object }) =>
    object.ours.map((trigger) => ({ file, object, trigger, address: metadataText(trigger, 'scalerAddress') })),
  );
  const counts = new Map<string, number>();
  for (const { address } of uses) if (address !== undefined) counts.set(address, (counts.get(address) ?? 0) + 1);
  const [usual, most] = [...counts].sort(([, one], [, other]) => other - one)[0] ?? ['', 0];
  return uses.flatMap(({ file, object, trigger, address }) => {
    if (address === undefined || address === usual || counts.get(address) === most) return [];
    const entry = trigger.metadata.get('scalerAddress')!;
    const finding = findingOn(object, {
      rule: 'scaler-address-differs',
      severity: 'error',
      key: metadataKey(trigger, 'scalerAddress'),
      span: entry.value.span,
      words: `"scalerAddress" is ${JSON.stringify(address)} here and ${JSON.stringify(usual)} in ${most} others: write the same everywhere`,
      why: 'KEDA keeps a connection for each spelling; where all share one, a healthy neighbour keeps it open',
      mend: `scalerAddress: ${usual}`,
    });
    return [{ file, finding }];
  });
}

/** Two autoscalers of one workload undo each other's work; KEDA's webhook refuses the second. */
export function sameTargetRule(all: readonly Placed[]): PlacedFinding[] {
  const first = new Map<string, ScaledObjectSource>();
  return all.flatMap(({ file, object }) => {
    const reference = child(object.spec, 'scaleTargetRef');
    const name = textOf(child(reference, 'name'));
    if (name === undefined) return [];
    const kind = textOf(child(reference, 'kind')) ?? 'Deployment';
    const target = JSON.stringify([object.namespace, kind, name]);
    const before = first.get(target);
    if (before === undefined) {
      first.set(target, object);
      return [];
    }
    // The same object from two overlays is one object.
    if (before.title === object.title || object.ours.length + before.ours.length === 0) return [];
    const finding = findingOn(object, {
      rule: 'same-target',
      severity: 'error',
      key: 'spec.scaleTargetRef',
      span: specSpan(object, 'scaleTargetRef'),
      words: `"${object.title}" and "${before.title}" scale the same ${kind} "${name}": put their triggers into one ScaledObject`,
      why: 'each makes an autoscaler of its own, and they undo what the other does',
    });
    return [{ file, finding }];
  });
}
