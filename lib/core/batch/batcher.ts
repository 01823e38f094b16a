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
}

/**
 * Cuts a flow of entries into batches: adaptive, since a call that is out is the time in which the next batch fills.
 * Decides only; the runner makes the calls and reports their end.
 */
export class Batcher {
  readonly #limits: BatchLimits;
  readonly #lanesOut = new Set<string>();
  #pending: Pending[] = [];
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
    const pending = { entry, addedAt: now, notBefore };
    if (entry.id > this.#newestId) {
      this.#newestId = entry.id;
      this.#pending.push(pending);
      return;
    }
    const index = this.#pending.findIndex((other) => other.entry.id > entry.id);
    this.#pending.splice(index < 0 ? this.#pending.length : index, 0, pending);
  }

  /** All that wait now leave without waiting for more. */
  flush(): void {
    this.#flushUntil = this.#newestId;
  }

  /** Takes out an entry that waits; false when it is not there (any more). */
  remove(id: number): boolean {
    const before = this.#pending.length;
    this.#pending = this.#pending.filter(({ entry }) => entry.id !== id);
    return this.#pending.length < before;
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
    let due: number | undefined;
    for (const pending of this.#pending) {
      const { lane } = pending.entry;
      if (this.#isLaneOut(pending.entry)) continue;
      const own = this.#isImmediate(pending) ? pending.notBefore : pending.addedAt + this.#limits.maxAgeMs;
      const floor = Math.max(pending.notBefore, (lane !== undefined && laneFloors.get(lane)) || 0);
      if (lane !== undefined) laneFloors.set(lane, floor);
      const at = Math.max(own, floor);
      due = Math.min(due ?? at, at);
    }
    return due;
  }

  #next(now: number): Batch | undefined {
    const { chosen, isDue } = this.#choose(now);
    if (!isDue) return undefined;
    const taken = new Set(chosen);
    this.#pending = this.#pending.filter((pending) => !taken.has(pending));
    this.#callsOut += 1;
    for (const { entry } of chosen) if (entry.lane !== undefined) this.#lanesOut.add(entry.lane);
    return { entries: chosen.map(({ entry }) => entry) };
  }

  #isImmediate(pending: Pending): boolean {
    return (this.#limits.isEager && this.#callsOut === 0) || pending.entry.id <= this.#flushUntil;
  }

  #isDue(pending: Pending, now: number): boolean {
    return this.#isImmediate(pending) || pending.addedAt + this.#limits.maxAgeMs <= now;
  }

  #choose(now: number): { readonly chosen: readonly Pending[]; readonly isDue: boolean } {
    const eligible = this.#eligible(now);
    const due = eligible.find((pending) => this.#isDue(pending, now));
    const { lane } = due?.entry ?? {};
    // One that is due makes those ahead of it in its lane due: it can't leave before them.
    const ahead = lane === undefined ? due : eligible.find(({ entry }) => entry.lane === lane);
    const { partition } = (ahead ?? eligible[0])?.entry ?? {};
    const chosen: Pending[] = [];
    const passedLanes = new Set<string>(); // somebody ahead in them stays behind, so the others do too
    let bytes = 0;
    for (const pending of eligible) {
      const { entry } = pending;
      if (entry.partition !== partition || (entry.lane !== undefined && passedLanes.has(entry.lane))) {
        if (entry.lane !== undefined) passedLanes.add(entry.lane);
        continue;
      }
      if (chosen.length > 0 && bytes + entry.bytes > this.#limits.maxBytes) return { chosen, isDue: true };
      chosen.push(pending);
      bytes += entry.bytes;
      if (chosen.length >= this.#limits.maxEntries) return { chosen, isDue: true };
    }
    return { chosen, isDue: due !== undefined };
  }

  /** Those that may leave now: their lane is not out, and nobody ahead in it waits for a retry. */
  #eligible(now: number): readonly Pending[] {
    const blockedLanes = new Set(this.#lanesOut);
    return this.#pending.filter(({ entry, notBefore }) => {
      const { lane } = entry;
      if (lane !== undefined && blockedLanes.has(lane)) return false;
      if (notBefore <= now) return true;
      if (lane !== undefined) blockedLanes.add(lane);
      return false;
    });
  }

  #isLaneOut(entry: BatchEntry): boolean {
    return entry.lane !== undefined && this.#lanesOut.has(entry.lane);
  }
}
