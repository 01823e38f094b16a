import type { BreakerState } from './circuit-breaker.js';
import { compileClaimRules } from './claim.js';
import { decideOverdue } from './deadlines.js';
import { takesSlot, type Delivery, type LossCause } from './delivery.js';
import type { HandlerSign } from './handler-sign.js';
import { InHand } from './in-hand.js';
import type { Effect, MachineCounts, MachineEvent, MachineRules } from './machine-types.js';
import { Receiving } from './receiving.js';
import { decideRenewals } from './renewals.js';
import { decideRetry, type RetrySign } from './retry-plan.js';

interface Retry {
  readonly sign: RetrySign;
  readonly afterSeconds: number;
}

/** Deletes and releases that may pile up while SQS is slow, before receiving pauses. */
const MAX_FINISHING_PER_SLOT = 10;
const MAX_FINISHING_BASE = 100;

/**
 * Everything a queue worker decides, as a state machine: who runs next, when to receive, renew, give up, release. It is
 * handed what happened and the time, and answers with what to do; it waits for nothing and reads no clock, so that a
 * test or a simulator can walk it through any history.
 */
export class QueueMachine {
  readonly #rules: MachineRules;
  readonly #hand: InHand;
  readonly #receiving: Receiving;
  #state: 'idle' | 'running' | 'draining' | 'quiet' = 'idle';
  #hasSaidEnded = false;

  constructor(rules: MachineRules) {
    this.#rules = rules;
    const { handlerTimeoutMs, abortGraceMs } = rules;
    const claims = compileClaimRules(rules.visibilityTimeoutSeconds);
    this.#hand = new InHand(rules, { claims, handlerTimeoutMs, abortGraceMs, drainUntil: Infinity });
    this.#receiving = new Receiving(rules.prefetch);
  }

  /** What is going on right now. */
  counts(): MachineCounts {
    const { ready, parked, slots } = this.#hand.intake;
    return {
      handling: this.#hand.deliveries.handling,
      buffered: ready.size,
      parked,
      slots,
      finishing: this.#hand.deliveries.size - this.#hand.deliveries.handling - ready.size - parked,
      receivesOut: this.#receiving.out,
    };
  }

  /** Whether anything is received. */
  get breaker(): BreakerState {
    return this.#hand.intake.breaker;
  }

  /** Whether this delivery may still be acted on: asked again right before a batch leaves. */
  isHeld(key: number, now: number): boolean {
    return this.#hand.deliveries.isHeld(key, now);
  }

  /** Whether a renewal that was decided is still of use when its call is about to leave. */
  wantsRenewal(key: number): boolean {
    return this.#hand.deliveries.isKept(key);
  }

