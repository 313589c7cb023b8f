/** The label by which Argo Rollouts tells the pods of its ReplicaSets apart. */
export const rolloutsHashLabel = 'rollouts-pod-template-hash';

/** A scale's selector, taken apart so that what changes at a promotion is no other watch. */
export interface PodSelector {
  /** What is watched: the pods of every colour. Never empty. */
  readonly watched: string;
  /** The template hash of the colour that serves; `undefined` where all pods of the selector do. */
  readonly hash: string | undefined;
}

/** A blue-green Rollout's scale selects its active ReplicaSet by hash, and changes the hash at promotion. */
export function podSelectorOf(selector: string): PodSelector {
  const terms = selector.split(/,(?![^(]*\))/).map((term) => term.trim());
  const isHash = (term: string): boolean => term.startsWith(`${rolloutsHashLabel}=`);
  const others = terms.filter((term) => !isHash(term));
  const hash = terms.find(isHash)?.replace(/^.*?==?/, '');
  return hash === undefined || others.length === 0
    ? { watched: selector, hash: undefined }
    : { watched: others.join(','), hash };
}
