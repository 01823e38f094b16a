import type { Timer } from '../../core/clock.js';
import { decideHealth, type WorkerHealth } from '../../core/delivery/health.js';
import type { QueueMachine } from '../../core/delivery/machine.js';
import type { Effect, MachineEvent } from '../../core/delivery/machine-types.js';
import type { MillraceError } from '../../core/errors.js';
import { PayloadDisposal } from '../claim-check/payload-disposal.js';
import { createMachine } from './create-machine.js';
import { forgetAttempt, type Holding } from './holding.js';
import { Holdings } from './holdings.js';
import { routesOf } from './inbound.js';
import { OpenPolls } from './open-polls.js';
import { Poller } from './poller.js';
import { processMessage, type ProcessingParts } from './processing.js';
import type { QueueObservation } from './queue-observation.js';
import type { Resources } from './resources.js';
import { RightCalls } from './right-calls.js';
import { recordsOf, settlementOf } from './settlement.js';
import { createTaskProtection, type TaskProtection } from './task-protection.js';
import { poisonOf, type Verdict } from './verdict.js';
import { tellOfBreaker } from './tell-of-breaker.js';
import { WakeTimer } from './wake-timer.js';
import { createWorkerCalls, type WorkerCalls } from './worker-calls.js';
import { abortReason, drainTimeout } from './worker-errors.js';
import type { WorkerEvent, WorkerStats } from './worker-events.js';
import type { CompiledWorkerOptions } from './worker-options.js';
import { identityOf, WorkerTally } from './worker-tally.js';

/** An open poll is waited for this long once the last handler has ended; then it is cut, and what it brought comes back by itself. */
const POLL_GRACE_MS = 1_000;
/** A timer this late means that nothing else ran either; sooner where visibility timeouts are short. */
const STALL_MS = 1_000;
const STALL_MS_PER_SECOND = 100;

/** Performs what the {@link QueueMachine} decides, and reports back what happened. It decides nothing about the protocol. */
export class WorkerRunner {
  readonly #options: CompiledWorkerOptions;
  readonly #machine: QueueMachine;
  readonly #calls: WorkerCalls;
  readonly #rights: RightCalls;
  readonly #poller: Poller;
  readonly #polls: OpenPolls;
  readonly #timer: WakeTimer;
  readonly #tally: WorkerTally;
  readonly #observation: QueueObservation | undefined;
  readonly #processing: ProcessingParts;
  readonly #disposal: PayloadDisposal | undefined;
  readonly #protection: TaskProtection | undefined;
  readonly #holdings: Holdings;
  readonly #quiet: Promise<void>;
  #resolveQuiet: () => void = () => undefined;
  #activeAt: number;
  #pollGrace: Timer | undefined;
  #fatal: MillraceError | undefined;
  #isStopping = false;
  #hasEnded = false;

