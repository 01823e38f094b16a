import { limitOf } from '../../contract/limits.js';
import type { StoredMessage } from './message.js';

const WINDOW_MS = limitOf('sqs.fifo.dedupWindow') * 1000;

interface Attempt {
  readonly until: number;
  readonly taken: readonly {
    readonly message: StoredMessage;
    readonly receipt: number;
    readonly dueAt: number;
  }[];
}

/**
 * What each `ReceiveRequestAttemptId` got, for five minutes: a client that lost the answer asks again with the same
 * id and gets the same messages and handles, unless one of them was deleted, changed or received since.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-receiverequestattemptid-request-parameter.html
 */
export class ReceiveAttempts {
  readonly #attempts = new Map<string, Attempt>();

  /** Notes what an attempt got. */
  remember(id: string, messages: readonly StoredMessage[], now: number): void {
    this.#attempts.delete(id);
    const taken = messages.map((message) => ({ message, receipt: message.receipt, dueAt: message.dueAt }));
    this.#attempts.set(id, { until: now + WINDOW_MS, taken });
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
    for (const [id, attempt] of this.#attempts) {
      if (attempt.until > now) return;
      this.#attempts.delete(id);
    }
  }
}
