import { decideReleaseSeconds, type Claim } from '../../core/delivery/claim.js';
import {
  decideHandlerLimits,
  type HandlerLimits,
  type InvocationDeadlines,
} from '../../core/delivery/invocation-deadlines.js';
import { createArrivalQueue, createGroupQueue, type ReadyQueue } from '../../core/delivery/ready-queue.js';
import { sendDeadLetter } from '../sqs/dead-lettering.js';
import type { Holding } from '../sqs/holding.js';
import { processMessage, type ProcessingParts } from '../sqs/processing.js';
import { recordsOf, settlementOf } from '../sqs/settlement.js';
import type { WorkerCalls } from '../sqs/worker-calls.js';
import { abortReason } from '../sqs/worker-errors.js';
import { identityOf, type WorkerTally } from '../sqs/worker-tally.js';
import { settledWithin } from '../system/settled-within.js';
import type { SqsBatchResponse } from './sqs-event.js';

/** What lives as long as the execution environment and is lent to each invocation. */
export interface InvocationParts {
  readonly processing: ProcessingParts;
  readonly calls: WorkerCalls;
  readonly tally: WorkerTally;
}

/** A message that stays in the queue. */
interface Failure {
  readonly holding: Holding;
  /** When it shall be seen again; undefined leaves its visibility timeout alone. */
  readonly dueAt: number | undefined;
}

/** Lambda may collect a batch for this long before it invokes the function. */
const LONGEST_WINDOW_MS = 300_000;

/** The batch of one invocation: runs its handlers, then says which messages stay in the queue. */
export class Invocation {
  readonly #parts: InvocationParts;
  readonly #deadlines: InvocationDeadlines;
  /** Since when its messages may have been held. */
  readonly #held: Pick<Claim, 'since'>;
  /** What has neither ended nor been given up. */
  readonly #open: Map<number, Holding>;
  readonly #ready: ReadyQueue;
  readonly #failures: Failure[] = [];
  /** What is left to record of messages that are done: Lambda deletes them after the response. */
  readonly #records: (() => Promise<void>)[] = [];

  constructor(parts: InvocationParts, holdings: readonly Holding[], deadlines: InvocationDeadlines) {
    const { fifo } = parts.processing.options.binding;
    this.#parts = parts;
    this.#deadlines = deadlines;
    this.#held = { since: this.#now() - LONGEST_WINDOW_MS };
    this.#open = new Map(holdings.map((holding) => [holding.key, holding]));
    this.#ready = fifo ? createGroupQueue() : createArrivalQueue();
    for (const { key, message } of holdings)
      this.#ready.add({ key, ...(message.group !== undefined && { group: message.group }) });
  }

  /** Whether the message may still have an effect: not once it was given up. */
  isOpen(key: number): boolean {
    return this.#open.has(key);
  }

