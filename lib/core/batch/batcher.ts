/** One thing that waits to leave in a batch. */
export interface BatchEntry {
  readonly id: number;
  /** What it weighs against `maxBytes`; 0 where only the count is limited. */
  readonly bytes: number;
  /** Entries of one lane leave in order and never in two calls at once: a FIFO group. */
  readonly lane?: string | undefined;
  /** Entries travel only with others of the same partition: deletes of one receive on FIFO queues. */
  readonly partition?: number | undefined;
}

/** How batches are cut. */
export interface BatchLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** No entry waits longer than this for others, milliseconds: an age, which new entries never prolong. */
  readonly maxAgeMs: number;
  /** Calls that may be out at once. */
  readonly maxCallsOut: number;
  /**
   * Whether an entry leaves at once while no call is out, so that a lone message is never late. Otherwise it waits for its
   * age, for a full batch or for `flush`.
   */
  readonly isEager: boolean;
}

/** Entries that leave together, in this order. */
export interface Batch {
  readonly entries: readonly BatchEntry[];
}

interface Pending {
  readonly entry: BatchEntry;
  readonly addedAt: number;
  /** A retry waits until then, and holds its lane meanwhile. */
  readonly notBefore: number;
  /** It was in a call before: unlike the others, it need not be younger than those ahead of it. */
  readonly isRetry: boolean;
}

/**
 * Cuts a flow of entries into batches: adaptive, since a call that is out is the time in which the next batch fills.
 * Decides only; the runner makes the calls and reports their end.
 *
 * Tens of thousands may wait. Each decision looks at no more of them than it needs: entries that were never in a call are
 * due in the order of their ids, so that the first of them which may leave speaks for all behind it.
 */
export class Batcher {
  readonly #limits: BatchLimits;
  readonly #lanesOut = new Set<string>();
  /** By ascending ids. */
  readonly #pending: Pending[] = [];
  #retries = 0;
  #callsOut = 0;
  #flushUntil = -1; // entries with ids up to this one leave without waiting
  #newestId = -1;

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  /** Entries that wait, without those in calls. */
  get size(): number {
    return this.#pending.length;
  }

  /** Calls that are out. */
  get callsOut(): number {
    return this.#callsOut;
  }

  /**
   * Adds one entry. Ids must grow; an entry that comes back for a retry keeps its id, goes to its old place and is given a
   * time before which it does not leave. Bring retries back before {@link settle}, or their lane is overtaken.
   */
  add(entry: BatchEntry, now: number, notBefore = now): void {
    const isRetry = entry.id <= this.#newestId;
    const pending = { entry, addedAt: now, notBefore, isRetry };
    if (!isRetry) {
      this.#newestId = entry.id;
      this.#pending.push(pending);
      return;
    }
    const index = this.#pending.findIndex((other) => other.entry.id > entry.id);
    this.#pending.splice(index < 0 ? this.#pending.length : index, 0, pending);
    this.#retries += 1;
  }

  /** All that wait now leave without waiting for more. */
  flush(): void {
    this.#flushUntil = this.#newestId;
  }

  /** The batches that are due now. Each counts as out until {@link settle}. */
  take(now: number): readonly Batch[] {
    const batches: Batch[] = [];
    while (this.#callsOut < this.#limits.maxCallsOut) {
      const batch = this.#next(now);
      if (batch === undefined) break;
      batches.push(batch);
    }
    return batches;
  }

  /** The call of this batch has ended. */
  settle(batch: Batch): void {
    this.#callsOut -= 1;
    for (const { lane } of batch.entries) if (lane !== undefined) this.#lanesOut.delete(lane);
  }

