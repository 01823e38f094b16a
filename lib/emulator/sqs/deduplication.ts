import { limitOf } from '../../contract/limits.js';

const WINDOW_MS = limitOf('sqs.fifo.dedupWindow') * 1000;

/** What was answered to the first message with a deduplication id; its duplicates get the same. */
export interface Deduplicated {
  readonly messageId: string;
  readonly sequenceNumber: string;
  /** Epoch ms of the first message. */
  readonly at: number;
}

interface Remembered extends Deduplicated {
  readonly key: string;
}

/** Slots of forgotten ids are given up in steps of at least this many, so that forgetting stays O(1) per id. */
const COMPACT_AT = 1_024;

/**
 * Deduplication ids seen in the last five minutes, remembered also after the message was received and deleted.
 * The window is the same for all, so the order of insertion is the order of forgetting. A list keeps that order beside
 * the map: the front of a map from which thousands were deleted is found only by walking over their graves.
 */
export class DeduplicationWindow {
  readonly #seen = new Map<string, Remembered>();
  #order: (Remembered | undefined)[] = [];
  #first = 0;

  /** How many ids are remembered. */
  get size(): number {
    return this.#seen.size;
  }

  /** The first message with this key, when it was sent less than five minutes before `now`. */
  find(key: string, now: number): Deduplicated | undefined {
    this.forget(now);
    return this.#seen.get(key);
  }

  /** Remembers a key that {@link find} did not. */
  remember(key: string, { messageId, sequenceNumber, at }: Deduplicated): void {
    const remembered = { key, messageId, sequenceNumber, at };
    this.#seen.set(key, remembered);
    this.#order.push(remembered);
  }

  /** Drops what is older than the window. */
  forget(now: number): void {
    for (;;) {
      const oldest = this.#order[this.#first];
      if (oldest === undefined || oldest.at + WINDOW_MS > now) break;
      this.#seen.delete(oldest.key);
      this.#order[this.#first] = undefined;
      this.#first += 1;
    }
    if (this.#first < COMPACT_AT || this.#first * 2 < this.#order.length) return;
    this.#order = this.#order.slice(this.#first);
    this.#first = 0;
  }
}
