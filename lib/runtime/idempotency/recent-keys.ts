/** The most recently handled keys and the hash of the body each was handled with, up to a number. */
export interface RecentKeys {
  hashOf(key: string): string | undefined;
  add(key: string, hash: string): void;
}

/** @see RecentKeys */
export function createRecentKeys(max: number): RecentKeys {
  const keys = new Map<string, string>(); // a Map keeps its order of insertion: the first is the oldest
  return {
    hashOf: (key) => keys.get(key),
    add: (key, hash) => {
      keys.delete(key);
      keys.set(key, hash);
      const [oldest] = keys.keys();
      if (keys.size > max && oldest !== undefined) keys.delete(oldest);
    },
  };
}