  /** When the oldest entry has waited long enough; undefined when nothing waits or only the end of a call helps. */
  dueAt(): number | undefined {
    if (this.#callsOut >= this.#limits.maxCallsOut) return undefined;
    const laneFloors = new Map<string, number>(); // nobody leaves before those ahead in the lane
    let retriesAhead = this.#retries;
    let due: number | undefined;
    for (const pending of this.#pending) {
      const { lane } = pending.entry;
      if (pending.isRetry) retriesAhead -= 1;
      if (lane !== undefined && this.#lanesOut.has(lane)) continue;
      const own = this.#isImmediate(pending) ? pending.notBefore : pending.addedAt + this.#limits.maxAgeMs;
      const floor = Math.max(pending.notBefore, (lane !== undefined && laneFloors.get(lane)) || 0);
      if (lane !== undefined) laneFloors.set(lane, floor);
      const at = Math.max(own, floor);
      due = Math.min(due ?? at, at);
      if (retriesAhead === 0 && !pending.isRetry && at === own) break; // those behind it are due later
    }
    return due;
  }

  #next(now: number): Batch | undefined {
    const { chosen, isDue } = this.#choose(now);
    if (!isDue) return undefined;
    const taken = this.#takeOut(chosen);
    this.#callsOut += 1;
    for (const { entry, isRetry } of taken) {
      if (isRetry) this.#retries -= 1;
      if (entry.lane !== undefined) this.#lanesOut.add(entry.lane);
    }
    return { entries: taken.map(({ entry }) => entry) };
  }

  /** Neighbours in one step: each moves all that are behind them. */
  #takeOut(places: readonly number[]): readonly Pending[] {
    const taken: Pending[] = [];
    for (let end = places.length; end > 0;) {
      let from = end - 1;
      while (from > 0 && places[from - 1] === (places[from] ?? 0) - 1) from -= 1;
      taken.unshift(...this.#pending.splice(places[from] ?? 0, end - from));
      end = from;
    }
    return taken;
  }

  #isImmediate(pending: Pending): boolean {
    return (this.#limits.isEager && this.#callsOut === 0) || pending.entry.id <= this.#flushUntil;
  }

  #isDue(pending: Pending, now: number): boolean {
    return this.#isImmediate(pending) || pending.addedAt + this.#limits.maxAgeMs <= now;
  }

  /** Which leave together, by their places. */
  #choose(now: number): { readonly chosen: readonly number[]; readonly isDue: boolean } {
    const chosen: number[] = [];
    const { first, due } = this.#look(now);
    if (first === undefined) return { chosen, isDue: false };
    const { partition } = (due === undefined ? first : this.#headOf(due, now)).entry;
    const passedLanes = new Set<string>(); // somebody ahead in them stays behind, so the others do too
    let bytes = 0;
    for (const [index, { entry }] of this.#eligible(now)) {
      if (entry.partition !== partition || (entry.lane !== undefined && passedLanes.has(entry.lane))) {
        if (entry.lane !== undefined) passedLanes.add(entry.lane);
        continue;
      }
      if (chosen.length > 0 && bytes + entry.bytes > this.#limits.maxBytes) return { chosen, isDue: true };
      chosen.push(index);
      bytes += entry.bytes;
      if (chosen.length >= this.#limits.maxEntries) return { chosen, isDue: true };
    }
    return { chosen, isDue: due !== undefined };
  }

  /** The first that may leave, and the first that has to. */
  #look(now: number): { readonly first?: Pending; readonly due?: Pending } {
    let retriesAhead = this.#retries;
    let first: Pending | undefined;
    for (const [, pending] of this.#eligible(now, () => (retriesAhead -= 1))) {
      first ??= pending;
      if (this.#isDue(pending, now)) return { first, due: pending };
      if (retriesAhead === 0 && !pending.isRetry) break; // those behind it are due later
    }
    return first === undefined ? {} : { first };
  }

  /** One that is due makes those ahead of it in its lane due: it can't leave before them. */
  #headOf(due: Pending, now: number): Pending {
    const { lane } = due.entry;
    if (lane === undefined) return due;
    for (const [, pending] of this.#eligible(now)) if (pending.entry.lane === lane) return pending;
    return due;
  }

  /** Those that may leave now, with their places: their lane is not out, and nobody ahead in it waits for a retry. */
  *#eligible(now: number, onRetry?: () => void): Generator<readonly [index: number, pending: Pending]> {
    const blockedLanes = new Set(this.#lanesOut);
    for (let index = 0; index < this.#pending.length; index += 1) {
      const pending = this.#pending[index];
      if (pending === undefined) continue;
      const { lane } = pending.entry;
      if (pending.isRetry) onRetry?.();
      if (lane !== undefined && blockedLanes.has(lane)) continue;
      if (pending.notBefore <= now) yield [index, pending];
      else if (lane !== undefined) blockedLanes.add(lane);
    }
  }
}
