import { shared } from '../shared.ts';
import type { ScaleSelector, SelectorReader, SelectorSurroundings } from './scale-selector.ts';
import { readScaleSelector } from './scale-selector.ts';
import type { ScaleTargetRef } from './scaled-object-facts.ts';

/** One user's hold on the selector of a scale target. */
export interface HeldSelector {
  current(): ScaleSelector;
  refresh(): void;
  close(): void;
}

/** One reader for each scale target, however many triggers ask for it, open while one of them does. */
export interface SharedSelectors {
  read(target: ScaleTargetRef, namespace: string, onChange: () => void): HeldSelector;
  closeAll(): void;
}

export function sharedSelectors(surroundings: SelectorSurroundings): SharedSelectors {
  const readers = shared<SelectorReader>();
  return {
    read(target, namespace, onChange) {
      const key = JSON.stringify([namespace, target.apiVersion, target.kind, target.name]);
      const { thing, release } = readers.lease(key, () => readScaleSelector(target, namespace, surroundings));
      const leave = thing.subscribe(onChange);
      const close = (): void => {
        leave();
        release();
      };
      return { current: () => thing.current(), refresh: () => thing.refresh(), close };
    },
    closeAll: () => readers.closeAll(),
  };
}
