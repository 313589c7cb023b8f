/** One thing that is wrong with a trigger's metadata. */
export interface MetadataFault {
  /** The given key to look at first; `undefined`: a key that is missing, or the metadata as a whole. */
  readonly key: string | undefined;
  /** One sentence on one line: what was expected, what was found, what to do. */
  readonly words: string;
  /** The key that was most likely meant by one that is none of ours. */
  readonly meant?: string;
}

/** A fault of the given key, or of the metadata as a whole. */
export function faultOf(key: string | undefined, words: string): MetadataFault {
  return { key, words };
}
