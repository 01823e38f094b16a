import { MessageList, type StoredMessage } from './message.js';
import type { ReadyOrder } from './ready-order.js';

interface Group {
  readonly id: string;
  /** Every message of the group that is not deleted, oldest first; messages in flight keep their place. */
  readonly messages: MessageList;
  inFlight: number;
}

/**
 * Strict order within a group: while any message of it is in flight the group is locked, and a receive takes as many
 * of one group as it can before it goes on to the next.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
 */
export class FifoOrder implements ReadyOrder {
  readonly #groups = new Map<string, Group>();
  /** Groups that are not locked and whose first message is ready, in the order they became so. */
  readonly #open = new Set<Group>();

  arrive(message: StoredMessage): void {
    const group = this.#groupOf(message);
    group.messages.append(message);
    this.#refresh(group);
  }

  makeReady(message: StoredMessage): void {
    const group = this.#groupOf(message);
    if (message.state === 'in-flight') group.inFlight -= 1;
    message.state = 'ready';
    this.#refresh(group);
  }

  dropReady(message: StoredMessage): void {
    const group = this.#groupOf(message);
    group.messages.remove(message);
    this.#refresh(group);
  }

  dropDelayed(message: StoredMessage): void {
    this.dropReady(message);
  }

  dropInFlight(message: StoredMessage): void {
    this.#groupOf(message).inFlight -= 1;
    this.dropReady(message);
  }

  select(max: number, _now: number, accept: (message: StoredMessage) => boolean): void {
    let taken = 0;
    for (const group of this.#open) {
      if (taken >= max) return;
      let message = group.messages.head;
      while (message?.state === 'ready' && taken < max) {
        const next: StoredMessage | undefined = message.next;
        if (accept(message)) {
          taken += 1;
          group.inFlight += 1;
        }
        message = next;
      }
      this.#refresh(group);
    }
  }

  next(): StoredMessage | undefined {
    for (const group of this.#open) return group.messages.head;
    return undefined;
  }

  rotate(): void {
    // Strict order is the promise of a FIFO queue: nothing may strike it.
  }

  hasReady(): boolean {
    return this.#open.size > 0;
  }

  #groupOf(message: StoredMessage): Group {
    const id = message.groupId ?? '';
    const known = this.#groups.get(id);
    if (known !== undefined) return known;
    const group: Group = { id, messages: new MessageList(), inFlight: 0 };
    this.#groups.set(id, group);
    return group;
  }

  #refresh(group: Group): void {
    const head = group.messages.head;
    if (head === undefined) this.#groups.delete(group.id);
    if (group.inFlight === 0 && head?.state === 'ready') this.#open.add(group);
    else this.#open.delete(group);
  }
}
