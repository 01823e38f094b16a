import type { BreakerState } from './circuit-breaker.js';
import { compileClaimRules, type ClaimRules } from './claim.js';
import { decideOverdue, type Deadlines } from './deadlines.js';
import { DeliveryTable } from './delivery-table.js';
import {
  hasTurn,
  takesSlot,
  type AbortCause,
  type Delivery,
  type DeliveryEvent,
  type LossCause,
} from './delivery.js';
import type { HandlerSign } from './handler-sign.js';
import { Intake } from './intake.js';
import type { Effect, MachineCounts, MachineEvent, MachineRules } from './machine-types.js';
import { PendingReleases } from './pending-releases.js';
import { Receiving } from './receiving.js';
import { decideRenewals } from './renewals.js';

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
  readonly #claims: ClaimRules;
  readonly #deliveries: DeliveryTable;
  readonly #intake: Intake;
  readonly #receiving: Receiving;
  readonly #releases = new PendingReleases();
  #effects: Effect[] = [];
  #state: 'idle' | 'running' | 'draining' | 'quiet' = 'idle';
  #drainUntil = Infinity;
  #hasSaidEnded = false;

  constructor(rules: MachineRules) {
    this.#rules = rules;
    this.#claims = compileClaimRules(rules.visibilityTimeoutSeconds);
    this.#deliveries = new DeliveryTable(this.#claims);
    this.#intake = new Intake(rules);
    this.#receiving = new Receiving(rules.prefetch);
  }

  /** What is going on right now. */
  counts(): MachineCounts {
    const { ready, parked, slots } = this.#intake;
    return {
      handling: this.#deliveries.handling,
      buffered: ready.size,
      parked,
      slots,
      finishing: this.#deliveries.size - this.#deliveries.handling - ready.size - parked,
      receivesOut: this.#receiving.out,
    };
  }

  /** Whether anything is received. */
  get breaker(): BreakerState {
    return this.#intake.breaker;
  }

  /** Whether this delivery may still be acted on: asked again right before a batch leaves. */
  isHeld(key: number, now: number): boolean {
    return this.#deliveries.isHeld(key, now);
  }

  /** Whether a renewal that was decided is still of use when its call is about to leave. */
  wantsRenewal(key: number): boolean {
    return this.#deliveries.isKept(key);
  }

  /** Takes one event at the given monotonic time. Times must never go backwards. */
  apply(event: MachineEvent, now: number): readonly Effect[] {
    this.#effects = [];
    const { breaker } = this.#intake;
    this.#take(event, now);
    if (this.#intake.breaker !== breaker) this.#onBreaker(now);
    if (this.#state === 'running') this.#advance(now);
    if (this.#state === 'draining') this.#drain();
    return this.#effects;
  }

  /** When a `tick` is due, or undefined while only events can change anything. */
  nextWake(): number | undefined {
    const deliveriesDue = this.#deliveries.dueAt(this.#deadlines());
    const next =
      this.#state === 'running'
        ? Math.min(deliveriesDue, this.#receiving.dueAt, this.#intake.dueAt)
        : deliveriesDue;
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
        this.#step(event.key, { kind: 'dead-lettered' }, now);
        return;
      case 'dead-letter-failed':
        this.#releaseWithFollowers(event.key, event.afterSeconds, now);
        return;
      case 'renewed':
      case 'renewal-failed':
        this.#step(event.key, event, now);
        this.#emitReadyReleases();
        return;
      case 'refused':
        this.#step(event.key, { kind: 'renewal-failed' }, now);
        this.#lose(event.key, event.cause, now);
        this.#emitReadyReleases();
        return;
      case 'finished':
        this.#step(event.key, { kind: 'finished' }, now);
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
    if (messages.length === 0) this.#intake.onNothingReceived();
    for (const message of messages) {
      this.#deliveries.add(message, receive, requestedAt);
      this.#intake.ready.add(message);
    }
    // A poll that was still open at the stop may bring messages: they go back at once, unseen.
    if (this.#state === 'draining') this.#returnBuffered(requestedAt);
    else if (this.#intake.breaker.kind === 'open') this.#shed(this.#intake.breaker.pauseMs, requestedAt);
  }

  #onSettled({ key, outcome, sign }: Extract<MachineEvent, { kind: 'settled' }>, now: number): void {
    const delivery = this.#deliveries.get(key);
    if (delivery === undefined || !takesSlot(delivery)) return; // given up before it ended
    this.#observe(delivery, sign, now);
    if (delivery.phase.kind === 'lost') {
      this.#step(key, { kind: 'settled', outcome }, now);
      return;
    }
    if (!this.isHeld(key, now)) {
      this.#lose(key, 'expired', now, true);
      return;
    }
    switch (outcome.kind) {
      case 'done':
      case 'poison': // its group waits until it has reached the dead-letter queue
        this.#step(key, { kind: 'settled', outcome }, now);
        return;
      case 'retry':
        if (this.#state === 'running' && this.#intake.spares(delivery, sign)) this.#park(key, now);
        else this.#releaseWithFollowers(key, outcome.afterSeconds, now, { kind: 'settled', outcome });
        return;
      case 'lost':
        this.#lose(key, 'fence-lost', now, true);
        return;
    }
  }

  #observe({ phase }: Delivery, sign: HandlerSign, now: number): void {
    if (phase.kind !== 'handling' || this.#state !== 'running') return;
    this.#receiving.onHandled(now - phase.startedAt);
    this.#intake.observe({ sign, startedAt: phase.startedAt, endedAt: now }, this.#deliveries.handling);
  }

  #park(key: number, now: number): void {
    this.#step(key, { kind: 'park' }, now);
    this.#intake.park(key);
    this.#effects.push({ kind: 'parked', key });
  }

  #onBreaker(now: number): void {
    const state = this.#intake.breaker;
    this.#effects.push({ kind: 'breaker', state });
    if (state.kind === 'open' && this.#state === 'running') this.#shed(state.pauseMs, now);
  }

  #shed(pauseMs: number, now: number): void {
    const keys = this.#intake.shed((key) => this.#deliveries.get(key)?.receivesLeft);
    this.#return(keys, Math.ceil(pauseMs / 1_000), now);
  }

  #onStop(now: number): void {
    if (this.#state === 'draining' || this.#state === 'quiet') return;
    this.#state = 'draining';
    this.#drainUntil = now + this.#rules.drainMs;
    this.#returnBuffered(now);
  }

  /** Parked ones first: on FIFO queues those that are buffered stand behind them. */
  #returnBuffered(now: number): void {
    this.#return(
      [...this.#intake.takeAllParked(), ...this.#intake.ready.takeAll().map(({ key }) => key)],
      0,
      now,
    );
  }

  #return(keys: readonly number[], afterSeconds: number, now: number): void {
    if (keys.length === 0) return;
    for (const key of keys) this.#step(key, { kind: 'release' }, now);
    this.#effects.push({ kind: 'returned', keys });
    this.#release(keys, afterSeconds);
  }

  #advance(now: number): void {
    for (;;) {
      const key = this.#intake.take(this.#deliveries.handling, now);
      if (key === undefined) break;
      if (this.isHeld(key, now)) this.#step(key, { kind: 'start' }, now);
      else this.#lose(key, 'expired', now);
    }
    for (;;) {
      const maxMessages = this.#isFinishingTooMuch() ? 0 : this.#decideReceive(now);
      if (maxMessages === 0) return;
      this.#effects.push({ kind: 'receive', receive: this.#receiving.begin(maxMessages), maxMessages });
    }
  }

  #decideReceive(now: number): number {
    const { ready, slots, receivable } = this.#intake;
    const { size: buffered, bytes: bufferedBytes } = ready;
    const largestGroup = this.#rules.fifo ? 0 : ready.largestGroup;
    const load = { slots, handling: this.#deliveries.handling, buffered, bufferedBytes, largestGroup };
    return Math.min(receivable, this.#receiving.decide(load, now));
  }

  #isFinishingTooMuch(): boolean {
    const slots = this.#rules.concurrency.max;
    return this.counts().finishing > slots * MAX_FINISHING_PER_SLOT + MAX_FINISHING_BASE;
  }

  #drain(): void {
    if (this.#deliveries.handling > 0) return;
    if (!this.#hasSaidEnded) this.#effects.push({ kind: 'handlers-ended' });
    this.#hasSaidEnded = true;
    if (this.#deliveries.size > 0 || this.#receiving.out > 0) return;
    this.#state = 'quiet';
    this.#effects.push({ kind: 'quiet' });
  }

  #tick(now: number): void {
    this.#receiving.tick(now);
    this.#intake.tick(now);
    for (const delivery of this.#deliveries.all()) this.#checkTimes(delivery, now);
    this.#renew(now);
  }

  #checkTimes(delivery: Delivery, now: number): void {
    const overdue = decideOverdue(delivery, now, this.#deadlines());
    switch (overdue?.kind) {
      case 'abandon':
        this.#abandon(delivery, now);
        return;
      case 'lose':
        this.#lose(delivery.key, overdue.cause, now);
        return;
      case 'abort':
        this.#step(delivery.key, { kind: 'abort' }, now, overdue.cause);
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
    this.#effects.push({ kind: 'abandoned', key });
    this.#observe(delivery, 'failed', now);
    this.#releaseFollowers(key, 0, now);
    this.#step(key, { kind: 'give-up' }, now);
    this.#step(key, { kind: 'finished' }, now);
  }

  #renew(now: number): void {
    const due = decideRenewals(this.#deliveries.all(), now, this.#claims);
    // What can gain nothing counts as tried, so that it is not asked again at once.
    for (const { key, seconds } of due)
      this.#step(key, { kind: seconds === 0 ? 'renewal-failed' : 'renewing' }, now);
    const renewals = due.filter(({ seconds }) => seconds > 0);
    if (renewals.length > 0) this.#effects.push({ kind: 'renew', renewals });
  }

  #deadlines(): Deadlines {
    const { handlerTimeoutMs, abortGraceMs } = this.#rules;
    return { claims: this.#claims, handlerTimeoutMs, abortGraceMs, drainUntil: this.#drainUntil };
  }

  /** The right is gone: nothing more is done with the message, and its group's followers go back in order. */
  #lose(key: number, cause: LossCause, now: number, hasSettled = false): void {
    const delivery = this.#deliveries.get(key);
    if (delivery === undefined || delivery.phase.kind === 'lost' || delivery.phase.kind === 'releasing')
      return;
    if (delivery.phase.kind === 'buffered') {
      this.#intake.ready.remove(delivery);
      this.#intake.ready.finish(delivery); // taken out to be started, but too late: its group must not wait for it
    }
    this.#intake.unpark(key);
    this.#effects.push({ kind: 'lost', key, cause });
    if (delivery.phase.kind !== 'deleting') this.#releaseFollowers(key, 0, now);
    this.#step(key, { kind: 'expire', cause }, now);
    if (hasSettled) this.#step(key, { kind: 'settled', outcome: { kind: 'lost' } }, now);
  }

  #releaseWithFollowers(
    key: number,
    afterSeconds: number,
    now: number,
    event: DeliveryEvent = { kind: 'release' },
  ): void {
    const delivery = this.#deliveries.get(key);
    if (delivery === undefined) return;
    const followers = this.#takeFollowers(delivery, now);
    this.#step(key, event, now);
    this.#release([key, ...followers], afterSeconds);
  }

  #releaseFollowers(key: number, afterSeconds: number, now: number): void {
    const delivery = this.#deliveries.get(key);
    if (delivery === undefined) return;
    const followers = this.#takeFollowers(delivery, now);
    if (followers.length > 0) this.#release(followers, afterSeconds);
  }

  /** Those that stand behind it in its FIFO group: they share its fate, or they would overtake it. */
  #takeFollowers(delivery: Delivery, now: number): readonly number[] {
    if (!this.#rules.fifo || delivery.group === undefined) return [];
    const keys = this.#intake.ready.takeGroup(delivery.group).map(({ key }) => key);
    for (const key of keys) this.#step(key, { kind: 'release' }, now);
    if (keys.length > 0) this.#effects.push({ kind: 'returned', keys });
    return keys;
  }

  #release(keys: readonly number[], afterSeconds: number): void {
    this.#releases.add({ keys, afterSeconds });
    this.#emitReadyReleases();
  }

  #emitReadyReleases(): void {
    const isRenewing = (key: number): boolean => this.#deliveries.get(key)?.isRenewing === true;
    for (const release of this.#releases.takeReady(isRenewing))
      this.#effects.push({ kind: 'release', ...release });
  }

  /** Sends one event through the table and turns its actions into effects. */
  #step(key: number, event: DeliveryEvent, now: number, abortCause: AbortCause = 'lost'): void {
    const step = this.#deliveries.step(key, event, now);
    if (step === undefined) return;
    const { before, after, actions } = step;
    if (after === undefined || !takesSlot(after)) this.#intake.left(key);
    if (hasTurn(before) && (after === undefined || !hasTurn(after))) this.#intake.ready.finish(before);
    for (const action of actions) {
      if (action === 'abort') this.#effects.push({ kind: 'abort', key, cause: abortCause });
      else if (action !== 'lost') this.#effects.push({ kind: action, key });
    }
    if (after === undefined) this.#effects.push({ kind: 'gone', key });
  }
}
