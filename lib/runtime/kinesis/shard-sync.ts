import type { Clock } from '../../core/clock.js';
import type { Checkpoint } from '../../core/stream/position.js';
import { isCompleteListing, planShardSync, type Shard } from '../../core/stream/shard-graph.js';
import type { LeaseStore } from '../stores/lease-store.js';
import { sleep } from '../system/sleep.js';
import type { KinesisApi } from './kinesis-api.js';

/** What {@link ShardSync} needs. */
export interface ShardSyncOptions {
  readonly api: KinesisApi;
  readonly store: LeaseStore;
  readonly clock: Clock;
  /** Where a reader begins that was never here before. */
  readonly start: () => Checkpoint;
}

const LISTING_TRIES = 20;
const LISTING_RETRY_MS = 250;

/** Makes the leases that the stream's shards call for. Any worker may do it at any time: every write is conditional. */
export class ShardSync {
  private readonly options: ShardSyncOptions;

  constructor(options: ShardSyncOptions) {
    this.options = options;
  }

  /**
   * Compares listing and leases and makes what is missing. `known` are shards that an ended shard told of, which a
   * listing may not show for a moment; it is asked again until it does.
   */
  async run(known: readonly Shard[], signal: AbortSignal): Promise<void> {
    const { store } = this.options;
    const shards = await this.list(known, signal);
    const { leases, fleet } = await store.load();
    const { isInitialized } = fleet;
    const plan = planShardSync({ shards, leases, start: this.options.start(), isInitialized });
    // One after another, parents first: a crash in between leaves no child without its parents.
    for (const lease of plan.create) await store.create(lease);
    if (!isInitialized) await store.markInitialized();
    for (const shardId of plan.remove) await store.remove(shardId);
    if (plan.create.length > 0) await store.announce();
  }

  private async list(known: readonly Shard[], signal: AbortSignal): Promise<readonly Shard[]> {
    const { api, clock } = this.options;
    for (let attempt = 1; ; attempt += 1) {
      const shards = await api.listShards(signal);
      const listed = new Set(shards.map((shard) => shard.shardId));
      const missing = known.filter((shard) => !listed.has(shard.shardId));
      if (missing.length === 0 && isCompleteListing(shards)) return shards;
      // Children of a stream that is being deleted may never be listed; their word alone is then as good.
      if (attempt >= LISTING_TRIES) return [...shards, ...missing];
      await sleep(clock, LISTING_RETRY_MS, signal);
    }
  }
}
