import { KeyTable } from '../key-table.js';
import { isHeld, type ClaimRules } from './claim.js';
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
  readonly #claims: ClaimRules;
  readonly #deliveries = new KeyTable<Delivery>();
  #handling = 0;

  constructor(claims: ClaimRules) {
    this.#claims = claims;
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
    return delivery !== undefined && isHeld(delivery.claim, now, this.#claims);
  }

  /** Whether it is to stay invisible for now. */
  isKept(key: number): boolean {
    const delivery = this.#deliveries.get(key);
    return delivery !== undefined && isKept(delivery);
  }

  /** When time next does something to one of them; Infinity while only events can. */
  dueAt(deadlines: Deadlines): number {
    return this.#deliveries.least((delivery) => dueAt(delivery, deadlines));
  }

  add(arrival: Arrival, receive: number, requestedAt: number): void {
    this.#deliveries.set(arrival.key, arrive(arrival, receive, requestedAt, this.#claims));
  }

  /** Sends one event through the table; undefined for a delivery that is gone. */
  step(key: number, event: DeliveryEvent, now: number): Step | undefined {
    const before = this.#deliveries.get(key);
    if (before === undefined) return undefined;
    const { next: after, actions } = transition(before, event, { now, rules: this.#claims });
    this.#handling += (after !== undefined && takesSlot(after) ? 1 : 0) - (takesSlot(before) ? 1 : 0);
    if (after === undefined) this.#deliveries.delete(key);
    else this.#deliveries.set(key, after);
    return { before, after, actions };
  }
}
