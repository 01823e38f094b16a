/** Names one put: see the record envelope. */
export interface PutOrigin {
  readonly producerId: string;
  /** 0 when the producer keeps no order; its sequences then say nothing about what was seen. */
  readonly epoch: number;
  readonly sequence: number;
}

/** Recognises second copies of a put. */
export interface RepeatFilter {
  /** Whether this put, or a later one of its key, was seen already; notes it as seen if not. */
  isRepeat(partitionKey: string, origin: PutOrigin): boolean;
}

/**
 * A lost answer makes a producer put the same records again, so the stream can hold two copies. An ordered producer
 * numbers its puts, and those of one key arrive in that order, so a number that does not grow is a copy. Remembers the
 * last put of `keys` keys at least; a forgotten key lets a copy through, never the other way round.
 */
export function createRepeatFilter(keys: number): RepeatFilter {
  // Two generations: when the young one is full it becomes the old one, and what was not seen since is forgotten.
  let young = new Map<string, PutOrigin>();
  let old = new Map<string, PutOrigin>();
  return {
    isRepeat(partitionKey, origin) {
      if (origin.epoch === 0) return false;
      const source = `${origin.producerId} ${partitionKey}`;
      const seen = young.get(source) ?? old.get(source);
      if (seen?.epoch === origin.epoch && origin.sequence <= seen.sequence) return true;
      if (young.size >= keys && !young.has(source)) {
        old = young;
        young = new Map();
      }
      young.set(source, origin);
      return false;
    },
  };
}
