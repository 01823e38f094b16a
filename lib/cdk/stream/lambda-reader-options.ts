import { Duration, Token } from 'aws-cdk-lib';
import { refuseAll } from '../../core/errors.js';
import { choiceViolations, unknownNames } from '../../core/options.js';
import { checkCount, checkSeconds, show, switchViolations, type Checked } from '../bounds.js';
import type { AlarmProps } from '../alarms.js';
import type { AnyBucket } from '../any-bucket.js';
import { alarmViolations } from '../monitoring/alarm-catalogue.js';

/** How a function reads a stream. */
export interface LambdaReaderOptions extends AlarmProps {
  /**
   * Kinesis records per invocation; one of ours may hold many. 1 to 10000.
   *
   * @default 100
   */
  readonly batchSize?: number;

  /**
   * How long Lambda may wait to fill a batch. 0 to 300 seconds.
   *
   * @default - it does not wait
   */
  readonly maxBatchingWindow?: Duration;

  /**
   * Batches of one shard that run at a time, in order per partition key. 1 to 10.
   *
   * @default 1
   */
  readonly parallelizationFactor?: number;

  /**
   * How often a failing batch is tried again. 0 to 10000; never without end, since its shard stands still meanwhile.
   *
   * @default 10
   */
  readonly retryAttempts?: number;

  /**
   * The age at which a record is given up. 1 minute to 7 days, below the stream's retention, so that what was given up can
   * still be read.
   *
   * @default - half of the stream's retention, at most 7 days
   */
  readonly maxRecordAge?: Duration;

  /**
   * A bucket for the batches that are given up, records and all.
   *
   * @default - a queue of its own that gets their shard and sequence numbers, with an alarm: the records are to be read from
   * the stream before they expire
   * @see https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
   */
  readonly failedBatchesBucket?: AnyBucket;

  /**
   * Whether the function gets 2 MB a second of every shard for itself.
   *
   * @default false
   */
  readonly enhancedFanOut?: boolean;

  /**
   * Where the function starts.
   *
   * @default 'TRIM_HORIZON' - at the oldest record there is
   */
  readonly startingPosition?: 'TRIM_HORIZON' | 'LATEST';

  /**
   * Filters of the event source, as `FilterCriteria.filter()` makes them. They see Kinesis records as they are, and the
   * aggregates of our producer are no JSON: with those, every record is filtered out.
   *
   * @default - everything is read
   */
  readonly filters?: readonly Readonly<Record<string, string>>[];
}

/** What a Lambda reader is when nothing is said. */
export const LAMBDA_READER_DEFAULTS = Object.freeze({
  batchSize: 100,
  parallelizationFactor: 1,
  /** With bisecting, enough to find one poison record among a hundred and to outlast a short outage. */
  retryAttempts: 10,
});

/** A Lambda reader's decided numbers. */
export interface CompiledLambdaReader {
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly parallelizationFactor: number;
  readonly retryAttempts: number;
  readonly maxRecordAgeSeconds: number;
}

const OPTIONS = {
  alarms: true,
  alarmTopic: true,
  batchSize: true,
  enhancedFanOut: true,
  failedBatchesBucket: true,
  filters: true,
  maxBatchingWindow: true,
  maxRecordAge: true,
  parallelizationFactor: true,
  retryAttempts: true,
  startingPosition: true,
} satisfies Record<keyof LambdaReaderOptions, true>;

const LONGEST_AGE = 604_800;

/**
 * Decides the numbers of a Lambda reader.
 * @throws {INVALID_OPTIONS} with all violations at once
 */
export function compileLambdaReader(
  path: string,
  options: LambdaReaderOptions,
  retentionHours: number,
): CompiledLambdaReader {
  const defaults = LAMBDA_READER_DEFAULTS;
  const batch = count('batchSize', options.batchSize ?? defaults.batchSize, [1, 10_000]);
  const parallel = count('parallelizationFactor', options.parallelizationFactor ?? 1, [1, 10]);
  const retries = count('retryAttempts', options.retryAttempts ?? defaults.retryAttempts, [0, 10_000]);
  const window = checkSeconds('maxBatchingWindow', options.maxBatchingWindow ?? Duration.seconds(0), {
    min: 0,
    max: 300,
    words: '0 to 300 seconds',
  });
  const age = ageOf(options, retentionHours);
  refuseAll(`LambdaStreamReader at '${path}' can't be built`, [
    ...unknownNames(options, Object.keys(OPTIONS)),
    ...switchViolations({ ...options }, ['enhancedFanOut']),
    ...alarmViolations(options.alarms),
    ...[batch, window, parallel, retries, age].flatMap(({ violations }) => violations),
    ...(options.startingPosition === undefined
      ? []
      : choiceViolations('startingPosition', options.startingPosition, ['TRIM_HORIZON', 'LATEST'])),
    ...(options.filters === undefined || (Array.isArray(options.filters) && options.filters.length > 0)
      ? []
      : [`filters must be a list of one filter or more, or be left out, got ${show(options.filters)}`]),
  ]);
  return Object.freeze({
    batchSize: batch.value,
    windowSeconds: window.value,
    parallelizationFactor: parallel.value,
    retryAttempts: retries.value,
    maxRecordAgeSeconds: age.value,
  });
}

const count = (prop: string, value: number, [min, max]: readonly [number, number]): Checked =>
  checkCount(prop, value, { min, max, words: `${min} to ${max}` });

function ageOf({ maxRecordAge }: LambdaReaderOptions, retentionHours: number): Checked {
  const isKnown = !Token.isUnresolved(retentionHours);
  const retention = (isKnown ? retentionHours : 24) * 3_600;
  if (maxRecordAge === undefined) {
    return { value: Math.min(retention / 2, LONGEST_AGE), violations: [] };
  }
  const max = isKnown ? Math.min(LONGEST_AGE, retention - 1) : LONGEST_AGE;
  const age = checkSeconds('maxRecordAge', maxRecordAge, {
    min: 60,
    max,
    words: '1 minute to 7 days, and below the retention of the stream',
  });
  // aws-cdk-lib compares it at synth, so that a token would be refused there in other words.
  return Token.isUnresolved(age.value)
    ? { value: Number.NaN, violations: ['maxRecordAge must be known at synth, and below the retention'] }
    : age;
}
