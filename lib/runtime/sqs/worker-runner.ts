import type { Timer } from '../../core/clock.js';
import { decideHealth, type WorkerHealth } from '../../core/delivery/health.js';
import { QueueMachine } from '../../core/delivery/machine.js';
import type { Effect, MachineEvent, Renewal } from '../../core/delivery/machine-types.js';
import type { MillraceError } from '../../core/errors.js';
import type { ReceivedMessage, SqsApi } from '../aws/sqs-api.js';
import type { IdempotencyGuard } from '../idempotency/guard.js';
import { sendDeadLetter } from './dead-lettering.js';
import { createHolding, type Holding } from './holding.js';
import { routesOf } from './inbound.js';
import { Poller } from './poller.js';
import { processMessage, type ProcessingParts, type Verdict } from './processing.js';
import { settlementOf } from './settlement.js';
import { createWorkerCalls, type WorkerCalls } from './worker-calls.js';
import { abortReason, drainTimeout } from './worker-errors.js';
import type { WorkerStats } from './worker-events.js';
import type { CompiledWorkerOptions } from './worker-options.js';
import { identityOf, WorkerTally } from './worker-tally.js';

/** An open poll is waited for this long once the last handler has ended; then it is cut, and what it brought comes back by itself. */
const POLL_GRACE_MS = 1_000;
/** A timer this late means that nothing else ran either. */
const STALL_MS = 1_000;

/** Performs what the {@link QueueMachine} decides, and reports back what happened. It decides nothing about the protocol. */
export class WorkerRunner {
  readonly #options: CompiledWorkerOptions;
  readonly #machine: QueueMachine;
  readonly #calls: WorkerCalls;
  readonly #poller: Poller;
  readonly #tally: WorkerTally;
  readonly #processing: ProcessingParts;
  readonly #holdings = new Map<number, Holding>();
  readonly #openPolls = new Map<number, { readonly controller: AbortController; readonly since: number }>();
  readonly #quiet: Promise<void>;
  #resolveQuiet: () => void = () => undefined;
  #nextKey = 1;
  #releases = 0;
  #timer: { readonly timer: Timer; readonly at: number } | undefined;
  #pollGrace: Timer | undefined;
  #fatal: MillraceError | undefined;
  #isStopping = false;
  #hasEnded = false;

