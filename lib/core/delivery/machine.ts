import { compileClaimRules, decideExtensionSeconds, isHeld, type ClaimRules } from './claim.js';
import { decideAbort, dueAt, renewalAt, type Deadlines } from './deadlines.js';
import {
  arrive,
  needsRenewal,
  hasTurn,
  takesSlot,
  transition,
  type AbortCause,
  type Delivery,
  type DeliveryEvent,
  type HandlingOutcome,
  type LossCause,
} from './delivery.js';
import type { Effect, MachineCounts, MachineEvent, MachineRules, Renewal } from './machine-types.js';
import { createArrivalQueue, createGroupQueue, type ReadyQueue } from './ready-queue.js';
import { decidePrefetch, decideReceive } from './receive-plan.js';

/** A release that waits for renewals under way: a renewal that arrives after it would undo the backoff. */
interface PendingRelease {
  readonly keys: readonly number[];
  readonly afterSeconds: number;
}

/** Deletes and releases that may pile up while SQS is slow, before receiving pauses. */
const MAX_FINISHING_PER_SLOT = 10;
const MAX_FINISHING_BASE = 100;
/** Weight of the newest handler time in the running mean. */
const MEAN_WEIGHT = 0.2;

/**
 * Everything a queue worker decides, as a state machine: who runs next, when to receive, renew, give up, release. It is
 * handed what happened and the time, and answers with what to do; it waits for nothing and reads no clock, so that a
 * test or a simulator can walk it through any history.
 */
export class QueueMachine {
  readonly #rules: MachineRules;
  readonly #claims: ClaimRules;
  readonly #deliveries = new Map<number, Delivery>();
  readonly #ready: ReadyQueue;
  readonly #receives = new Map<number, number>();
  #pendingReleases: PendingRelease[] = [];
  #effects: Effect[] = [];
  #handling = 0;
  #nextReceive = 1;
  #isHot = false;
  #pausedUntil = 0;
  #meanHandlerMs: number | undefined;
  #state: 'idle' | 'running' | 'draining' | 'quiet' = 'idle';
  #drainUntil = Infinity;
  #hasSaidEnded = false;

  constructor(rules: MachineRules) {
    this.#rules = rules;
    this.#claims = compileClaimRules(rules.visibilityTimeoutSeconds);
    this.#ready = rules.fifo ? createGroupQueue() : createArrivalQueue();
  }

  /** What is going on right now. */
  counts(): MachineCounts {
    return {
      handling: this.#handling,
      buffered: this.#ready.size,
      finishing: this.#deliveries.size - this.#handling - this.#ready.size,
      receivesOut: this.#receives.size,
    };
  }

