import { IndexedHeap } from '../structures/indexed-heap.js';
import type { StoredMessage } from './message.js';

const byAge = {
  before: (a: StoredMessage, b: StoredMessage): boolean => a.sentAt < b.sentAt,
  place: (message: StoredMessage, slot: number): void => {
    message.ageSlot = slot;
  },
  slotOf: (message: StoredMessage): number => message.ageSlot,
};

/**
 * The messages of a queue by the time they were sent, which retention asks for. Nearly all come in that order and are
 * linked: a heap of a long backlog would be sifted from top to bottom for every message that leaves at its old end. A
 * heap holds the others, which bring their time from another queue.
 */
export class AgeOrder {
  #oldest: StoredMessage | undefined;
  #youngest: StoredMessage | undefined;
  readonly #latecomers = new IndexedHeap<StoredMessage>(byAge);

  /** Takes a message in. */
  add(message: StoredMessage): void {
    if (this.#youngest !== undefined && message.sentAt < this.#youngest.sentAt) {
      this.#latecomers.push(message);
      return;
    }
    message.older = this.#youngest;
    if (this.#youngest === undefined) this.#oldest = message;
    else this.#youngest.younger = message;
    this.#youngest = message;
  }

  /** Takes out a message that is in. */
  remove(message: StoredMessage): void {
    if (message.ageSlot >= 0) {
      this.#latecomers.remove(message);
      return;
    }
    if (message.older === undefined) this.#oldest = message.younger;
    else message.older.younger = message.younger;
    if (message.younger === undefined) this.#youngest = message.older;
    else message.younger.older = message.older;
    message.older = undefined;
    message.younger = undefined;
  }

  /** The message that was sent first. */
  peek(): StoredMessage | undefined {
    const linked = this.#oldest;
    const late = this.#latecomers.peek();
    if (linked === undefined || late === undefined) return linked ?? late;
    return byAge.before(late, linked) ? late : linked;
  }
}
