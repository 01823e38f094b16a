import { decideReleaseSeconds } from './claim.js';
import type { Deadlines } from './deadlines.js';
import { DeliveryTable } from './delivery-table.js';
import {
  hasTurn,
  takesSlot,
  type AbortCause,
  type Delivery,
  type DeliveryEvent,
  type LossCause,
} from './delivery.js';
import { Intake, type IntakeRules } from './intake.js';
import type { Effect } from './machine-types.js';
import { PendingReleases } from './pending-releases.js';

/** What a worker has in hand, and the ways out of it: each sends its messages through the table and notes the effects. */
export class InHand {
  readonly deliveries: DeliveryTable;
  readonly intake: Intake;
  readonly #fifo: boolean;
  readonly #releases = new PendingReleases();
  #effects: Effect[] = [];

  constructor(rules: IntakeRules, deadlines: Deadlines) {
    this.#fifo = rules.fifo;
    this.deliveries = new DeliveryTable(deadlines);
    this.intake = new Intake(rules);
  }

  /** Notes something that is to be done. */
  note(effect: Effect): void {
    this.#effects.push(effect);
  }

  /** Everything noted since the last time, in order. */
  takeEffects(): readonly Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** The right is gone: nothing more is done with the message, and its group's followers go back in order. */
  lose(key: number, cause: LossCause, now: number, hasSettled = false): void {
    const delivery = this.deliveries.get(key);
    if (delivery === undefined || delivery.phase.kind === 'lost' || delivery.phase.kind === 'releasing')
      return;
    if (delivery.phase.kind === 'buffered') {
      this.intake.ready.remove(delivery);
      this.intake.ready.finish(delivery); // taken out to be started, but too late: its group must not wait for it
    }
    this.intake.unpark(key);
    this.note({ kind: 'lost', key, cause });
    if (delivery.phase.kind !== 'deleting') this.releaseFollowers(key, 0, now);
    this.step(key, { kind: 'expire', cause }, now);
    if (hasSettled) this.step(key, { kind: 'settled', outcome: { kind: 'lost' } }, now);
  }

  /** Given back with what stands behind it, all to be seen again at one moment. */
  releaseWithFollowers(delivery: Delivery, afterSeconds: number, now: number): void {
    const { key } = delivery;
    const followers = this.#takeFollowers(delivery, now);
    this.step(key, { kind: 'release' }, now);
    this.#release([key, ...followers], afterSeconds, now);
  }

  /** Only what stands behind it goes back. */
  releaseFollowers(key: number, afterSeconds: number, now: number): void {
    const delivery = this.deliveries.get(key);
    if (delivery === undefined) return;
    const followers = this.#takeFollowers(delivery, now);
    if (followers.length > 0) this.#release(followers, afterSeconds, now);
  }

  /** Those that stand behind it in its FIFO group: they share its fate, or they would overtake it. */
  #takeFollowers(delivery: Delivery, now: number): readonly number[] {
    if (!this.#fifo || delivery.group === undefined) return [];
    return this.#giveUp(
      this.intake.ready.takeGroup(delivery.group).map(({ key }) => key),
      now,
    );
  }

  /** One wait for all, the shortest that any of them can have. */
  #release(keys: readonly number[], afterSeconds: number, now: number): void {
    const waits = keys.map((key) => {
      const delivery = this.deliveries.get(key);
      return delivery === undefined ? afterSeconds : decideReleaseSeconds(afterSeconds, delivery.claim, now);
    });
    this.#releases.add({ keys, afterSeconds: Math.min(afterSeconds, ...waits) });
    this.emitReadyReleases();
  }

  /** Lets those releases go that no renewal stands in the way of. */
  emitReadyReleases(): void {
    const isRenewing = (key: number): boolean => this.deliveries.get(key)?.isRenewing === true;
    for (const release of this.#releases.takeReady(isRenewing)) this.note({ kind: 'release', ...release });
  }

  /** Sends one event through the table and turns its actions into effects. */
  step(key: number, event: DeliveryEvent, now: number, abortCause: AbortCause = 'lost'): void {
    const step = this.deliveries.step(key, event, now);
    if (step === undefined) return;
    const { before, after, actions } = step;
    if (after === undefined || !takesSlot(after)) this.intake.left(key);
    if (hasTurn(before) && (after === undefined || !hasTurn(after))) this.intake.ready.finish(before);
    for (const action of actions) {
      if (action === 'abort') this.note({ kind: 'abort', key, cause: abortCause });
      else if (action !== 'lost') this.note({ kind: action, key });
    }
    if (after === undefined) this.note({ kind: 'gone', key });
  }

  /** Kept in hand to be handled again, not before `notBefore` if that is given. */
  park(key: number, terms: { readonly costs: 0 | 1; readonly notBefore?: number }, now: number): void {
    this.step(key, { kind: 'park', costs: terms.costs }, now);
    this.intake.park(key, terms.notBefore);
    this.note({ kind: 'parked', key });
  }

  /** Those that stand behind it in its FIFO group. */
  followersOf({ group }: Delivery): readonly Delivery[] {
    if (!this.#fifo || group === undefined) return [];
    const waiting = this.intake.ready.peekGroup(group);
    return waiting.map(({ key }) => this.deliveries.get(key)).filter((follower) => follower !== undefined);
  }

  /** Receiving has stopped: what can be spared goes back. @see Intake.shed */
  shed(pauseMs: number, now: number): void {
    const keys = this.intake.shed((key) => this.deliveries.get(key)?.receivesLeft);
    this.#return(keys, Math.ceil(pauseMs / 1_000), now);
  }

  /** Everything that no handler runs for goes back. Parked ones first: on FIFO queues those that are buffered stand behind them. */
  returnAll(now: number): void {
    this.#return(
      [...this.intake.takeAllParked(), ...this.intake.ready.takeAll().map(({ key }) => key)],
      0,
      now,
    );
  }

  #return(keys: readonly number[], afterSeconds: number, now: number): void {
    if (keys.length > 0) this.#release(this.#giveUp(keys, now), afterSeconds, now);
  }

  #giveUp(keys: readonly number[], now: number): readonly number[] {
    for (const key of keys) this.step(key, { kind: 'release' }, now);
    if (keys.length > 0) this.note({ kind: 'returned', keys });
    return keys;
  }
}
