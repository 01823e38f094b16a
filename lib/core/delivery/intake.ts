import { CircuitBreaker, type BreakerRules, type BreakerState } from './circuit-breaker.js';
import { ConcurrencyLimit, type ConcurrencyBounds } from './concurrency-limit.js';
import type { Delivery } from './delivery.js';
import type { HandlerEnd } from './handler-sign.js';
import type { RetrySign } from './retry-plan.js';
import { createArrivalQueue, createGroupQueue, type ReadyQueue, type Waiting } from './ready-queue.js';
import { Witnesses } from './witnesses.js';

/** What an intake is made of. */
export interface IntakeRules {
  readonly fifo: boolean;
  readonly concurrency: ConcurrencyBounds;
  /** Undefined for one that never stops receiving. */
  readonly breaker: BreakerRules | undefined;
}

/** Receives that a message keeps whatever happens during an outage. */
const RESERVE = 1;
/** Places for parked messages, at least: while there are any, probes tell of other messages, too. */
const LEAST_PARKED = 100;

interface Parked {
  readonly key: number;
  /** Not before this; -Infinity for as soon as the breaker lets one start. */
  readonly notBefore: number;
}

/**
 * Who starts next and when: what waits in hand, how many may run, and whether anything may start at all while handlers
 * fail. Parked messages go first: they were in a slot before.
 */
export class Intake {
  readonly ready: ReadyQueue;
  readonly #limit: ConcurrencyLimit;
  readonly #breaker: CircuitBreaker;
  readonly #fifo: boolean;
  readonly #maxParked: number;
  readonly #triesInHand: number;
  readonly #witnesses: Witnesses;
  #parked: Parked[] = [];
  /** The one message whose handler shows, half-open, whether an outage is over. */
  #probe: number | undefined;
  #probesParked = false;
  /** What was due by then and was not taken waits for an event, not for time. */
  #askedAt = -Infinity;

  constructor({ fifo, concurrency, breaker }: IntakeRules) {
    this.ready = fifo ? createGroupQueue() : createArrivalQueue();
    this.#limit = new ConcurrencyLimit(concurrency);
    this.#breaker = new CircuitBreaker(breaker);
    this.#fifo = fifo;
    this.#maxParked = Math.max(LEAST_PARKED, concurrency.max);
    this.#triesInHand = breaker?.triesInHand ?? 0;
    // Of a FIFO queue few messages can be seen: each group shows its first.
    this.#witnesses = new Witnesses(fifo ? 0 : (breaker?.leastOutcomes ?? 0));
  }

  /** Handlers that may run at once now. */
  get slots(): number {
    return this.#limit.current;
  }

  get breaker(): BreakerState {
    return this.#breaker.state;
  }

  get parked(): number {
    return this.#parked.length;
  }