  constructor(options: CompiledWorkerOptions, parts: Omit<Resources, 'close'>) {
    const { clock, random } = options;
    this.#options = options;
    this.#machine = createMachine(options);
    this.#holdings = new Holdings(options.binding.maxReceiveCount);
    const isHeld = (key: number): boolean => this.#machine.isHeld(key, clock.monotonic());
    this.#calls = createWorkerCalls(parts.sqs, options, {
      isHeld,
      wantsRenewal: (key) => this.#machine.wantsRenewal(key),
    });
    this.#poller = new Poller({ sqs: parts.sqs, options, clock, random });
    this.#polls = new OpenPolls(this.#poller, clock);
    this.#observation = parts.observation;
    this.#tally = new WorkerTally(options.onEvent, parts.observation);
    const onLeft = (code: string): void => this.#tally.tell({ kind: 'payloadLeft', code });
    const { guard, outbox, claimChecks, observation } = parts;
    this.#disposal = claimChecks && new PayloadDisposal({ ...claimChecks, clock, random, onLeft });
    this.#rights = new RightCalls({
      options,
      calls: this.#calls,
      tally: this.#tally,
      disposal: this.#disposal,
      report: (event) => this.#apply(event),
    });
    this.#timer = new WakeTimer({
      clock,
      stallMs: Math.min(STALL_MS, options.visibilityTimeoutSeconds * STALL_MS_PER_SECOND),
      onDue: () => this.#apply({ kind: 'tick' }),
      onStall: (lateMs) => this.#tally.tell({ kind: 'stalled', lateMs }),
    });
    this.#activeAt = clock.monotonic();
    const routes = routesOf(options.handlers);
    const tell = (event: WorkerEvent): void => this.#tally.tell(event);
    this.#protection = createTaskProtection(options, tell);
    this.#processing = {
      options,
      routes,
      guard,
      outbox,
      claimChecks,
      clock,
      random,
      isHeld,
      tell,
      observation,
    };
    this.#quiet = new Promise((resolve) => (this.#resolveQuiet = resolve));
  }

  /** Starts receiving. */
  start(): void {
    this.#observation?.watch(() => this.stats());
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
    await Promise.all([this.#disposal?.drain(), this.#protection?.close()]);
    this.#hasEnded = true;
    this.#timer.cancel();
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
    const { handling, buffered, parked, slots } = this.#machine.counts();
    return {
      ...this.#tally.totals,
      handling,
      buffered,
      parked,
      undeleted: this.#holdings.undeleted,
      slots,
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
    return decideHealth({
      phase: this.#hasEnded ? 'stopped' : this.#isStopping ? 'draining' : 'running',
      now: this.#options.clock.monotonic(),
      failedPolls: this.#poller.failedPolls,
      failedDeletes: this.#holdings.mostFailedDeletes,
      pollAgeMs: this.#polls.oldestMs,
      pollWaitMs: this.#poller.waitMs,
      timerLateMs: this.#timer.overdueMs,
      handling: this.#machine.counts().handling,
      activeAt: this.#activeAt,
      breaker: this.#machine.breaker,
    });
  }

  #apply(event: MachineEvent): void {
    this.#activeAt = this.#options.clock.monotonic();
    for (const effect of this.#machine.apply(event, this.#activeAt)) this.#perform(effect);
    this.#protection?.watch(this.#holdings.size > 0);
    const { handling, buffered } = this.#machine.counts();
    // Nobody is left who could join the batch: there is nothing to wait for.
    if (handling + buffered === 0 && this.#calls.deletes.size > 0) this.#calls.deletes.flush();
    this.#timer.arm(this.#machine.nextWake());
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'receive':
        void this.#poll(effect.receive, effect.maxMessages);
        return;
      case 'start':
        this.#holdings.with(effect.key, (holding) => void this.#process(holding));
        return;
      case 'abort':
        this.#holdings.with(effect.key, (holding) => this.#abort(holding, effect.cause));
        return;
      case 'renew':
        for (const { key, seconds } of effect.renewals)
          this.#holdings.with(key, (holding) => void this.#rights.renew(holding, seconds));
        return;
      case 'delete':
        this.#holdings.with(effect.key, (holding) => void this.#rights.delete(holding));
        return;
      case 'dead-letter':
        this.#holdings.with(effect.key, (holding) => void this.#rights.deadLetter(holding));
        return;
      case 'release':
        this.#rights.release(this.#holdings.of(effect.keys), effect.afterSeconds);
        return;
      case 'parked':
        this.#holdings.with(effect.key, (holding) => this.#onParked(holding));
        return;
      case 'breaker':
        tellOfBreaker(effect.state, this.#options.clock.monotonic(), this.#tally);
        return;
      case 'returned':
        this.#tally.tell({ kind: 'returned', count: effect.keys.length });
        return;
      case 'lost':
        this.#holdings.with(effect.key, (holding) =>
          this.#tally.tell({ kind: 'lost', cause: effect.cause, ...identityOf(holding) }),
        );
        return;
      case 'abandoned':
        this.#holdings.with(effect.key, (holding) => this.#onAbandoned(holding));
        return;
      case 'gone':
        this.#holdings.delete(effect.key);
        return;
      case 'handlers-ended':
        this.#pollGrace = this.#options.clock.schedule(POLL_GRACE_MS, () => this.#polls.cut());
        return;
      case 'quiet':
        this.#resolveQuiet();
        return;
    }
  }

  async #poll(receive: number, maxMessages: number): Promise<void> {
    const outcome = await this.#polls.poll(receive, maxMessages);
    switch (outcome.kind) {
      case 'messages': {
        const { messages, requestedAt } = outcome;
        if (messages.length > 0)
          this.#tally.tell({ kind: 'received', count: messages.length, requested: maxMessages });
        const tracing = this.#observation?.received(messages, requestedAt);
        const arrived = messages.map((message) => this.#holdings.add(message, { receive, tracing }));
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

  async #process(holding: Holding): Promise<void> {
    const startedAt = this.#options.clock.monotonic();
    const verdict = await processMessage(holding, this.#processing);
    if (!this.#holdings.has(holding.key)) return; // it was given up; what it did is judged by the idempotency record
    this.#settle(holding, verdict, this.#options.clock.monotonic() - startedAt);
  }

  #settle(holding: Holding, verdict: Verdict, durationMs: number): void {
    holding.poison = poisonOf(verdict);
    [holding.record] = recordsOf(verdict);
    const { outcome, told, sign } = settlementOf(verdict, identityOf(holding), durationMs);
    if (told !== undefined) this.#tally.tell(told);
    this.#apply({ kind: 'settled', key: holding.key, outcome, sign });
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

  #onParked(holding: Holding): void {
    this.#tally.tell({ kind: 'parked', ...identityOf(holding) });
    forgetAttempt(holding);
  }
}
