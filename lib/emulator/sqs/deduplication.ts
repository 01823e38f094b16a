import { limitOf } from '../../contract/limits.js';

const WINDOW_MS = limitOf('sqs.fifo.dedupWindow') * 1000;

/** What was answered to the first message with a deduplication id; its duplicates get the same. */
export interface Deduplicated {
  readonly messageId: string;
  readonly sequenceNumber: string;
  /** Epoch ms of the first message. */
  readonly at: number;
}

/**
 * Deduplication ids seen in the last five minutes, remembered also after the message was received and deleted.
 * The window is the same for all, so the order of insertion is the order of forgetting.
 */
export class DeduplicationWindow {
  readonly #seen = new Map<string, Deduplicated>();
  /** Nothing is to be forgotten before this time. */
  #restsUntil = 0;

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
  remember(key: string, first: Deduplicated): void {
    this.#seen.set(key, first);
  }

  /** Drops what is older than the window. */
  forget(now: number): void {
    if (now < this.#restsUntil) return;
    for (const [key, { at }] of this.#seen) {
      if (at + WINDOW_MS > now) {
        this.#restsUntil = at + WINDOW_MS;
        return;
      }
      this.#seen.delete(key);
    }
    this.#restsUntil = now;
  }
}
