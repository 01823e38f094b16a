import type { Waiting } from './ready-queue.js';
import {
  decidePrefetch,
  decideReceive,
  type PrefetchBounds,
  type PrefetchSituation,
  type ReceiveSituation,
} from './receive-plan.js';

/** Weight of the newest value in a running mean. */
const MEAN_WEIGHT = 0.2;

/** What is going on besides receiving. */
export type Load = Pick<ReceiveSituation, 'slots' | 'handling' | 'buffered'> &
  Pick<PrefetchSituation, 'bufferedBytes' | 'largestGroup'>;

/** The receives of one worker: which are out, whether the next has to wait, how many messages it asks for. */
export class Receiving {
  readonly #bounds: PrefetchBounds;
  readonly #out = new Map<number, number>();
  /** Messages they asked for, together. */
  #requested = 0;
  #next = 1;
  #isHot = false;
  #pausedUntil = 0;
  #meanHandlerMs: number | undefined;
  #meanBytes: number | undefined;
  #hasTenants = false;

  constructor(bounds: PrefetchBounds) {
    this.#bounds = bounds;
  }

  /** Receives that have not come back. */
  get out(): number {
    return this.#out.size;
  }

  /** When a pause after a failed call ends; Infinity while there is none to wait for. */
  get dueAt(): number {
    return this.#pausedUntil > 0 ? this.#pausedUntil : Infinity;
  }

  /** Notes a call that leaves now; answers its number. */
  begin(maxMessages: number): number {
    const receive = this.#next++;
    this.#out.set(receive, maxMessages);
    this.#requested += maxMessages;
    return receive;
  }

  onReceived(receive: number, messages: readonly Omit<Waiting, 'key'>[]): void {
    const requested = this.#end(receive);
    this.#isHot = messages.length > 0 && messages.length >= requested;
    this.#pausedUntil = 0;
    for (const { bytes = 0 } of messages) this.#meanBytes = meanOf(this.#meanBytes, bytes);
    if (messages.length > 0) this.#hasTenants = messages.some(({ group }) => group !== undefined);
  }

  onFailed(receive: number, retryAt: number): void {
    this.#end(receive);
    this.#isHot = false;
    this.#pausedUntil = retryAt;
  }

  onHandled(handlerMs: number): void {
    this.#meanHandlerMs = meanOf(this.#meanHandlerMs, handlerMs);
  }

  tick(now: number): void {
    if (now >= this.#pausedUntil) this.#pausedUntil = 0;
  }

  /** How many messages to ask for now; 0 for none. */
  decide(load: Load, now: number): number {
    // Even free slots wait: on FIFO queues they may stay free while the buffer grows behind a slow group.
    if (now < this.#pausedUntil || load.bufferedBytes >= this.#bounds.bytes) return 0;
    // Asked several times for each message, so the situations are written out: copies of objects would cost more than
    // the decision.
    const { slots, handling, buffered, bufferedBytes } = load;
    const largestGroup = this.#hasTenants ? load.largestGroup : undefined;
    const meanHandlerMs = this.#meanHandlerMs;
    const meanBytes = this.#meanBytes ?? 0;
    const waiting = { slots, meanHandlerMs, buffered, bufferedBytes, meanBytes, largestGroup };
    const prefetch = decidePrefetch(waiting, this.#bounds);
    const requested = this.#requested;
    return decideReceive({
      slots,
      handling,
      buffered,
      requested,
      receivesOut: this.out,
      isHot: this.#isHot,
      prefetch,
    });
  }

  /** One came back; answers how many messages it had asked for. */
  #end(receive: number): number {
    const asked = this.#out.get(receive) ?? 0;
    this.#out.delete(receive);
    this.#requested -= asked;
    return asked;
  }
}

function meanOf(mean: number | undefined, value: number): number {
  return mean === undefined ? value : mean + (value - mean) * MEAN_WEIGHT;
}