  /** Resolves before the invocation ends, with every message that was not handled. Never rejects. */
  async run(): Promise<SqsBatchResponse> {
    const { concurrency } = this.#parts.processing.options;
    // As many lanes as may be needed: a lane that finds nothing to do leaves only groups behind that others work on.
    const lanes = Array.from({ length: Math.min(concurrency.max, this.#open.size) }, () => this.#lane());
    await Promise.all(lanes);
    this.#return(this.#ready.takeAll().map(({ key }) => key));
    await Promise.all([this.#record(), this.#release()]);
    const ids = new Set(this.#failures.map(({ holding }) => holding.message.messageId));
    return { batchItemFailures: [...ids].map((itemIdentifier) => ({ itemIdentifier })) };
  }

  async #lane(): Promise<void> {
    for (;;) {
      const next = this.#now() < this.#deadlines.abortAt ? this.#ready.take() : undefined;
      const holding = next && this.#open.get(next.key);
      if (next === undefined || holding === undefined) return;
      await this.#handle(holding);
      this.#ready.finish(next);
    }
  }

  async #handle(holding: Holding): Promise<void> {
    const { clock, handlerTimeoutSeconds, abortGraceSeconds } = this.#parts.processing.options;
    const now = clock.monotonic();
    const limits = decideHandlerLimits(now, this.#deadlines, {
      handlerTimeoutMs: handlerTimeoutSeconds * 1_000,
      abortGraceMs: abortGraceSeconds * 1_000,
    });
    const end = await settledWithin(clock, limits.giveUpAt - now, this.#process(holding, limits));
    if (end === 'late') this.#abandon(holding);
  }

  /** Never rejects, so that nobody has to own what is late. */
  async #process(holding: Holding, limits: HandlerLimits): Promise<void> {
    const { processing, tally } = this.#parts;
    const startedAt = this.#now();
    const timer = processing.clock.schedule(limits.abortAt - startedAt, () =>
      this.#abort(holding, limits.cause),
    );
    const verdict = await processMessage(holding, processing);
    timer.cancel();
    if (!this.#open.has(holding.key)) return; // it was given up; what it did is judged by the idempotency record
    const { outcome, told } = settlementOf(verdict, identityOf(holding), this.#now() - startedAt);
    if (told !== undefined) tally.tell(told);
    switch (outcome.kind) {
      case 'done':
        this.#open.delete(holding.key);
        this.#records.push(...recordsOf(verdict));
        return;
      case 'retry':
        this.#fail(holding, outcome.afterSeconds);
        return;
      case 'lost':
        this.#lose(holding);
        return;
      case 'poison':
        if (verdict.kind === 'poison') await this.#deadLetter({ ...holding, poison: verdict.poison });
        return;
    }
  }

  async #deadLetter(holding: Holding & { readonly poison: NonNullable<Holding['poison']> }): Promise<void> {
    const { processing, calls, tally } = this.#parts;
    const sent = await sendDeadLetter(holding, { options: processing.options, calls, tally });
    if (!this.#open.has(holding.key)) return;
    if (sent.kind === 'done') this.#open.delete(holding.key);
    else this.#fail(holding, sent.retryInSeconds);
  }

  #abort(holding: Holding, cause: HandlerLimits['cause']): void {
    holding.abortCause = cause;
    this.#parts.tally.tell({ kind: 'aborted', cause, ...identityOf(holding) });
    holding.controller.abort(abortReason(cause, this.#parts.processing.options));
  }

  /**
   * The handler did not end though it was asked to. Its message stays invisible until its visibility timeout is over: a
   * frozen environment may thaw, and giving it back now would let a second handler run beside the first.
   */
  #abandon(holding: Holding): void {
    this.#parts.tally.tell({ kind: 'abandoned', ...identityOf(holding) });
    this.#stay(holding, undefined);
    this.#return(this.#followersOf(holding));
  }

  /** Somebody else has it: nothing is done with it but to say that it was not handled here. */
  #lose(holding: Holding): void {
    const cause = this.#now() < this.#deadlines.endsAt ? 'fence-lost' : 'expired';
    this.#parts.tally.tell({ kind: 'lost', cause, ...identityOf(holding) });
    this.#stay(holding, undefined);
    this.#return(this.#followersOf(holding));
  }

  #fail(holding: Holding, afterSeconds: number): void {
    const dueAt = this.#now() + afterSeconds * 1_000;
    this.#stay(holding, dueAt);
    this.#return(this.#followersOf(holding), dueAt);
  }

  /** The rest of a FIFO group: after a failure none of it may run, and it comes back with the one that failed. */
  #followersOf({ message: { group } }: Holding): readonly number[] {
    return group === undefined ? [] : this.#ready.takeGroup(group).map(({ key }) => key);
  }

  #return(keys: readonly number[], dueAt = this.#now()): void {
    if (keys.length === 0) return;
    this.#parts.tally.tell({ kind: 'returned', count: keys.length });
    for (const key of keys) {
      const holding = this.#open.get(key);
      if (holding !== undefined) this.#stay(holding, dueAt);
    }
  }

  #stay(holding: Holding, dueAt: number | undefined): void {
    this.#open.delete(holding.key);
    this.#failures.push({ holding, dueAt });
  }

  /** All at once, so that they share writes. What is not in time is as if the environment had crashed after the handlers. */
  async #record(): Promise<void> {
    if (this.#records.length === 0) return;
    const { clock } = this.#parts.processing;
    const records = Promise.all(this.#records.map((record) => record()));
    await settledWithin(clock, this.#deadlines.respondAt - this.#now(), records);
  }

  /** All in one go: fewer calls, and a FIFO group becomes visible at one moment. Best effort; the messages come back anyway. */
  async #release(): Promise<void> {
    const { processing, calls } = this.#parts;
    const now = this.#now();
    const releases = this.#failures.flatMap(({ holding: { key, message }, dueAt }) => {
      if (dueAt === undefined) return [];
      const wanted = Math.max(0, Math.ceil((dueAt - now) / 1_000));
      const seconds = decideReleaseSeconds(wanted, this.#held, now);
      const item = { key, receiptHandle: message.receiptHandle, seconds, purpose: 'release' as const };
      return [calls.visibility.submit({ item })];
    });
    if (releases.length === 0) return;
    await settledWithin(processing.clock, this.#deadlines.respondAt - now, Promise.all(releases));
  }

  #now(): number {
    return this.#parts.processing.clock.monotonic();
  }
}