  /** Whether this delivery may still be acted on: asked again right before a batch leaves. */
  isHeld(key: number, now: number): boolean {
    const delivery = this.#deliveries.get(key);
    return delivery !== undefined && isHeld(delivery.claim, now, this.#claims);
  }

  /** Whether a renewal that was decided is still of use when its call is about to leave. */
  wantsRenewal(key: number): boolean {
    const kind = this.#deliveries.get(key)?.phase.kind;
    return kind === 'buffered' || kind === 'handling' || kind === 'dead-lettering';
  }

  /** Takes one event at the given monotonic time. Times must never go backwards. */
  apply(event: MachineEvent, now: number): readonly Effect[] {
    this.#effects = [];
    this.#take(event, now);
    if (this.#state === 'running') this.#advance(now);
    if (this.#state === 'draining') this.#drain();
    return this.#effects;
  }

  /** When a `tick` is due, or undefined while only events can change anything. */
  nextWake(): number | undefined {
    const dues = [...this.#deliveries.values()].map((delivery) => dueAt(delivery, this.#deadlines()));
    if (this.#state === 'running' && this.#pausedUntil > 0) dues.push(this.#pausedUntil);
    const next = Math.min(Infinity, ...dues);
    return next === Infinity ? undefined : next;
  }

  #take(event: MachineEvent, now: number): void {
    switch (event.kind) {
      case 'start':
        if (this.#state === 'idle') this.#state = 'running';
        return;
      case 'received': {
        this.#onReceived(event);
        return;
      }
      case 'receive-failed':
        this.#receives.delete(event.receive);
        this.#isHot = false;
        this.#pausedUntil = event.retryAt;
        return;
      case 'settled': {
        this.#onSettled(event.key, event.outcome, now);
        return;
      }
      case 'dead-lettered':
        this.#step(event.key, { kind: 'dead-lettered' }, now);
        return;
      case 'dead-letter-failed': {
        this.#releaseWithFollowers(event.key, event.afterSeconds, now);
        return;
      }
      case 'renewed':
      case 'renewal-failed':
        this.#step(event.key, event, now);
        {
          this.#emitReadyReleases();
          return;
        }
      case 'refused':
        this.#step(event.key, { kind: 'renewal-failed' }, now);
        this.#lose(event.key, event.cause, now);
        {
          this.#emitReadyReleases();
          return;
        }
      case 'finished':
        this.#step(event.key, { kind: 'finished' }, now);
        return;
      case 'tick': {
        this.#tick(now);
        return;
      }
      case 'stop': {
        this.#onStop(now);
        return;
      }
    }
  }

  #onReceived(event: Extract<MachineEvent, { kind: 'received' }>): void {
    const requested = this.#receives.get(event.receive) ?? 0;
    this.#receives.delete(event.receive);
    this.#isHot = event.messages.length > 0 && event.messages.length >= requested;
    this.#pausedUntil = 0;
    for (const message of event.messages) {
      this.#deliveries.set(message.key, arrive(message, event.receive, event.requestedAt, this.#claims));
      this.#ready.add(message);
    }
    // A poll that was still open at the stop may bring messages: they go back at once, unseen.
    if (this.#state === 'draining') this.#returnBuffered(event.requestedAt);
  }

  #onSettled(key: number, outcome: HandlingOutcome, now: number): void {
    const delivery = this.#deliveries.get(key);
    if (delivery === undefined || !takesSlot(delivery)) return; // given up before it ended
    if (delivery.phase.kind === 'handling') this.#measure(now - delivery.phase.startedAt);
    if (delivery.phase.kind === 'lost') {
      this.#step(key, { kind: 'settled', outcome }, now);
      return;
    }
    if (!isHeld(delivery.claim, now, this.#claims)) {
      this.#lose(key, 'expired', now, true);
      return;
    }
    switch (outcome.kind) {
      case 'done':
        this.#step(key, { kind: 'settled', outcome }, now);
        return;
      case 'poison': // its group waits until it has reached the dead-letter queue
        this.#step(key, { kind: 'settled', outcome }, now);
        return;
      case 'retry': {
        this.#releaseWithFollowers(key, outcome.afterSeconds, now, { kind: 'settled', outcome });
        return;
      }
      case 'lost': {
        this.#lose(key, 'fence-lost', now, true);
        return;
      }
    }
  }

  #onStop(now: number): void {
    if (this.#state === 'draining' || this.#state === 'quiet') return;
    this.#state = 'draining';
    this.#drainUntil = now + this.#rules.drainMs;
    this.#returnBuffered(now);
  }

  #returnBuffered(now: number): void {
    const keys = this.#ready.takeAll().map(({ key }) => key);
    if (keys.length === 0) return;
    for (const key of keys) this.#step(key, { kind: 'release' }, now);
    this.#effects.push({ kind: 'returned', keys });
    this.#release(keys, 0);
  }

  #advance(now: number): void {
    for (;;) {
      if (this.#handling >= this.#rules.concurrency) break;
      const next = this.#ready.take();
      if (next === undefined) break;
      if (this.isHeld(next.key, now)) {
        this.#step(next.key, { kind: 'start' }, now);
        continue;
      }
      this.#ready.finish(next); // it was taken and never runs: its group would wait for it for ever
      this.#lose(next.key, 'expired', now);
    }
    if (now < this.#pausedUntil) return;
    for (;;) {
      const maxMessages = this.#isFinishingTooMuch() ? 0 : this.#decideReceive();
      if (maxMessages === 0) return;
      const receive = this.#nextReceive++;
      this.#receives.set(receive, maxMessages);
      this.#effects.push({ kind: 'receive', receive, maxMessages });
    }
  }

  #decideReceive(): number {
    const { concurrency } = this.#rules;
    return decideReceive({
      concurrency,
      handling: this.#handling,
      buffered: this.#ready.size,
      requested: [...this.#receives.values()].reduce((sum, count) => sum + count, 0),
      receivesOut: this.#receives.size,
      isHot: this.#isHot,
      prefetch: decidePrefetch(concurrency, this.#meanHandlerMs),
    });
  }

  #isFinishingTooMuch(): boolean {
    return this.counts().finishing > this.#rules.concurrency * MAX_FINISHING_PER_SLOT + MAX_FINISHING_BASE;
  }

  #drain(): void {
    if (this.#handling > 0) return;
    if (!this.#hasSaidEnded) this.#effects.push({ kind: 'handlers-ended' });
    this.#hasSaidEnded = true;
    if (this.#deliveries.size > 0 || this.#receives.size > 0) return;
    this.#state = 'quiet';
    this.#effects.push({ kind: 'quiet' });
  }

  #tick(now: number): void {
    if (now >= this.#pausedUntil) this.#pausedUntil = 0;
    for (const delivery of [...this.#deliveries.values()]) this.#checkTimes(delivery, now);
    this.#renew(now);
  }

  /** Everything that time does to one delivery, but renewals: those are collected into batches. */
  #checkTimes(delivery: Delivery, now: number): void {
    const { key, phase } = delivery;
    if (phase.kind === 'lost') {
      if (now >= phase.at + this.#rules.abortGraceMs) this.#abandon(key, now);
      return;
    }
    if (phase.kind !== 'releasing' && !isHeld(delivery.claim, now, this.#claims)) {
      const isAtLimit = decideExtensionSeconds(delivery.claim, now, this.#claims) === 0;
      this.#lose(key, isAtLimit ? 'held-too-long' : 'expired', now);
      return;
    }
    if (phase.kind !== 'handling') return;
    if (phase.abortedAt === undefined) {
      const cause = decideAbort(phase.startedAt, now, this.#deadlines());
      if (cause !== undefined) this.#step(key, { kind: 'abort' }, now, cause);
    } else if (now >= phase.abortedAt + this.#rules.abortGraceMs) this.#abandon(key, now);
  }

  /**
   * The handler did not end though it was asked to. Its message stays invisible until its claim runs out: giving it back
   * now would let a second handler run beside the first.
   */
  #abandon(key: number, now: number): void {
    this.#effects.push({ kind: 'abandoned', key });
    this.#releaseFollowers(key, 0, now);
    this.#step(key, { kind: 'give-up' }, now);
    this.#step(key, { kind: 'finished' }, now);
  }

  /** Renews all that are due, and with them all that would be due soon: fewer calls. */
  #renew(now: number): void {
    const horizon = now + this.#claims.renewLeadMs / 3;
    const candidates = [...this.#deliveries.values()].filter(needsRenewal);
    if (!candidates.some((delivery) => renewalAt(delivery, this.#claims) <= now)) return;
    const renewals: Renewal[] = [];
    for (const delivery of candidates) {
      if (renewalAt(delivery, this.#claims) > horizon || delivery.renewNotBefore > now) continue;
      const seconds = decideExtensionSeconds(delivery.claim, now, this.#claims);
      if (seconds === 0) {
        this.#step(delivery.key, { kind: 'renewal-failed' }, now); // the 12 hours are nearly over: not asked again at once
        continue;
      }
      renewals.push({ key: delivery.key, seconds });
      this.#step(delivery.key, { kind: 'renewing' }, now);
    }
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
    const isWaiting = delivery.phase.kind === 'buffered';
    if (isWaiting) this.#ready.remove(delivery);
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
    const keys = this.#ready.takeGroup(delivery.group).map(({ key }) => key);
    for (const key of keys) this.#step(key, { kind: 'release' }, now);
    if (keys.length > 0) this.#effects.push({ kind: 'returned', keys });
    return keys;
  }

  #release(keys: readonly number[], afterSeconds: number): void {
    this.#pendingReleases.push({ keys, afterSeconds });
    this.#emitReadyReleases();
  }

  #emitReadyReleases(): void {
    const isBlocked = ({ keys }: PendingRelease): boolean =>
      keys.some((key) => this.#deliveries.get(key)?.isRenewing === true);
    const ready = this.#pendingReleases.filter((release) => !isBlocked(release));
    if (ready.length === 0) return;
    this.#pendingReleases = this.#pendingReleases.filter(isBlocked);
    for (const { keys, afterSeconds } of ready) this.#effects.push({ kind: 'release', keys, afterSeconds });
  }

  /** Sends one event through the table and turns its actions into effects. */
  #step(key: number, event: DeliveryEvent, now: number, abortCause: AbortCause = 'lost'): void {
    const delivery = this.#deliveries.get(key);
    if (delivery === undefined) return;
    const { next, actions } = transition(delivery, event, { now, rules: this.#claims });
    this.#handling += (next !== undefined && takesSlot(next) ? 1 : 0) - (takesSlot(delivery) ? 1 : 0);
    if (next === undefined) this.#deliveries.delete(key);
    else this.#deliveries.set(key, next);
    if (hasTurn(delivery) && (next === undefined || !hasTurn(next))) this.#ready.finish(delivery);
    for (const action of actions) {
      if (action === 'abort') this.#effects.push({ kind: 'abort', key, cause: abortCause });
      else if (action !== 'lost') this.#effects.push({ kind: action, key });
    }
    if (next === undefined) this.#effects.push({ kind: 'gone', key });
  }

  #measure(handlerMs: number): void {
    const mean = this.#meanHandlerMs ?? handlerMs;
    this.#meanHandlerMs = mean + (handlerMs - mean) * MEAN_WEIGHT;
  }
}
