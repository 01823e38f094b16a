/** Lets at most so many pieces of work run at once, in the order they came. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes a gate for `width` (≥ 1) pieces of work at a time. */
export function createGate(width: number): Gate {
  const waiting: (() => void)[] = [];
  let free = width;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((enter) => waiting.push(enter));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
