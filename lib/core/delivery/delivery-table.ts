import { KeyTable } from '../key-table.js';
import { isHeld } from './claim.js';
import { dueAt, type Deadlines } from './deadlines.js';
import {
  arrive,
  isKept,
  takesSlot,
  transition,
  type Arrival,
  type Delivery,
  type DeliveryAction,
  type DeliveryEvent,
} from './delivery.js';

/** One step of one delivery; `after` is undefined once nothing is left to do for it. */
export interface Step {
  readonly before: Delivery;
  readonly after: Delivery | undefined;
  readonly actions: readonly DeliveryAction[];
}

/** All deliveries that a worker has to do with, each sent through the table of {@link transition} only. */
export class DeliveryTable {
  readonly #deliveries = new KeyTable<Delivery>();
  #deadlines: Deadlines;
  #handling = 0;
  #dueAt = Infinity;

  constructor(deadlines: Deadlines) {
    this.#deadlines = deadlines;
  }

  /** What their deadlines are counted from. */
  get deadlines(): Deadlines {
    return this.#deadlines;
  }

  get size(): number {
    return this.#deliveries.size;
  }

  /** Handlers that run, wanted or not. */
  get handling(): number {
    return this.#handling;
  }

  get(key: number): Delivery | undefined {
    return this.#deliveries.get(key);
  }

  all(): readonly Delivery[] {
    return this.#deliveries.values();
  }

  /** Whether this delivery may still be acted on. */
  isHeld(key: number, now: number): boolean {
    const delivery = this.#deliveries.get(key);
    return delivery !== undefined && isHeld(delivery.claim, now, this.#deadlines.claims);
  }

  /** Whether it is to stay invisible for now. */
  isKept(key: number): boolean {
    const delivery = this.#deliveries.get(key);
    return delivery !== undefined && isKept(delivery);
  }

  /**
   * Time does nothing to any of them before this; Infinity while only events can. What changes may bring it forward, but
   * only {@link recount} puts it off: looking at all of them at every event would cost a busy worker the most.
   */
  get dueAt(): number {
    return this.#deliveries.size === 0 ? Infinity : this.#dueAt;
  }

  /** Handlers are to end by then. */
  drainUntil(drainUntil: number): void {
    this.#deadlines = { ...this.#deadlines, drainUntil };
    this.recount();
  }

  /** Finds anew when time next does something: for when it just did. */
  recount(): void {
    this.#dueAt = this.#deliveries.least((delivery) => dueAt(delivery, this.#deadlines));
  }

  add(arrival: Arrival, receive: number, requestedAt: number): void {
    this.#set(arrive(arrival, receive, requestedAt, this.#deadlines.claims));
  }

  /** Sends one event through the table; undefined for a delivery that is gone. */
  step(key: number, event: DeliveryEvent, now: number): Step | undefined {
    const before = this.#deliveries.get(key);
    if (before === undefined) return undefined;
    const { next: after, actions } = transition(before, event, { now, rules: this.#deadlines.claims });
    this.#handling += (after !== undefined && takesSlot(after) ? 1 : 0) - (takesSlot(before) ? 1 : 0);
    if (after === undefined) this.#deliveries.delete(key);
    else this.#set(after);
    return { before, after, actions };
  }

  #set(delivery: Delivery): void {
    if (this.#deliveries.size === 0) this.#dueAt = Infinity;
    this.#deliveries.set(delivery.key, delivery);
    this.#dueAt = Math.min(this.#dueAt, dueAt(delivery, this.#deadlines));
  }
}
