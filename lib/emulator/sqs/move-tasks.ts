import { limitOf } from '../../contract/limits.js';
import { IndexedHeap } from '../structures/indexed-heap.js';
import type { StoredMessage } from './message.js';
import type { SqsQueue } from './queue.js';

/** How far a move task is. `CANCELLING` never shows: a task here stops between two messages. */
export type MoveStatus = 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';

/** Moves what is ready in a dead-letter queue to another queue, or back to where each message came from. */
export interface MoveTask {
  readonly handle: string;
  readonly source: SqsQueue;
  /** Undefined to send every message back to its own source. */
  readonly destinationArn: string | undefined;
  /** Messages per second that were asked for. */
  readonly rate: number | undefined;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly toMove: number;
  status: MoveStatus;
  moved: number;
  failureReason: string | undefined;
  nextAt: number;
  slot: number;
}

/** Where a task finds its queues. */
export interface QueueDirectory {
  readonly options: { readonly randomId: () => string };
  byName(name: string, now: number): SqsQueue | undefined;
  byArn(arn: string, now: number): SqsQueue | undefined;
}

/** A task about to start. */
export interface NewMoveTask {
  readonly source: SqsQueue;
  readonly destinationArn: string | undefined;
  readonly rate: number | undefined;
  readonly now: number;
}

const TICK_MS = 100;
const LONGEST_MS = 36 * 3_600_000;
const HISTORY = 10;

const byNextStep = {
  before: (a: MoveTask, b: MoveTask): boolean => a.nextAt < b.nextAt,
  place: (task: MoveTask, slot: number): void => {
    task.slot = slot;
  },
  slotOf: (task: MoveTask): number => task.slot,
};

/**
 * The message move tasks of an account. A moved message is a new one: it has a new id and a new time, and its
 * receives start from nothing.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
export class MoveTasks {
  readonly #account: QueueDirectory;
  readonly #running = new IndexedHeap<MoveTask>(byNextStep);
  /** By source, newest first. */
  readonly #history = new Map<SqsQueue, MoveTask[]>();

  constructor(account: QueueDirectory) {
    this.#account = account;
  }

  /** How many tasks run. */
  get running(): number {
    return this.#running.size;
  }

  start({ source, destinationArn, rate, now }: NewMoveTask): MoveTask {
    const task: MoveTask = {
      handle: this.#account.options.randomId(),
      source,
      destinationArn,
      rate,
      startedAt: now,
      toMove: source.counts.ready,
      status: 'RUNNING',
      moved: 0,
      failureReason: undefined,
      nextAt: now + stepMs(rate),
      slot: -1,
    };
    this.#running.push(task);
    this.#history.set(source, [task, ...this.of(source)].slice(0, HISTORY));
    return task;
  }

  /** Tasks of a source, newest first. */
  of(source: SqsQueue): readonly MoveTask[] {
    return this.#history.get(source) ?? [];
  }

  /** A task that runs or did, by handle. */
  find(handle: string): MoveTask | undefined {
    for (const tasks of this.#history.values()) {
      const task = tasks.find((one) => one.handle === handle);
      if (task !== undefined) return task;
    }
    return undefined;
  }

  cancel(task: MoveTask): void {
    this.#end(task, 'CANCELLED');
  }

  /** Forgets the tasks of a queue that is deleted. */
  forget(source: SqsQueue): void {
    for (const task of this.of(source)) this.#running.remove(task);
    this.#history.delete(source);
  }

  nextDeadline(): number | undefined {
    return this.#running.peek()?.nextAt;
  }

  /** Takes every step that is due by `now`, each at its own time. */
  advance(now: number): void {
    for (
      let task = this.#running.peek();
      task !== undefined && task.nextAt <= now;
      task = this.#running.peek()
    )
      this.#step(task, task.nextAt);
  }

  #step(task: MoveTask, now: number): void {
    const source = this.#account.byName(task.source.identity.name, now) ?? task.source;
    for (let left = messagesPerStep(task.rate); left > 0; left -= 1) {
      const message = source.nextReady(now);
      if (message === undefined) {
        this.#end(task, 'COMPLETED');
        return;
      }
      if (!this.#move(task, message, now)) return;
    }
    if (now >= task.startedAt + LONGEST_MS) {
      this.#fail(task, 'the task ran for 36 hours, the longest a task may run');
      return;
    }
    task.nextAt = now + stepMs(task.rate);
    this.#running.reorder(task);
  }

  #move(task: MoveTask, message: StoredMessage, now: number): boolean {
    const arn = task.destinationArn ?? message.deadLetterSourceArn;
    if (arn === undefined) return this.#fail(task, 'CouldNotDetermineMessageSource');
    const target = this.#account.byArn(arn, now);
    if (target === undefined) return this.#fail(task, 'AWS.SimpleQueueService.NonExistentQueue');
    task.source.remove(message);
    target.put({ ...message, messageId: this.#account.options.randomId() }, now);
    task.moved += 1;
    return true;
  }

  #fail(task: MoveTask, reason: string): false {
    task.failureReason = reason;
    this.#end(task, 'FAILED');
    return false;
  }

  #end(task: MoveTask, status: MoveStatus): void {
    task.status = status;
    this.#running.remove(task);
  }
}

const rateOf = (rate: number | undefined): number => rate ?? limitOf('sqs.moveTask.maxRate');

/** Slow tasks move one message at a time, fast ones a few every tenth of a second. */
const stepMs = (rate: number | undefined): number => Math.max(TICK_MS, 1000 / rateOf(rate));

const messagesPerStep = (rate: number | undefined): number =>
  Math.max(1, Math.round((rateOf(rate) * stepMs(rate)) / 1000));
