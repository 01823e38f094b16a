import { MessageList, type StoredMessage } from './message.js';
import type { ReadyOrder } from './ready-order.js';

interface Group {
  readonly id: string;
  /** Every message of the group that is not deleted, oldest first; messages in flight keep their place. */
  readonly messages: MessageList;
  inFlight: number;
  isOpen: boolean;
  /** Neighbours among the open groups. */
  before: Group | undefined;
  after: Group | undefined;
}

/**
 * Groups that are not locked and whose first message is ready, in the order they became so. Linked, as one is taken off
 * the front and another added at the end all the time: the front of a Set is then a stretch of holes to be passed.
 */
class OpenGroups {
  first: Group | undefined;
  #last: Group | undefined;

  add(group: Group): void {
    if (group.isOpen) return;
    group.isOpen = true;
    group.before = this.#last;
    if (this.#last === undefined) this.first = group;
    else this.#last.after = group;
    this.#last = group;
  }

  remove(group: Group): void {
    if (!group.isOpen) return;
    group.isOpen = false;
    if (group.before === undefined) this.first = group.after;
    else group.before.after = group.after;
    if (group.after === undefined) this.#last = group.before;
    else group.after.before = group.before;
    group.before = undefined;
    group.after = undefined;
  }
}

/**
 * Strict order within a group: while any message of it is in flight the group is locked, and a receive takes as many
 * of one group as it can before it goes on to the next.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
 */
export class FifoOrder implements ReadyOrder {
  readonly #groups = new Map<string, Group>();
  readonly #open = new OpenGroups();

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
    for (let group = this.#open.first; group !== undefined && taken < max;) {
      const following = group.after;
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
      group = following;
    }
  }

  next(): StoredMessage | undefined {
    return this.#open.first?.messages.head;
  }

  rotate(): void {
    // Strict order is the promise of a FIFO queue: nothing may strike it.
  }

  hasReady(): boolean {
    return this.#open.first !== undefined;
  }

  #groupOf(message: StoredMessage): Group {
    const id = message.groupId ?? '';
    const known = this.#groups.get(id);
    if (known !== undefined) return known;
    const group: Group = {
      id,
      messages: new MessageList(),
      inFlight: 0,
      isOpen: false,
      before: undefined,
      after: undefined,
    };
    this.#groups.set(id, group);
    return group;
  }

  #refresh(group: Group): void {
    const head = group.messages.head;
    if (head === undefined) this.#groups.delete(group.id);
    if (group.inFlight === 0 && head?.state === 'ready') this.#open.add(group);
    else this.#open.remove(group);
  }
}