  constructor(
    options: CompiledWorkerOptions,
    parts: { readonly sqs: SqsApi; readonly guard: IdempotencyGuard },
  ) {
    const { clock, random } = options;
    this.#options = options;
    this.#machine = new QueueMachine({
      concurrency: options.concurrency,
      fifo: options.binding.fifo,
      visibilityTimeoutSeconds: options.visibilityTimeoutSeconds,
      handlerTimeoutMs: options.handlerTimeoutSeconds * 1_000,
      abortGraceMs: options.abortGraceSeconds * 1_000,
      drainMs: options.drainTimeoutSeconds * 1_000,
    });
    const isHeld = (key: number): boolean => this.#machine.isHeld(key, clock.monotonic());
    this.#calls = createWorkerCalls(parts.sqs, options, {
      isHeld,
      wantsRenewal: (key) => this.#machine.wantsRenewal(key),
    });
    this.#poller = new Poller({ sqs: parts.sqs, options, clock, random });
    this.#tally = new WorkerTally(options.onEvent);
    const routes = routesOf(options.handlers);
    this.#processing = { options, routes, guard: parts.guard, clock, random, isHeld };
    this.#quiet = new Promise((resolve) => (this.#resolveQuiet = resolve));
  }

  /** Starts receiving. */
  start(): void {
    this.#tally.tell({ kind: 'started', queue: this.#options.binding.name });
    this.#apply({ kind: 'start' });
  }

  /** Stops receiving, lets handlers end, hands back the rest. Resolves through {@link ended}. */
  stop(): void {
    if (!this.#isStopping) this.#tally.tell({ kind: 'draining', handling: this.#machine.counts().handling });
    this.#isStopping = true;
    this.#apply({ kind: 'stop' });
  }

  /**
   * Resolves when nothing of this worker is left running.
   * @throws what made a start hopeless, or {DRAIN_TIMEOUT} when handlers had to be left behind
   */
  async ended(): Promise<void> {
    await this.#quiet;
    this.#hasEnded = true;
    this.#timer?.timer.cancel();
    this.#pollGrace?.cancel();
    // Retries of calls for messages that were lost meanwhile: of no use to anybody, and their timers would outlive the worker.
    this.#calls.deletes.cancel();
    this.#calls.visibility.cancel();
    this.#calls.deadLetters.cancel();
    const { abandoned } = this.#tally.totals;
    this.#tally.tell({ kind: 'drained', abandoned });
    if (this.#fatal !== undefined) throw this.#fatal;
  }

  /** Running totals. */
  stats(): WorkerStats {
    const { handling, buffered } = this.#machine.counts();
    return {
      ...this.#tally.totals,
      handling,
      buffered,
      calls: {
        receive: this.#poller.calls,
        delete: this.#calls.deletes.calls,
        changeVisibility: this.#calls.visibility.calls,
        send: this.#calls.deadLetters.calls,
      },
    };
  }

  /** How it is doing right now. */
  health(): WorkerHealth {
    const since = [...this.#openPolls.values()].map((poll) => poll.since);
    const now = this.#options.clock.monotonic();
    return decideHealth({
      phase: this.#hasEnded ? 'stopped' : this.#isStopping ? 'draining' : 'running',
      failedPolls: this.#poller.failedPolls,
      pollAgeMs: since.length === 0 ? undefined : now - Math.min(...since),
      pollWaitMs: this.#poller.waitMs,
    });
  }

  #apply(event: MachineEvent): void {
    for (const effect of this.#machine.apply(event, this.#options.clock.monotonic())) this.#perform(effect);
    const { handling, buffered } = this.#machine.counts();
    // Nobody is left who could join the batch: there is nothing to wait for.
    if (handling + buffered === 0 && this.#calls.deletes.size > 0) this.#calls.deletes.flush();
    this.#arm();
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'receive':
        void this.#poll(effect.receive, effect.maxMessages);
        return;
      case 'start':
        this.#withHolding(effect.key, (holding) => void this.#process(holding));
        return;
      case 'abort':
        this.#withHolding(effect.key, (holding) => this.#abort(holding, effect.cause));
        return;
      case 'renew':
        effect.renewals.forEach((renewal) => void this.#renew(renewal));
        return;
      case 'delete':
        this.#withHolding(effect.key, (holding) => void this.#delete(holding));
        return;
      case 'dead-letter':
        this.#withHolding(effect.key, (holding) => void this.#deadLetter(holding));
        return;
      case 'release':
        this.#release(effect.keys, effect.afterSeconds);
        return;
      case 'returned':
        this.#tally.tell({ kind: 'returned', count: effect.keys.length });
        return;
      case 'lost':
        this.#withHolding(effect.key, (holding) =>
          this.#tally.tell({ kind: 'lost', cause: effect.cause, ...identityOf(holding) }),
        );
        return;
      case 'abandoned':
        this.#withHolding(effect.key, (holding) => this.#onAbandoned(holding));
        return;
      case 'gone':
        this.#holdings.delete(effect.key);
        return;
      case 'handlers-ended':
        this.#pollGrace = this.#options.clock.schedule(POLL_GRACE_MS, () => this.#cutPolls());
        return;
      case 'quiet':
        this.#resolveQuiet();
        return;
    }
  }

  #withHolding(key: number, act: (holding: Holding) => void): void {
    const holding = this.#holdings.get(key);
    if (holding !== undefined) act(holding);
  }

  async #poll(receive: number, maxMessages: number): Promise<void> {
    const controller = new AbortController();
    this.#openPolls.set(receive, { controller, since: this.#options.clock.monotonic() });
    const outcome = await this.#poller.poll(maxMessages, controller.signal);
    this.#openPolls.delete(receive);
    switch (outcome.kind) {
      case 'messages': {
        const { messages, requestedAt } = outcome;
        if (messages.length > 0)
          this.#tally.tell({ kind: 'received', count: messages.length, requested: maxMessages });
        const arrived = messages.map((message) => this.#hold(message, receive));
        this.#apply({ kind: 'received', receive, requestedAt, messages: arrived });
        return;
      }
      case 'failed': {
        const { error, retryInMs } = outcome;
        this.#tally.tell({ kind: 'receiveFailed', error, retryInMs });
        const retryAt = this.#options.clock.monotonic() + retryInMs;
        this.#apply({ kind: 'receive-failed', receive, retryAt });
        return;
      }
      case 'hopeless':
        this.#fatal ??= outcome.error;
        this.#apply({ kind: 'receive-failed', receive, retryAt: Infinity });
        this.stop();
        return;
    }
  }

  #hold(message: ReceivedMessage, receive: number): { key: number; group?: string } {
    const key = this.#nextKey++;
    this.#holdings.set(key, createHolding(key, message, receive));
    return { key, ...(message.group !== undefined && { group: message.group }) };
  }

  async #process(holding: Holding): Promise<void> {
    const startedAt = this.#options.clock.monotonic();
    const verdict = await processMessage(holding, this.#processing);
    if (!this.#holdings.has(holding.key)) return; // it was given up; what it did is judged by the idempotency record
    this.#settle(holding, verdict, this.#options.clock.monotonic() - startedAt);
  }

  #settle(holding: Holding, verdict: Verdict, durationMs: number): void {
    if (verdict.kind === 'poison') holding.poison = verdict.poison;
    const { outcome, told } = settlementOf(verdict, identityOf(holding), durationMs);
    if (told !== undefined) this.#tally.tell(told);
    this.#apply({ kind: 'settled', key: holding.key, outcome });
  }

  #abort(holding: Holding, cause: 'lost' | 'timeout' | 'stop'): void {
    holding.abortCause = cause;
    this.#tally.tell({ kind: 'aborted', cause, ...identityOf(holding) });
    holding.controller.abort(abortReason(cause, this.#options));
  }

  #onAbandoned(holding: Holding): void {
    this.#tally.tell({ kind: 'abandoned', ...identityOf(holding) });
    if (!this.#isStopping) return;
    this.#fatal ??= drainTimeout(this.#options);
  }

  /** The idempotency lease and the visibility timeout are prolonged together: the lease first, and neither without the other. */
  async #renew({ key, seconds }: Renewal): Promise<void> {
    const holding = this.#holdings.get(key);
    if (holding === undefined) return;
    try {
      if ((await holding.fence?.renew(seconds * 1_000)) === 'lost') {
        this.#apply({ kind: 'refused', key, cause: 'fence-lost' });
        return;
      }
    } catch {
      this.#apply({ kind: 'renewal-failed', key });
      return;
    }
    const requestedAt = this.#options.clock.monotonic();
    const item = { key, receiptHandle: holding.message.receiptHandle, seconds, purpose: 'renew' as const };
    const result = await this.#calls.visibility.submit({ item, ...this.#togetherOnFifo(holding) });
    if (result.kind === 'done') {
      this.#apply({ kind: 'renewed', key, requestedAt, seconds });
      return;
    }
    // An entry that SQS refused has lost its handle; a call that was refused as a whole says nothing about handles.
    if (result.kind === 'refused' && result.failure === undefined) {
      this.#apply({ kind: 'refused', key, cause: 'handle-refused' });
      return;
    }
    this.#apply({ kind: 'renewal-failed', key });
  }

  async #delete(holding: Holding): Promise<void> {
    const { key, message } = holding;
    const item = { key, receiptHandle: message.receiptHandle };
    const result = await this.#calls.deletes.submit({ item, ...this.#togetherOnFifo(holding) });
    if (result.kind === 'done') {
      this.#apply({ kind: 'finished', key });
      return;
    }
    this.#apply({
      kind: 'refused',
      key,
      cause: result.kind === 'refused' && result.failure === undefined ? 'handle-refused' : 'expired',
    });
  }

  /** On FIFO queues, handles of one receive in one call use the partitions best. */
  #togetherOnFifo({ receive }: Holding): { readonly partition?: number } {
    return this.#options.binding.fifo ? { partition: receive } : {};
  }

  #release(keys: readonly number[], afterSeconds: number): void {
    const partition = this.#options.binding.fifo ? { partition: -(this.#releases += 1) } : {};
    for (const key of keys)
      this.#withHolding(key, ({ message: { receiptHandle } }) => {
        const item = { key, receiptHandle, seconds: afterSeconds, purpose: 'release' as const };
        // Whatever comes of it: the message comes back, now or when its visibility timeout ends.
        void this.#calls.visibility
          .submit({ item, ...partition })
          .then(() => this.#apply({ kind: 'finished', key }));
      });
  }

  async #deadLetter(holding: Holding): Promise<void> {
    const { key, poison } = holding;
    if (poison === undefined) return;
    const parts = { options: this.#options, calls: this.#calls, tally: this.#tally };
    const sent = await sendDeadLetter({ ...holding, poison }, parts);
    this.#apply(
      sent.kind === 'done'
        ? { kind: 'dead-lettered', key }
        : { kind: 'dead-letter-failed', key, afterSeconds: sent.retryInSeconds },
    );
  }

  #cutPolls(): void {
    for (const { controller } of this.#openPolls.values()) controller.abort();
  }

  #arm(): void {
    const { clock } = this.#options;
    const at = this.#machine.nextWake();
    if (at === this.#timer?.at) return;
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    if (at === undefined) return;
    const expectedAt = Math.max(at, clock.monotonic());
    const timer = clock.schedule(expectedAt - clock.monotonic(), () => {
      this.#timer = undefined;
      const lateMs = clock.monotonic() - expectedAt;
      if (lateMs > STALL_MS) this.#tally.tell({ kind: 'stalled', lateMs });
      this.#apply({ kind: 'tick' });
    });
    this.#timer = { timer, at };
  }
}
