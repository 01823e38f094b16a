/** Bytes that may be held at once; who wants more waits, first come first served. */
export interface ByteBudget {
  /** Waits until `bytes` fit beside all others (or there are none), then sets them aside. */
  reserve(bytes: number, signal: AbortSignal): Promise<'reserved' | 'aborted'>;
  /** Turns what was set aside into what came: more perhaps, since it is in memory already. */
  settle(reserved: number, bytes: number): void;
  /** Gives settled bytes back. */
  give(bytes: number): void;
  /** Bytes that came and were not given back. */
  readonly held: number;
}

interface Waiter {
  readonly bytes: number;
  readonly enter: () => void;
}

/** A budget of `limit` bytes. A single claim larger than the limit enters alone instead of never. */
export function createByteBudget(limit: number): ByteBudget {
  let held = 0;
  let reserved = 0;
  const waiters: Waiter[] = [];
  const fits = (bytes: number): boolean => held + reserved === 0 || held + reserved + bytes <= limit;
  const admit = (): void => {
    for (let next = waiters[0]; next !== undefined && fits(next.bytes); next = waiters[0]) {
      waiters.shift();
      reserved += next.bytes;
      next.enter();
    }
  };
  return {
    get held() {
      return held;
    },
    reserve(bytes, signal) {
      if (signal.aborted) return Promise.resolve('aborted');
      if (waiters.length === 0 && fits(bytes)) {
        reserved += bytes;
        return Promise.resolve('reserved');
      }
      return new Promise((resolve) => {
        const onAbort = (): void => {
          waiters.splice(waiters.indexOf(waiter), 1);
          resolve('aborted');
          admit();
        };
        const enter = (): void => {
          signal.removeEventListener('abort', onAbort);
          resolve('reserved');
        };
        const waiter: Waiter = { bytes, enter };
        waiters.push(waiter);
        signal.addEventListener('abort', onAbort, { once: true });
      });
    },
    settle(estimate, bytes) {
      reserved -= estimate;
      held += bytes;
      admit();
    },
    give(bytes) {
      held -= bytes;
      admit();
    },
  };
}
