/** Bytes that may be held at once; who wants more waits, first come first served. */
export interface ByteBudget {
  /** Waits until `bytes` fit (or nothing else is held), then counts them. */
  take(bytes: number, signal: AbortSignal): Promise<'taken' | 'aborted'>;
  /** Counts without waiting: what was estimated too low is already in memory. */
  force(bytes: number): void;
  /** Gives bytes back. */
  give(bytes: number): void;
  readonly held: number;
}

interface Waiter {
  readonly bytes: number;
  readonly enter: () => void;
}

/** A budget of `limit` bytes. A single claim larger than the limit enters alone instead of never. */
export function createByteBudget(limit: number): ByteBudget {
  let held = 0;
  const waiters: Waiter[] = [];
  const fits = (bytes: number): boolean => held === 0 || held + bytes <= limit;
  const admit = (): void => {
    for (let next = waiters[0]; next !== undefined && fits(next.bytes); next = waiters[0]) {
      waiters.shift();
      held += next.bytes;
      next.enter();
    }
  };
  return {
    get held() {
      return held;
    },
    take(bytes, signal) {
      if (signal.aborted) return Promise.resolve('aborted');
      if (waiters.length === 0 && fits(bytes)) {
        held += bytes;
        return Promise.resolve('taken');
      }
      return new Promise((resolve) => {
        const onAbort = (): void => {
          waiters.splice(waiters.indexOf(waiter), 1);
          resolve('aborted');
          admit();
        };
        const enter = (): void => {
          signal.removeEventListener('abort', onAbort);
          resolve('taken');
        };
        const waiter: Waiter = { bytes, enter };
        waiters.push(waiter);
        signal.addEventListener('abort', onAbort, { once: true });
      });
    },
    force(bytes) {
      held += bytes;
    },
    give(bytes) {
      held -= bytes;
      admit();
    },
  };
}
