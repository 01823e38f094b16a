import { Token, type Duration, type Size } from 'aws-cdk-lib';
import { limitOf } from '../../contract/limits.js';
import { PRICES } from '../../contract/prices.js';
import { refuseAll } from '../../core/errors.js';
import { numberViolations, unknownNames } from '../../core/options.js';
import { checkBytes, checkHours, switchViolations } from '../bounds.js';
import { monthlyCost, type CapacityChoice, type StreamLoad } from './stream-cost.js';

/** What is known of a load, for `StreamCapacity.forWorkload`. */
export interface StreamWorkload {
  /** Records a second, averaged over a month. */
  readonly recordsPerSecond: number;

  /** A record as it is put, on average, partition key included. */
  readonly recordSize: Size;

  /**
   * Records in the busiest second.
   *
   * @default - 2 × `recordsPerSecond`
   */
  readonly peakRecordsPerSecond?: number;

  /**
   * Whether the load may grow past that peak with no warning. Such a stream is on demand: a fixed number of shards would
   * refuse records.
   *
   * @default false
   */
  readonly unpredictable?: boolean;

  /**
   * Whether producers pack many records into one, as ours and the KPL do.
   *
   * @default true
   */
  readonly aggregated?: boolean;

  /**
   * Readers that share the stream's throughput.
   *
   * @default 1
   */
  readonly readers?: number;

  /**
   * Readers with enhanced fan-out.
   *
   * @default 0
   */
  readonly enhancedFanOutReaders?: number;

  /**
   * The retention of the stream: it is paid for.
   *
   * @default Duration.days(7)
   */
  readonly retentionPeriod?: Duration;

  /**
   * Whether the account is committed to On-demand Advantage in the Region.
   *
   * @default false
   */
  readonly advantageAccount?: boolean;
}

/** What was decided, and why. */
export interface SizedStream {
  readonly choice: CapacityChoice;
  readonly explanation: string;
}

const PROPS = {
  advantageAccount: true,
  aggregated: true,
  enhancedFanOutReaders: true,
  peakRecordsPerSecond: true,
  readers: true,
  recordsPerSecond: true,
  recordSize: true,
  retentionPeriod: true,
  unpredictable: true,
} satisfies Record<keyof StreamWorkload, true>;

/** Shards are filled so far at the peak: keys are never spread evenly. */
const FILL = 0.7;

/** What Kinesis charges a put in, and about the size of our producer's aggregates. */
const PUT_UNIT_BYTES = 25_600;

/**
 * Finds the capacity that takes the peak for the least money.
 * @throws {INVALID_OPTIONS} with all violations at once
 */
export function sizeStream(workload: StreamWorkload): SizedStream {
  const load = compileWorkload(workload);
  const needs = shardsNeeded(load);
  const provisioned: CapacityChoice = { kind: 'provisioned', shards: needs.shards };
  const warmMiBps = Math.max(1, Math.ceil(load.peakBytesPerSecond / 1_048_576));
  const onDemand: CapacityChoice =
    workload.advantageAccount === true ? { kind: 'advantage', warmMiBps } : { kind: 'on-demand' };
  const prices = { provisioned: monthlyCost(load, provisioned), onDemand: monthlyCost(load, onDemand) };
  const isOnDemand =
    workload.unpredictable === true || needs.shards > MOST_SHARDS || prices.onDemand < prices.provisioned;
  const choice = isOnDemand ? onDemand : provisioned;
  return {
    choice,
    explanation: explain({ load, needs, prices, choice, unpredictable: workload.unpredictable }),
  };
}

/** Beyond it the mode that counts by itself is the better one; a stream's default quota on demand is above it. */
const MOST_SHARDS = 500;

interface ShardNeeds {
  readonly bytesIn: number;
  readonly recordsIn: number;
  readonly bytesOut: number;
  readonly shards: number;
}

function shardsNeeded(load: StreamLoad): ShardNeeds {
  const bytesIn = load.peakBytesPerSecond / limitOf('kinesis.shard.writeBytesPerSecond');
  const recordsIn = load.peakPutsPerSecond / limitOf('kinesis.shard.writeRecordsPerSecond');
  const bytesOut = (load.readers * load.peakBytesPerSecond) / limitOf('kinesis.shard.readBytesPerSecond');
  const most = Math.max(bytesIn, recordsIn, bytesOut);
  return { bytesIn, recordsIn, bytesOut, shards: Math.max(1, Math.ceil(most / FILL)) };
}