  /** Takes one event at the given monotonic time. Times must never go backwards. */
  apply(event: MachineEvent, now: number): readonly Effect[] {
    const { breaker } = this.#hand.intake;
    this.#take(event, now);
    if (this.#hand.intake.breaker !== breaker) this.#onBreaker(now);
    if (this.#state === 'running') this.#advance(now);
    if (this.#state === 'draining') this.#drain();
    return this.#hand.takeEffects();
  }

  /** When to `tick`, or undefined while only events can change anything: never too late, and too early once at most. */
  nextWake(): number | undefined {
    const { dueAt } = this.#hand.deliveries;
    const next =
      this.#state === 'running' ? Math.min(dueAt, this.#receiving.dueAt, this.#hand.intake.dueAt) : dueAt;
    return next === Infinity ? undefined : next;
  }

  #take(event: MachineEvent, now: number): void {
    switch (event.kind) {
      case 'start':
        if (this.#state === 'idle') this.#state = 'running';
        return;
      case 'received':
        this.#onReceived(event);
        return;
      case 'receive-failed':
        this.#receiving.onFailed(event.receive, event.retryAt);
        return;
      case 'settled':
        this.#onSettled(event, now);
        return;
      case 'dead-lettered':
        this.#hand.step(event.key, { kind: 'dead-lettered' }, now);
        return;
      case 'dead-letter-failed':
        this.#onDeadLetterFailed(event, now);
        return;
      case 'renewed':
      case 'renewal-failed':
        this.#hand.step(event.key, event, now);
        this.#hand.emitReadyReleases();
        return;
      case 'refused':
        this.#onRefused(event.key, event.cause, now);
        return;
      case 'delete-failed':
        this.#hand.step(event.key, event, now);
        return;
      case 'delete-refused':
        this.#hand.lose(event.key, event.cause, now);
        return;
      case 'finished':
        this.#hand.step(event.key, { kind: 'finished' }, now);
        return;
      case 'tick':
        this.#tick(now);
        return;
      case 'stop':
        this.#onStop(now);
        return;
    }
  }

  #onReceived(event: Extract<MachineEvent, { kind: 'received' }>): void {
    const { receive, requestedAt, messages } = event;
    this.#receiving.onReceived(receive, messages);
    if (messages.length === 0) this.#hand.intake.onNothingReceived();
    for (const message of messages) {
      this.#hand.deliveries.add(message, receive, requestedAt);
      this.#hand.intake.ready.add(message);
    }
    // A poll that was still open at the stop may bring messages: they go back at once, unseen.
    if (this.#state === 'draining') this.#hand.returnAll(requestedAt);
    else if (this.#hand.intake.breaker.kind === 'open')
      this.#hand.shed(this.#hand.intake.breaker.pauseMs, requestedAt);
  }

  #onRefused(key: number, cause: LossCause, now: number): void {
    this.#hand.step(key, { kind: 'renewal-failed' }, now);
    // What is being deleted may be gone already, and its idempotency lease has ended with its handler: the delete will tell.
    if (this.#hand.deliveries.get(key)?.phase.kind !== 'deleting') this.#hand.lose(key, cause, now);
    this.#hand.emitReadyReleases();
  }

  #onSettled({ key, outcome, sign }: Extract<MachineEvent, { kind: 'settled' }>, now: number): void {
    const delivery = this.#hand.deliveries.get(key);
    if (delivery === undefined || !takesSlot(delivery)) return; // given up before it ended
    this.#observe(delivery, sign, now);
    if (delivery.phase.kind === 'lost') {
      this.#hand.step(key, { kind: 'settled', outcome }, now);
      return;
    }
    if (!this.isHeld(key, now)) {
      this.#hand.lose(key, 'expired', now, true);
      return;
    }
    switch (outcome.kind) {
      case 'done':
      case 'poison': // its group waits until it has reached the dead-letter queue
        this.#hand.step(key, { kind: 'settled', outcome }, now);
        return;
      case 'retry':
        this.#retry(delivery, { sign, afterSeconds: outcome.afterSeconds }, now);
        return;
      case 'lost':
        this.#hand.lose(key, 'fence-lost', now, true);
        return;
    }
  }

  #observe(delivery: Delivery, sign: HandlerSign, now: number): void {
    const { phase } = delivery;
    if (phase.kind !== 'handling' || this.#state !== 'running') return;
    this.#receiving.onHandled(now - phase.startedAt);
    this.#hand.intake.observe(
      { sign, startedAt: phase.startedAt, endedAt: now },
      delivery,
      this.#hand.deliveries.handling,
    );
  }

  #retry(delivery: Delivery, { sign, afterSeconds }: Retry, now: number): void {
    const { key } = delivery;
    const isRunning = this.#state === 'running';
    if (isRunning && this.#hand.intake.spares(delivery, sign)) {
      this.#hand.park(key, { costs: 0 }, now);
      return;
    }
    switch (isRunning ? decideRetry(delivery, sign, this.#hand.followersOf(delivery)) : 'release') {
      case 'release':
        this.#hand.releaseWithFollowers(delivery, afterSeconds, now);
        return;
      case 'in-hand': // a try that failed counts like a receive
        this.#hand.park(
          key,
          { costs: sign === 'failed' ? 1 : 0, notBefore: now + afterSeconds * 1_000 },
          now,
        );
        return;
      case 'dead-letter':
        this.#hand.step(key, { kind: 'settled', outcome: { kind: 'poison' } }, now);
        return;
    }
  }

  #onDeadLetterFailed({ key, afterSeconds }: { key: number; afterSeconds: number }, now: number): void {
    const delivery = this.#hand.deliveries.get(key);
    if (delivery !== undefined) this.#retry(delivery, { sign: 'poison', afterSeconds }, now);
  }

