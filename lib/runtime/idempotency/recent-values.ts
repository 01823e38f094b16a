/** Values by key, at least the last so many that were set, and at most twice that: those set longest ago are forgotten first. */
export interface RecentValues<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/**
 * Two maps, of which the older one is dropped when the newer one is full. A single map that loses its oldest key at every
 * step is slow: each look for that key passes over the places of all that were deleted before.
 * @see RecentValues
 */
export function createRecentValues<Value>(least: number): RecentValues<Value> {
  let newer = new Map<string, Value>();
  let older: ReadonlyMap<string, Value> = new Map();
  return {
    get: (key) => newer.get(key) ?? older.get(key),
    set: (key, value) => {
      if (newer.size >= least && !newer.has(key)) {
        older = newer;
        newer = new Map();
      }
      newer.set(key, value);
    },
  };
}
