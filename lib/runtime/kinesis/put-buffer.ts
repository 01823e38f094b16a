/** Admits puts while there is room, in the order they came. */
export interface PutBuffer {
  readonly heldBytes: number;
  /** Whether a put would enter at once. */
  readonly hasRoom: boolean;
  /** Calls `enter` now, or when there is room and it is its turn; it says how many bytes it brought. */
  admit(enter: () => number): void;
  /** Gives bytes back. */
  give(bytes: number): void;
}

/** A buffer of about `limit` bytes: the put that goes over it is the last to enter. */
export function createPutBuffer(limit: number): PutBuffer {
  let held = 0;
  const waiting = new Set<() => number>();
  const hasRoom = (): boolean => held < limit;
  return {
    get heldBytes() {
      return held;
    },
    get hasRoom() {
      return waiting.size === 0 && hasRoom();
    },
    admit(enter) {
      if (waiting.size > 0 || !hasRoom()) {
        waiting.add(enter);
        return;
      }
      const bytes = enter();
      held += bytes;
    },
    give(bytes) {
      held -= bytes;
      for (const enter of waiting) {
        if (!hasRoom()) return;
        waiting.delete(enter);
        const bytes = enter();
        held += bytes;
      }
    },
  };
}
