/** Lets bytes in up to a limit; whoever comes beyond it waits, first come first served. */
export interface ByteGate {
  /** Resolves once there is room. One that is larger than the limit alone gets in when nothing else is inside. */
  enter(bytes: number): Promise<void>;
  leave(bytes: number): void;
  /** Bytes inside now. */
  readonly inside: number;
}

/** @see ByteGate */
export function createByteGate(maxBytes: number): ByteGate {
  const waiting: { readonly bytes: number; readonly resolve: () => void }[] = [];
  let inside = 0;
  const fits = (bytes: number): boolean => inside === 0 || inside + bytes <= maxBytes;
  return {
    get inside() {
      return inside;
    },
    enter: (bytes) => {
      if (waiting.length === 0 && fits(bytes)) {
        inside += bytes;
        return Promise.resolve();
      }
      return new Promise((resolve) => void waiting.push({ bytes, resolve }));
    },
    leave: (bytes) => {
      inside -= bytes;
      for (let next = waiting[0]; next !== undefined && fits(next.bytes); next = waiting[0]) {
        waiting.shift();
        inside += next.bytes;
        next.resolve();
      }
    },
  };
}