  /** When {@link tick} or {@link take} may have something new. */
  get dueAt(): number {
    if (this.#parked.length === 0) return this.#breaker.dueAt;
    const waits = this.breaker.kind === 'open' ? [] : this.#parked.map(({ notBefore }) => notBefore);
    return Math.min(this.#breaker.dueAt, ...waits.filter((at) => at > this.#askedAt));
  }

  /** The message whose handler may start now, taken out. */
  take(handling: number, now: number): number | undefined {
    this.#askedAt = now;
    if (handling >= this.slots) return undefined;
    switch (this.breaker.kind) {
      case 'open':
        return undefined;
      case 'closed':
        return this.#takeParked(now) ?? this.ready.take()?.key;
      case 'half-open':
        if (this.#probe !== undefined) return undefined;
        // What waits was received already: to try it costs nothing.
        this.#probe = this.ready.take()?.key ?? (this.#mayProbeParked() ? this.#takeParked(now) : undefined);
        return this.#probe;
    }
  }

  /** How many messages may be received beside the receives that are out, as far as the breaker has a say. */
  receivable(receivesOut: number): number {
    switch (this.breaker.kind) {
      case 'closed':
        return Infinity;
      case 'open':
        return 0;
      case 'half-open': // one, and only while none in hand or on its way can show the same
        if (receivesOut > 0 || this.#probe !== undefined || this.ready.startable > 0) return 0;
        return this.#mayProbeParked() ? 0 : 1;
    }
  }

  /** A probe that came back empty: what is parked has to serve. */
  onNothingReceived(): void {
    if (this.breaker.kind === 'half-open') this.#probesParked = true;
  }

  /** Takes the end of a message's handler; `handling` counts those that ran at that moment, itself included. */
  observe(end: HandlerEnd, { key, message }: Pick<Delivery, 'key' | 'message'>, handling: number): void {
    this.#limit.observe(end, handling);
    this.#witnesses.observe(end.sign, message ?? key);
    this.#breaker.observe(end);
  }

  /** This one no longer occupies a slot. */
  left(key: number): void {
    if (this.#probe === key) this.#probe = undefined;
  }

  /**
   * Whether a message whose handler ended is kept in hand rather than given back: in an outage its handler would only fail
   * again, and nothing is to end in the dead-letter queue for that. One receive is left in reserve, for whoever gets it
   * should this worker stop. Not for ever: what is itself at fault may be all there is to see. Where few different
   * messages fail, that is likely, and they share the tries that each has in an outage.
   */
  spares(
    { receivesLeft = Infinity, parkings = 0 }: Pick<Delivery, 'receivesLeft' | 'parkings'>,
    sign: RetrySign,
  ): boolean {
    const isInOutage = sign === 'failed' && this.breaker.kind !== 'closed';
    return isInOutage && receivesLeft <= RESERVE && parkings < this.#tries && this.#canPark();
  }

  /** How often each message is tried in hand. The few share theirs over both receives that end so: the reserve and the last. */
  get #tries(): number {
    const share = (1 + RESERVE) * Math.max(1, this.#witnesses.count);
    return this.#witnesses.areMany ? this.#triesInHand : Math.max(1, Math.floor(this.#triesInHand / share));
  }

  /**
   * What waits for a slot and goes back now that receiving has stopped, so that a worker whose dependencies answer can have
   * it. Not what has no receive to spare, and nothing of FIFO queues: later messages of a group can't be kept without
   * earlier ones.
   */
  shed(receivesLeft: (key: number) => number | undefined): readonly number[] {
    if (this.#fifo) return [];
    const isSpare = ({ key }: Waiting): boolean => (receivesLeft(key) ?? Infinity) > RESERVE;
    const waiting = this.ready.takeAll();
    for (const message of waiting) if (!isSpare(message)) this.ready.add(message);
    return waiting.filter(isSpare).map(({ key }) => key);
  }

  park(key: number, notBefore = -Infinity): void {
    this.#parked.push({ key, notBefore });
  }

  unpark(key: number): void {
    this.#parked = this.#parked.filter((parked) => parked.key !== key);
  }

  takeAllParked(): readonly number[] {
    return this.#parked.splice(0).map(({ key }) => key);
  }

  tick(now: number): void {
    const before = this.breaker;
    this.#breaker.tick(now);
    // In turns: parked ones cost no receive, but one that is at fault itself must not be all there is to see.
    if (this.breaker !== before) this.#probesParked = !this.#probesParked;
  }

  #mayProbeParked(): boolean {
    // What is still buffered when this is asked stands behind a parked one of its group.
    const isNeeded = this.#probesParked || !this.#canPark() || this.ready.size > 0;
    // One that has to wait shows nothing until then, and an outage must not last as long as that.
    return isNeeded && this.#parked.some(({ notBefore }) => notBefore <= this.#askedAt);
  }

  #canPark(): boolean {
    return this.#parked.length < this.#maxParked;
  }

  #takeParked(now: number): number | undefined {
    const index = this.#parked.findIndex(({ notBefore }) => notBefore <= now);
    return index < 0 ? undefined : this.#parked.splice(index, 1)[0]?.key;
  }
}
