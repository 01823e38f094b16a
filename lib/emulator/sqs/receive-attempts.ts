import { limitOf } from '../../contract/limits.js';
import type { StoredMessage } from './message.js';

const WINDOW_MS = limitOf('sqs.fifo.dedupWindow') * 1000;

interface Attempt {
  readonly id: string;
  readonly until: number;
  readonly taken: readonly {
    readonly message: StoredMessage;
    readonly receipt: number;
    readonly dueAt: number;
  }[];
  /** The attempt that came after it. */
  next: Attempt | undefined;
}

/**
 * What each `ReceiveRequestAttemptId` got, for five minutes: a client that lost the answer asks again with the same
 * id and gets the same messages and handles, unless one of them was deleted, changed or received since.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-receiverequestattemptid-request-parameter.html
 */
export class ReceiveAttempts {
  readonly #attempts = new Map<string, Attempt>();
  /** All attempts by age, those included that a later one with the same id took the place of. */
  #oldest: Attempt | undefined;
  #newest: Attempt | undefined;

  /** Notes what an attempt got. */
  remember(id: string, messages: readonly StoredMessage[], now: number): void {
    const taken = messages.map((message) => ({ message, receipt: message.receipt, dueAt: message.dueAt }));
    const attempt: Attempt = { id, until: now + WINDOW_MS, taken, next: undefined };
    if (this.#newest === undefined) this.#oldest = attempt;
    else this.#newest.next = attempt;
    this.#newest = attempt;
    this.#attempts.set(id, attempt);
  }

  /** The untouched messages of an earlier attempt, or undefined when a fresh receive is due. */
  replay(id: string, now: number): readonly StoredMessage[] | undefined {
    this.#forget(now);
    const attempt = this.#attempts.get(id);
    const isUntouched = attempt?.taken.every(
      ({ message, receipt, dueAt }) =>
        message.state === 'in-flight' && message.receipt === receipt && message.dueAt === dueAt,
    );
    return isUntouched === true ? attempt?.taken.map(({ message }) => message) : undefined;
  }

  #forget(now: number): void {
    // By links rather than from the map's front, which is full of holes where others were deleted.
    for (let past = this.#oldest; past !== undefined && past.until <= now; past = this.#oldest) {
      if (this.#attempts.get(past.id) === past) this.#attempts.delete(past.id);
      this.#oldest = past.next;
      if (past.next === undefined) this.#newest = undefined;
    }
  }
}
