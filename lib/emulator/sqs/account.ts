import { limitOf } from '../../contract/limits.js';
import { IndexedHeap } from '../structures/indexed-heap.js';
import { MoveTasks } from './move-tasks.js';
import type { SqsEngineOptions } from './options.js';
import type { QueueAttributes } from './queue-attributes.js';
import { SqsQueue } from './queue.js';

/** A name stays blocked this long after its queue was deleted. */
const NAME_REST_MS = 60_000;

const byWakeTime = {
  before: (a: SqsQueue, b: SqsQueue): boolean => a.wakeAt < b.wakeAt,
  place: (queue: SqsQueue, slot: number): void => {
    queue.wakeSlot = slot;
  },
  slotOf: (queue: SqsQueue): number => queue.wakeSlot,
};

/** The queues of one account in one region, and when each of them needs time to do its work. */
export class SqsAccount {
  readonly options: SqsEngineOptions;
  readonly maxInFlight: number;
  readonly areLimitsEnforced: boolean;
  readonly moves = new MoveTasks(this);
  readonly #queues = new Map<string, SqsQueue>();
  readonly #deletedAt = new Map<string, number>();
  readonly #wakes = new IndexedHeap<SqsQueue>(byWakeTime);
  readonly #touched = new Set<SqsQueue>();
  #created = 0;

  constructor(options: SqsEngineOptions) {
    this.options = options;
    this.areLimitsEnforced = options.areLimitsEnforced ?? true;
    this.maxInFlight = options.maxInFlight ?? limitOf('sqs.inFlight.max');
  }

  arnOf(name: string): string {
    return `arn:aws:sqs:${this.options.region}:${this.options.accountId}:${name}`;
  }

  urlOf(name: string): string {
    return `${this.options.queueUrlBase()}/${this.options.accountId}/${name}`;
  }

  /** The queue of that name with everything due by `now` done. */
  byName(name: string, now: number): SqsQueue | undefined {
    const queue = this.#queues.get(name);
    if (queue === undefined) return undefined;
    this.#touched.add(queue);
    queue.advance(now);
    return queue;
  }

  /** As {@link byName}, by ARN; other accounts and regions hold no queues here. */
  byArn(arn: string, now: number): SqsQueue | undefined {
    const name = arn.slice(arn.lastIndexOf(':') + 1);
    return arn === this.arnOf(name) ? this.byName(name, now) : undefined;
  }

  /** As {@link byName}, by URL: the host does not matter, the account does. */
  byUrl(url: string, now: number): SqsQueue | undefined {
    const slash = url.lastIndexOf('/');
    const owner = url.slice(url.lastIndexOf('/', slash - 1) + 1, slash);
    return owner === this.options.accountId ? this.byName(url.slice(slash + 1), now) : undefined;
  }

  /** Queues in the order they were created. */
  all(): readonly SqsQueue[] {
    return [...this.#queues.values()];
  }

  /** True while the name of a deleted queue may not be used again. */
  isResting(name: string, now: number): boolean {
    for (const [old, at] of this.#deletedAt) {
      if (at + NAME_REST_MS > now) break;
      this.#deletedAt.delete(old);
    }
    return this.#deletedAt.has(name);
  }

  create(name: string, attributes: QueueAttributes, now: number): SqsQueue {
    this.#created += 1;
    const salt = Math.floor(this.options.random.next() * 36 ** 6);
    const queue = new SqsQueue(
      {
        name,
        arn: this.arnOf(name),
        incarnation: `${salt.toString(36)}${this.#created.toString(36)}`,
        createdAt: now,
      },
      attributes,
      name.endsWith('.fifo'),
    );
    this.#queues.set(name, queue);
    return queue;
  }

  delete(queue: SqsQueue, now: number): void {
    queue.isDeleted = true;
    queue.purge();
    this.moves.forget(queue);
    this.#wakes.remove(queue);
    this.#touched.delete(queue);
    this.#queues.delete(queue.identity.name);
    this.#deletedAt.delete(queue.identity.name);
    this.#deletedAt.set(queue.identity.name, now);
  }

  /** Does what is due in every queue. */
  advance(now: number): void {
    this.moves.advance(now);
    for (
      let queue = this.#wakes.peek();
      queue !== undefined && queue.wakeAt <= now;
      queue = this.#wakes.peek()
    ) {
      queue.advance(now);
      this.#note(queue);
    }
    this.settle();
  }

  /** Notes the deadlines of the queues that were looked up; to be called after every call. */
  settle(): void {
    for (const queue of this.#touched) this.#note(queue);
    this.#touched.clear();
  }

  nextDeadline(): number | undefined {
    const wake = this.#wakes.peek()?.wakeAt;
    const move = this.moves.nextDeadline();
    return wake === undefined || move === undefined ? (wake ?? move) : Math.min(wake, move);
  }

  #note(queue: SqsQueue): void {
    const deadline = queue.isDeleted ? undefined : queue.deadline();
    if (deadline === undefined) {
      this.#wakes.remove(queue);
      return;
    }
    if (queue.wakeSlot >= 0 && queue.wakeAt === deadline) return;
    queue.wakeAt = deadline;
    this.#wakes.reorder(queue);
  }
}
