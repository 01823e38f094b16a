/**
 * Remembers which messages were handled, and how often the others came, up to a number of messages and each only as
 * long as a copy of it would still be let in. Times are given, epoch milliseconds.
 */
export interface DeliveryMemory {
  /** Notes that a message came: whether it was handled before, and the how-manieth time this is. */
  begin(key: string, forgetAt: number, now: number): { readonly isHandled: boolean; readonly tries: number };
  /** Notes that it is done with: every copy from now on is a duplicate. */
  complete(key: string): void;
  readonly size: number;
}

interface Entry {
  readonly forgetAt: number;
  tries: number;
  isHandled: boolean;
}

/** @see DeliveryMemory */
export function createDeliveryMemory(maxMessages: number): DeliveryMemory {
  const entries = new Map<string, Entry>(); // a Map keeps its order of insertion: the first is the oldest
  const makeRoom = (now: number): void => {
    for (const [key, { forgetAt }] of entries) {
      if (forgetAt >= now && entries.size < maxMessages) return;
      entries.delete(key);
    }
  };
  return {
    begin: (key, forgetAt, now) => {
      const known = entries.get(key);
      if (known !== undefined) {
        known.tries += 1;
        return { isHandled: known.isHandled, tries: known.tries };
      }
      makeRoom(now);
      entries.set(key, { forgetAt, tries: 1, isHandled: false });
      return { isHandled: false, tries: 1 };
    },
    complete: (key) => {
      const entry = entries.get(key);
      if (entry !== undefined) entry.isHandled = true;
    },
    get size() {
      return entries.size;
    },
  };
}