  #onBreaker(now: number): void {
    const state = this.#hand.intake.breaker;
    this.#hand.note({ kind: 'breaker', state });
    if (state.kind === 'open' && this.#state === 'running') this.#hand.shed(state.pauseMs, now);
  }

  #onStop(now: number): void {
    if (this.#state === 'draining' || this.#state === 'quiet') return;
    this.#state = 'draining';
    this.#hand.deliveries.drainUntil(now + this.#rules.drainMs);
    this.#hand.returnAll(now);
  }

  #advance(now: number): void {
    for (;;) {
      const key = this.#hand.intake.take(this.#hand.deliveries.handling, now);
      if (key === undefined) break;
      if (this.isHeld(key, now)) this.#hand.step(key, { kind: 'start' }, now);
      else this.#hand.lose(key, 'expired', now);
    }
    for (;;) {
      const maxMessages = this.#isFinishingTooMuch() ? 0 : this.#decideReceive(now);
      if (maxMessages === 0) return;
      this.#hand.note({ kind: 'receive', receive: this.#receiving.begin(maxMessages), maxMessages });
    }
  }

  #decideReceive(now: number): number {
    const { ready, slots } = this.#hand.intake;
    const receivable = this.#hand.intake.receivable(this.#receiving.out);
    if (receivable === 0) return 0;
    // What stands behind another of its FIFO group takes no slot of its own, and no other worker could have it either.
    const { startable: buffered, bytes: bufferedBytes } = ready;
    const largestGroup = this.#rules.fifo ? undefined : ready.largestGroup;
    const load = { slots, handling: this.#hand.deliveries.handling, buffered, bufferedBytes, largestGroup };
    return Math.min(receivable, this.#receiving.decide(load, now));
  }

  #isFinishingTooMuch(): boolean {
    const slots = this.#rules.concurrency.max;
    return this.counts().finishing > slots * MAX_FINISHING_PER_SLOT + MAX_FINISHING_BASE;
  }

  #drain(): void {
    if (this.#hand.deliveries.handling > 0) return;
    if (!this.#hasSaidEnded) this.#hand.note({ kind: 'handlers-ended' });
    this.#hasSaidEnded = true;
    if (this.#hand.deliveries.size > 0 || this.#receiving.out > 0) return;
    this.#state = 'quiet';
    this.#hand.note({ kind: 'quiet' });
  }

  #tick(now: number): void {
    this.#receiving.tick(now);
    this.#hand.intake.tick(now);
    for (const delivery of this.#hand.deliveries.all()) this.#checkTimes(delivery, now);
    this.#renew(now);
    this.#hand.deliveries.recount();
  }

  #checkTimes(delivery: Delivery, now: number): void {
    const overdue = decideOverdue(delivery, now, this.#hand.deliveries.deadlines);
    switch (overdue?.kind) {
      case 'abandon':
        this.#abandon(delivery, now);
        return;
      case 'lose':
        this.#hand.lose(delivery.key, overdue.cause, now);
        return;
      case 'retry-delete':
        this.#hand.step(delivery.key, overdue, now);
        return;
      case 'abort':
        this.#hand.step(delivery.key, { kind: 'abort' }, now, overdue.cause);
        return;
      case undefined:
        return;
    }
  }

  /**
   * The handler did not end though it was asked to. Its message stays invisible until its claim runs out: giving it back
   * now would let a second handler run beside the first.
   */
  #abandon(delivery: Delivery, now: number): void {
    const { key } = delivery;
    this.#hand.note({ kind: 'abandoned', key });
    this.#observe(delivery, 'failed', now);
    this.#hand.releaseFollowers(key, 0, now);
    this.#hand.step(key, { kind: 'give-up' }, now);
    this.#hand.step(key, { kind: 'finished' }, now);
  }

  #renew(now: number): void {
    const { deliveries } = this.#hand;
    const due = decideRenewals(deliveries.all(), now, deliveries.deadlines.claims);
    // What can gain nothing counts as tried, so that it is not asked again at once.
    for (const { key, seconds } of due)
      this.#hand.step(key, { kind: seconds === 0 ? 'renewal-failed' : 'renewing' }, now);
    const renewals = due.filter(({ seconds }) => seconds > 0);
    if (renewals.length > 0) this.#hand.note({ kind: 'renew', renewals });
  }
}
