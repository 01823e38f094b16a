/** A lease as a worker sees it in the table. */
export interface LeaseView {
  readonly shardId: string;
  /** Raised by each acquisition; whoever writes must name the current one. */
  readonly epoch: number;
  readonly owner?: string;
  readonly parents: readonly string[];
  readonly hasEnded: boolean;
  /** Some record of it was handled: its parents were at their end then. */
  readonly hasBegun: boolean;
}

/** A worker as it stands in the table. */
export interface WorkerView {
  readonly workerId: string;
  /** Heartbeat counter. */
  readonly beat: number;
  /** It is leaving: it gives its leases back and takes none. */
  readonly isDraining: boolean;
}

/** What one worker has seen of the others' heartbeats, on its own monotonic clock. */
export type Observations = ReadonlyMap<string, { readonly beat: number; readonly since: number }>;

const NO_HEARTBEAT = -1;

/**
 * Notes which heartbeats moved. `at` must be the moment the answer had arrived: the beat it shows was written before
 * that, so an owner's own clock, which counts from its request's start, always runs out first.
 */
export function observeWorkers(
  before: Observations,
  seen: { readonly workers: readonly WorkerView[]; readonly leases: readonly LeaseView[] },
  at: number,
): Observations {
  const beats = new Map(seen.workers.map((worker) => [worker.workerId, worker.beat]));
  for (const { owner } of seen.leases)
    if (owner !== undefined && !beats.has(owner)) beats.set(owner, NO_HEARTBEAT);
  return new Map(
    [...beats].map(([workerId, beat]) => {
      const known = before.get(workerId);
      return [workerId, known?.beat === beat ? known : { beat, since: at }];
    }),
  );
}

/** What {@link planLeases} decides from. */
export interface LeasePlanInput {
  readonly me: string;
  readonly leases: readonly LeaseView[];
  readonly workers: readonly WorkerView[];
  readonly observations: Observations;
  /** This worker's monotonic clock. */
  readonly now: number;
  readonly failoverMs: number;
  /** Shards this worker holds and works on. */
  readonly held: ReadonlySet<string>;
  /** A stable number for a worker and a shard; spreads who tries which lease first. */
  readonly affinity: (workerId: string, shardId: string) => number;
}

/** What this worker should do now. */
export interface LeasePlan {
  /** Free leases to take, as seen (the write is conditional on the epoch seen here). */
  readonly take: readonly LeaseView[];
  /** Held leases to hand back, so that others reach their fair share. */
  readonly shed: readonly string[];
  /** Workers whose item is a dead one's and owns nothing any more. */
  readonly bury: readonly WorkerView[];
}

/** A dead worker's item is removed after this many failover times, when nobody can still be counting on it. */
const BURY_AFTER_FAILOVERS = 10;

/**
 * The fair share, decided by every worker for itself from what it sees: free leases go to the least loaded live worker,
 * one at a time, and only my part of that list is mine to take. While the fullest worker has two more than the emptiest,
 * the fullest hands one back. There is no leader whose death could stop this, and a worker that decides on an old view
 * loses a conditional write, nothing else.
 */
export function planLeases(input: LeasePlanInput): LeasePlan {
  const isLive = (workerId: string): boolean => {
    const seen = input.observations.get(workerId);
    return seen !== undefined && seen.beat !== NO_HEARTBEAT && input.now - seen.since < input.failoverMs;
  };
  const live = new Set(
    input.workers.filter((w) => !w.isDraining && isLive(w.workerId)).map((w) => w.workerId),
  );
  live.add(input.me);
  const runnable = runnableLeases(input.leases);
  const isGone = isOwnerGone(input);
  const free = new Set(runnable.filter(({ owner }) => owner === undefined || isGone(owner)));
  // Mine in the table but not in hand: given up after a lapse, or a take whose answer was lost. Nobody else can see
  // that, so it is taken back whatever the shares say; the next plan may hand it on.
  const forgotten = runnable.filter((lease) => lease.owner === input.me && !input.held.has(lease.shardId));
  const loads = new Map([...live].sort().map((workerId) => [workerId, 0]));
  for (const lease of runnable) {
    const { owner } = lease;
    if (owner !== undefined && loads.has(owner) && !free.has(lease))
      loads.set(owner, (loads.get(owner) ?? 0) + 1);
  }
  return {
    take: [...forgotten, ...chooseFree([...free], loads, input)],
    shed: chooseShed(runnable, loads, input),
    bury: input.workers.filter((worker) => isBuriable(worker, input)),
  };
}

/** Leases a worker could work on now: not ended, and their parents at their end. */
export function runnableLeases(leases: readonly LeaseView[]): readonly LeaseView[] {
  const ended = new Set(leases.filter((lease) => lease.hasEnded).map((lease) => lease.shardId));
  const present = new Set(leases.map((lease) => lease.shardId));
  // A parent's lease is removed only after it ended (planShardSync), so an absent one no longer blocks.
  const isDone = (parent: string): boolean => ended.has(parent) || !present.has(parent);
  return leases.filter((lease) => !lease.hasEnded && (lease.hasBegun || lease.parents.every(isDone)));
}

function isOwnerGone(input: LeasePlanInput): (owner: string) => boolean {
  return (owner) => {
    if (owner === input.me) return false;
    const seen = input.observations.get(owner);
    return seen === undefined || input.now - seen.since >= input.failoverMs;
  };
}

function chooseFree(
  free: readonly LeaseView[],
  loads: Map<string, number>,
  input: LeasePlanInput,
): readonly LeaseView[] {
  const take: LeaseView[] = [];
  const left = [...free].sort((a, b) => (a.shardId < b.shardId ? -1 : 1));
  while (left.length > 0) {
    const next = lightest(loads);
    const rank = (lease: LeaseView): number => input.affinity(next, lease.shardId);
    const best = left.reduce((chosen, lease) => (rank(lease) > rank(chosen) ? lease : chosen));
    left.splice(left.indexOf(best), 1);
    loads.set(next, (loads.get(next) ?? 0) + 1);
    if (next === input.me) take.push(best);
  }
  return take;
}

function chooseShed(
  runnable: readonly LeaseView[],
  loads: ReadonlyMap<string, number>,
  input: LeasePlanInput,
): readonly string[] {
  const after = new Map(loads);
  let mine = 0;
  for (;;) {
    const [full, empty] = [heaviest(after), lightest(after)];
    if ((after.get(full) ?? 0) - (after.get(empty) ?? 0) < 2) break;
    after.set(full, (after.get(full) ?? 0) - 1);
    after.set(empty, (after.get(empty) ?? 0) + 1);
    if (full === input.me) mine += 1;
  }
  const movable = runnable.map((lease) => lease.shardId).filter((shardId) => input.held.has(shardId));
  return movable.sort().slice(0, mine);
}

/** Ties fall to the first worker by name on every machine alike: `loads` is in that order. */
function lightest(loads: ReadonlyMap<string, number>): string {
  return [...loads].reduce((best, entry) => (entry[1] < best[1] ? entry : best))[0];
}

function heaviest(loads: ReadonlyMap<string, number>): string {
  return [...loads].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

function isBuriable(worker: WorkerView, input: LeasePlanInput): boolean {
  const seen = input.observations.get(worker.workerId);
  if (worker.workerId === input.me || seen === undefined) return false;
  if (input.leases.some((lease) => lease.owner === worker.workerId)) return false;
  return input.now - seen.since >= BURY_AFTER_FAILOVERS * input.failoverMs;
}