function compileWorkload(workload: StreamWorkload): StreamLoad {
  const {
    recordsPerSecond,
    recordSize,
    aggregated = true,
    readers = 1,
    enhancedFanOutReaders = 0,
  } = workload;
  const peak = workload.peakRecordsPerSecond ?? 2 * recordsPerSecond;
  const size = checkBytes('recordSize', recordSize, { min: 1, max: 10_485_760, words: '1 byte to 10 MiB' });
  const retention =
    workload.retentionPeriod === undefined
      ? { value: 168, violations: [] }
      : checkHours('retentionPeriod', workload.retentionPeriod, {
          min: 24,
          max: 8_760,
          words: '24 hours to 365 days',
        });
  const most = { max: 20, whole: true, unit: 'readers' };
  refuseAll("StreamCapacity.forWorkload can't be used", [
    ...unknownNames(workload, Object.keys(PROPS)),
    ...numberViolations('recordsPerSecond', recordsPerSecond, { min: 0.001, unit: 'records a second' }),
    ...size.violations,
    ...numberViolations('peakRecordsPerSecond', peak, {
      min: Number.isFinite(recordsPerSecond) ? recordsPerSecond : 0,
      unit: 'records a second, the average or more',
    }),
    ...numberViolations('readers', readers, { min: 0, ...most }),
    ...numberViolations('enhancedFanOutReaders', enhancedFanOutReaders, { min: 0, ...most }),
    ...retention.violations,
    ...switchViolations({ ...workload }, ['unpredictable', 'aggregated', 'advantageAccount']),
    ...Object.entries({ recordsPerSecond, peak, readers, size: size.value, retention: retention.value })
      .filter(([, value]) => Token.isUnresolved(value))
      .map(([name]) => `${name} must be known at synth: the capacity is calculated with it`),
  ]);
  const putsPer = (records: number): number =>
    aggregated ? Math.ceil((records * size.value) / PUT_UNIT_BYTES) : records;
  return {
    bytesPerSecond: recordsPerSecond * size.value,
    peakBytesPerSecond: peak * size.value,
    peakPutsPerSecond: putsPer(peak),
    putUnitsPerSecond: aggregated
      ? (recordsPerSecond * size.value) / PUT_UNIT_BYTES
      : recordsPerSecond * Math.ceil(size.value / PUT_UNIT_BYTES),
    billedBytesPerSecond: aggregated
      ? recordsPerSecond * size.value
      : recordsPerSecond * 1_024 * Math.ceil(size.value / 1_024),
    readers,
    enhancedFanOutReaders,
    retentionHours: retention.value,
  };
}

interface Explained {
  readonly load: StreamLoad;
  readonly needs: ShardNeeds;
  readonly prices: { readonly provisioned: number; readonly onDemand: number };
  readonly choice: CapacityChoice;
  readonly unpredictable: boolean | undefined;
}

function explain({ load, needs, prices, choice, unpredictable }: Explained): string {
  const { asOf } = PRICES['kinesis.shardHour'];
  const peak = `${rounded(load.peakBytesPerSecond / 1_048_576)} MiB and ${rounded(load.peakPutsPerSecond)} puts a second at the peak, shared readers: ${load.readers}`;
  const shards = `${needs.shards} shards at ${FILL * 100} % (of writes by bytes ${rounded(needs.bytesIn)}, by puts ${rounded(needs.recordsIn)}, of reads ${rounded(needs.bytesOut)})`;
  const costs = `about $${rounded(prices.provisioned)} a month provisioned and $${rounded(prices.onDemand)} on demand, list prices of ${asOf} in us-east-1`;
  return `${wordsOf(choice)}: ${peak}; that needs ${shards}; ${costs}; ${reasonOf(choice, unpredictable)}`;
}

function wordsOf(choice: CapacityChoice): string {
  switch (choice.kind) {
    case 'provisioned':
      return `${choice.shards} provisioned shards`;
    case 'on-demand':
      return 'on demand';
    case 'advantage':
      return `on demand, warm for ${choice.warmMiBps} MiB a second`;
  }
}

function reasonOf(choice: CapacityChoice, unpredictable: boolean | undefined): string {
  if (choice.kind === 'provisioned') return 'the load is known, so the cheaper fixed shards take it';
  return unpredictable === true
    ? 'the load may outgrow its peak without warning, which fixed shards would refuse'
    : 'on demand is cheaper for this load, or spares counting hundreds of shards';
}

const rounded = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(2)));
