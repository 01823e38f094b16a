/** Values by key, up to a number: the one that was set longest ago is forgotten first. */
export interface RecentValues<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/** @see RecentValues */
export function createRecentValues<Value>(max: number): RecentValues<Value> {
  const values = new Map<string, Value>(); // a Map keeps its order of insertion: the first is the oldest
  return {
    get: (key) => values.get(key),
    set: (key, value) => {
      values.delete(key);
      values.set(key, value);
      const [oldest] = values.keys();
      if (values.size > max && oldest !== undefined) values.delete(oldest);
    },
  };
}
