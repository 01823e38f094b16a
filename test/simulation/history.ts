import { createHash } from 'node:crypto';

/** Something that happened, in words and numbers only: two runs of one seed have the same history. */
export interface HistoryEvent {
  /** Milliseconds since the start. */
  readonly at: number;
  /** Process, or part of the world outside. */
  readonly who: string;
  readonly what: string;
  readonly detail: string;
}

/** A promise that was broken. */
export interface Violation {
  readonly rule: Rule;
  readonly at: number;
  readonly detail: string;
}

/** The promises the oracle holds a run against. */
export type Rule =
  /** Every accepted message ends handled, dropped by a rule, or in the dead-letter queue. */
  | 'lost'
  /** A message is deleted only when its handling succeeded, a rule drops it, or the dead-letter queue has it. */
  | 'deleted-unhandled'
  /** Modes `transactional` and `sequence`: one committed effect per message. */
  | 'effect-doubled'
  /** Mode `lease`: no second handler of one business id while the first runs and its lease holds. */
  | 'twin-handlers'
  /** Modes `lease` and `record-after`: what comes after the record was made is not handled again. */
  | 'handled-again'
  /** Mode `lease`: no visibility timeout is renewed without the lease. */
  | 'renewed-alone'
  /** FIFO: no handler starts while an earlier message of its group is not settled. */
  | 'order'
  /** No handler starts, and no call leaves, with a receipt handle whose visibility timeout is over. */
  | 'right-over'
  /** The signal of a handler whose visibility timeout is over has aborted. */
  | 'unwarned'
  /** Once a message was given back, its visibility timeout is left alone. */
  | 'changed-after-release'
  /** Receives that lead to nothing stay in proportion to what went wrong. */
  | 'receive-inflation'
  /** Messages of one group are taken in the order of the publishes. */
  | 'publish-order'
  /** What a handler publishes leaves only when its transaction is committed. */
  | 'published-uncommitted'
  /** What was committed to be published is published before its message is deleted. */
  | 'outbox-lost'
  /** FIFO: what the messages of a group publish is taken in the order of the messages. */
  | 'outbox-order'
  /** A stop resolves in time. */
  | 'stop-hangs'
  /** After a stop: no timer, no open request, no further call. */
  | 'still-running'
  /** Once nothing goes wrong any more, the queue runs empty. */
  | 'never-settles';

/** What happened in a run, and which promises were broken. */
export class History {
  readonly #now: () => number;
  readonly #events: HistoryEvent[] = [];
  readonly #violations: Violation[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  get events(): readonly HistoryEvent[] {
    return this.#events;
  }

  get violations(): readonly Violation[] {
    return this.#violations;
  }

  note(who: string, what: string, detail = ''): void {
    this.#events.push({ at: this.#now(), who, what, detail });
  }

  accuse(rule: Rule, detail: string): void {
    this.#violations.push({ rule, at: this.#now(), detail });
    this.note('oracle', `BROKEN: ${rule}`, detail);
  }

  /** The same for the same schedule. */
  hash(): string {
    const digest = createHash('sha256');
    for (const { at, who, what, detail } of this.#events) digest.update(`${at}|${who}|${what}|${detail}\n`);
    return digest.digest('hex');
  }
}
