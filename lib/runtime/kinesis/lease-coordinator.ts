import type { Clock } from '../../core/clock.js';
import { observeWorkers, planLeases, type Observations } from '../../core/stream/lease-plan.js';
import type { LeaseGrant, LeaseRecord, LeaseStore, LeaseTable } from '../stores/lease-store.js';
import { settledWithin } from '../system/settled-within.js';
import { sleep } from '../system/sleep.js';
import { Heartbeat } from './heartbeat.js';
import type { StreamReaderEvent } from './reader-events.js';
import type { ConsumerEnd } from './shard-consumer.js';
import type { ShardSync } from './shard-sync.js';

/** The work on one shard, as far as leases are concerned. */
export interface LeasedWork {
  readonly grant: LeaseGrant;
  /** Works until the shard's end, a drain, or the loss of the lease. */
  run(): Promise<ConsumerEnd>;
  /** Finishes what is in hand, then ends. */
  drain(): void;
  /** Ends what is in hand too. */
  abandon(): void;
}

/** What {@link LeaseCoordinator} needs. */
export interface LeaseCoordinatorOptions {
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly workerId: string;
  /** `<stream>/<reader>`: whose table this must be. */
  readonly reader: string;
  readonly failoverMs: number;
  readonly marginMs: number;
  /** How often this worker asks whether there is something to look at. */
  readonly pollMs: number;
  /** How often the stream's shards are compared with the leases, beside the ends of shards. */
  readonly shardSyncMs: number;
  readonly shardSync: ShardSync;
  readonly affinity: (workerId: string, shardId: string) => number;
  readonly openWork: (grant: LeaseGrant) => LeasedWork;
  readonly onEvent: (event: StreamReaderEvent) => void;
}

interface Held {
  readonly work: LeasedWork;
  readonly ended: Promise<void>;
}

/** Times per failover that the whole table is read, to see whose heartbeat stands still. */
const LOADS_PER_FAILOVER = 3;
const SETTLE_RETRY_MS = 250;

/**
 * Holds this worker's part of the leases: looks at the table, takes and hands back what the plan says, and settles each
 * lease when its work ends. All workers do the same; none is special.
 */
export class LeaseCoordinator {
  private readonly options: LeaseCoordinatorOptions;
  private readonly held = new Map<string, Held>();
  private readonly stopping = new AbortController();
  private readonly heartbeat: Heartbeat;
  private observations: Observations = new Map();
  private seenVersion = -1;
  private loadedAt = Number.NEGATIVE_INFINITY;
  private syncedAt = Number.NEGATIVE_INFINITY;
  private loop: Promise<void> | undefined;
  private announcing: Promise<void> | undefined;
  private wake = new AbortController();

  constructor(options: LeaseCoordinatorOptions) {
    this.options = options;
    const { store, clock, workerId, failoverMs, marginMs } = options;
    this.heartbeat = new Heartbeat({
      store,
      clock,
      workerId,
      failoverMs,
      marginMs,
      onLapse: () => this.abandonAll(),
      onError: (error) => this.report('heartbeat', error),
    });
  }

  /** Whether work that begins now is covered by the leases. */
  get isSafe(): boolean {
    return this.heartbeat.isSafe;
  }

  /** Joins the fleet. Rejects when stream or lease table can't be used at all. */
  async start(): Promise<void> {
    const { store, reader, shardSync, clock } = this.options;
    await store.claim(reader);
    await shardSync.run([], this.stopping.signal);
    this.syncedAt = clock.monotonic();
    await this.heartbeat.start();
    this.loop = this.run();
    await this.announce();
  }

  /** Gives all leases back with their checkpoints; work still in hand after `drainMs` is abandoned. */
  async stop(drainMs: number): Promise<'drained' | 'abandoned'> {
    const { store, clock, workerId } = this.options;
    this.stopping.abort();
    this.wake.abort();
    if (this.loop === undefined) return 'drained'; // it never joined: nothing in the table is its own
    await this.loop;
    await this.heartbeat.announceDrain().catch((error: unknown) => this.report('heartbeat', error));
    const all = [...this.held.values()];
    for (const { work } of all) work.drain();
    const drained = Promise.all(all.map(({ ended }) => ended));
    const inTime = await settledWithin(clock, drainMs, drained);
    if (inTime === 'late') {
      this.abandonAll();
      // A handler that heeds its signal ends now; one that does not must not hold the process.
      await settledWithin(clock, SETTLE_RETRY_MS, drained);
    }
    await this.heartbeat.stop();
    if (this.held.size === 0) {
      await this.attempt('leave', () => store.bury({ workerId }));
      await this.attempt('announce', () => store.announce());
    }
    return inTime === 'late' ? 'abandoned' : 'drained';
  }

