import { costOf } from '../../contract/prices.js';

/** A load in the units that are billed. */
export interface StreamLoad {
  readonly bytesPerSecond: number;
  readonly peakBytesPerSecond: number;
  readonly peakPutsPerSecond: number;
  /** 25 KiB units that puts are billed in, on provisioned streams. */
  readonly putUnitsPerSecond: number;
  /** Bytes with each Kinesis record rounded up to a KiB, as on demand bills them. */
  readonly billedBytesPerSecond: number;
  /** Readers that share throughput. */
  readonly readers: number;
  readonly enhancedFanOutReaders: number;
  readonly retentionHours: number;
}

/** One of the capacities there are. */
export type CapacityChoice =
  | { readonly kind: 'provisioned'; readonly shards: number }
  | { readonly kind: 'on-demand' }
  | { readonly kind: 'advantage'; readonly warmMiBps: number };

/** Hours of a month, as AWS's calculator has them. */
const HOURS = 730;
const SECONDS = HOURS * 3_600;
/** Retention up to which the first price holds. */
const WEEK_HOURS = 168;
/** Retention that is in every price. */
const DAY_HOURS = 24;

/** What a load costs a month in USD at list prices; the commitment of Advantage itself is the account's, not the stream's. */
export function monthlyCost(load: StreamLoad, choice: CapacityChoice): number {
  switch (choice.kind) {
    case 'provisioned':
      return provisionedCost(load, choice.shards);
    case 'on-demand':
      return onDemandCost(load);
    case 'advantage':
      return advantageCost(load);
  }
}

function provisionedCost(load: StreamLoad, shards: number): number {
  const shardHours = shards * HOURS;
  const consumers = load.enhancedFanOutReaders;
  return (
    costOf('kinesis.shardHour', shardHours) +
    costOf('kinesis.putUnit', load.putUnitsPerSecond * SECONDS) +
    (load.retentionHours > DAY_HOURS ? costOf('kinesis.extendedRetentionShardHour', shardHours) : 0) +
    costOf('kinesis.longTermBytesMonth', storedBytes(load, WEEK_HOURS)) +
    costOf('kinesis.consumerShardHour', consumers * shardHours) +
    costOf('kinesis.consumerBytes', consumers * load.bytesPerSecond * SECONDS)
  );
}

function onDemandCost(load: StreamLoad): number {
  const bytes = load.bytesPerSecond * SECONDS;
  const week = storedBytes(load, DAY_HOURS) - storedBytes(load, WEEK_HOURS);
  return (
    costOf('kinesis.onDemand.streamHour', HOURS) +
    costOf('kinesis.onDemand.bytesIn', load.billedBytesPerSecond * SECONDS) +
    costOf('kinesis.onDemand.bytesOut', load.readers * bytes) +
    costOf('kinesis.onDemand.consumerBytes', load.enhancedFanOutReaders * bytes) +
    costOf('kinesis.onDemand.retentionBytesMonth', week) +
    costOf('kinesis.longTermBytesMonth', storedBytes(load, WEEK_HOURS))
  );
}

function advantageCost(load: StreamLoad): number {
  const bytes = load.bytesPerSecond * SECONDS;
  return (
    costOf('kinesis.advantage.bytesIn', load.billedBytesPerSecond * SECONDS) +
    costOf('kinesis.advantage.bytesOut', (load.readers + load.enhancedFanOutReaders) * bytes) +
    costOf('kinesis.advantage.retentionBytesMonth', storedBytes(load, DAY_HOURS))
  );
}

/** Bytes that lie in the stream, older than so many hours. */
const storedBytes = ({ bytesPerSecond, retentionHours }: StreamLoad, olderThanHours: number): number =>
  Math.max(0, retentionHours - olderThanHours) * 3_600 * bytesPerSecond;