  private async run(): Promise<void> {
    const { clock, pollMs } = this.options;
    while (!this.stopping.signal.aborted) {
      this.wake = new AbortController();
      await this.attempt('leases', () => this.turn());
      await sleep(clock, pollMs, this.wake.signal);
    }
  }

  private async turn(): Promise<void> {
    const { clock, shardSync, shardSyncMs, store, failoverMs } = this.options;
    if (clock.monotonic() - this.syncedAt >= shardSyncMs) {
      await shardSync.run([], this.stopping.signal);
      this.syncedAt = clock.monotonic();
    }
    const version = await store.fleetVersion();
    const isOld = clock.monotonic() - this.loadedAt >= failoverMs / LOADS_PER_FAILOVER;
    if (version === this.seenVersion && !isOld) return;
    const table = await store.load();
    this.loadedAt = clock.monotonic();
    this.seenVersion = table.fleet.version;
    this.observations = observeWorkers(this.observations, table, this.loadedAt);
    await this.follow(table);
  }

  private async follow(table: LeaseTable): Promise<void> {
    const { clock, workerId, failoverMs, affinity, store } = this.options;
    const plan = planLeases({
      me: workerId,
      leases: table.leases,
      workers: table.workers,
      observations: this.observations,
      now: clock.monotonic(),
      failoverMs,
      held: new Set(this.held.keys()),
      affinity,
    });
    for (const shardId of plan.shed) this.held.get(shardId)?.work.drain();
    const byId = new Map(table.leases.map((lease) => [lease.shardId, lease]));
    await Promise.all(plan.take.map(({ shardId }) => this.take(byId.get(shardId))));
    for (const worker of plan.bury) await store.bury(worker);
  }

  private async take(seen: LeaseRecord | undefined): Promise<void> {
    const { store, workerId, openWork, onEvent } = this.options;
    if (seen === undefined || !this.isSafe || this.held.has(seen.shardId)) return;
    const grant = await store.take(seen, workerId);
    if (grant === undefined) {
      this.seenVersion = -1; // the view was old
      return;
    }
    const { shardId, epoch } = grant;
    onEvent({ kind: 'lease-taken', shardId, epoch });
    const work = openWork(grant);
    const ended = work.run().then((end) => this.settle(grant, end));
    this.held.set(shardId, {
      work,
      ended: ended
        .catch((error: unknown) => this.report('settle', error))
        .finally(() => this.forget(shardId)),
    });
    if (this.stopping.signal.aborted) work.drain();
  }

  private forget(shardId: string): void {
    this.held.delete(shardId);
    this.seenVersion = -1;
    this.wake.abort();
  }

  /** What the table must say once the work has ended. Tried until it is written or the lease is no longer ours. */
  private async settle(grant: LeaseGrant, end: ConsumerEnd): Promise<void> {
    const { store, onEvent, clock, shardSync } = this.options;
    const { shardId, epoch } = grant;
    const isLost = end.kind === 'lost';
    const write = async (): Promise<'stored' | 'lost'> => {
      if (end.kind === 'lost') return 'lost';
      if (end.kind === 'drained') return store.release(grant, end.checkpoint);
      // Children first: an end without them would be a part of the stream that nobody reads.
      await shardSync.run(end.children, new AbortController().signal);
      return store.end(grant, end.last);
    };
    let outcome: 'stored' | 'lost' = 'lost';
    for (let isWritten = isLost; !isWritten && this.isSafe;) {
      try {
        outcome = await write();
        isWritten = true;
      } catch (error) {
        this.report('settle', error);
        await sleep(clock, SETTLE_RETRY_MS);
      }
    }
    if (outcome === 'lost') onEvent({ kind: 'lease-lost', shardId, epoch });
    else if (end.kind === 'shard-end')
      onEvent({ kind: 'shard-ended', shardId, children: end.children.map((child) => child.shardId) });
    else onEvent({ kind: 'lease-released', shardId, epoch });
    if (outcome === 'stored') await this.announce();
  }

  /** Leases that end together are told of together. */
  private announce(): Promise<void> {
    this.announcing ??= Promise.resolve().then(async () => {
      this.announcing = undefined;
      await this.attempt('announce', () => this.options.store.announce());
    });
    return this.announcing;
  }

  private abandonAll(): void {
    for (const { work } of this.held.values()) work.abandon();
  }

  private async attempt(step: string, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!this.stopping.signal.aborted) this.report(step, error);
    }
  }

  private report(step: string, error: unknown): void {
    this.options.onEvent({ kind: 'coordination-failed', step, error });
  }
}
