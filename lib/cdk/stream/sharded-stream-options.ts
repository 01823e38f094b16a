import { Duration, Size, Token, type RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { limitOf } from '../../contract/limits.js';
import type { RecordDefinition } from '../../contract/record.js';
import { refuseAll } from '../../core/errors.js';
import { unknownNames } from '../../core/options.js';
import type { AlarmProps } from '../alarms.js';
import type { DashboardProps } from '../monitoring/own-dashboard.js';
import type { PostureProps } from '../posture/posture.js';
import { sharedViolations } from '../shared-props.js';
import {
  checkBytes,
  checkHours,
  checkSeconds,
  show,
  switchViolations,
  type Bounds,
  type Checked,
} from '../bounds.js';
import { StreamCapacity } from './stream-capacity.js';

/** Properties of a {@link ShardedStream}. */
export interface ShardedStreamProps extends AlarmProps, DashboardProps, PostureProps {
  /** The record this stream carries. */
  readonly record: RecordDefinition;

  /**
   * How much the stream takes.
   *
   * @default StreamCapacity.onDemand()
   */
  readonly capacity?: StreamCapacity;

  /**
   * How long records can be read. 24 hours to 365 days, in whole hours. It is also how long a reader may be down
   * without losing anything. Lowering it drops the older records.
   *
   * @default - twice `toleratedOutage`, or Duration.days(7)
   */
  readonly retentionPeriod?: Duration;

  /**
   * How long readers may be down before anything is lost, counted from the alarm; in place of `retentionPeriod`. 12 hours
   * to 182 days. Records are kept twice as long, and the lag alarm rings at half of that.
   *
   * @default - what `retentionPeriod` allows
   */
  readonly toleratedOutage?: Duration;

  /**
   * The largest record, partition key included. 1 to 10 MiB; records over 1 MiB should be rare (under 2 %).
   *
   * @default Size.mebibytes(1)
   * @see https://docs.aws.amazon.com/streams/latest/dev/large-records.html
   */
  readonly maxRecordSize?: Size;

  /**
   * A customer managed key to encrypt records at rest; needed where another account reads.
   *
   * @default - under posture `standard` the key AWS manages for Kinesis, free of charge; under the others the stack's key
   */
  readonly encryptionKey?: IKey;

  /**
   * What happens to the stream when it leaves the stack.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * How far readers may fall behind before the lag alarms ring. 1 minute to the retention; above half of it, less time is
   * left to mend a reader than was taken to notice, and `MillraceChecks` says so.
   *
   * @default - half of `retentionPeriod`: as much time is left to mend it before records expire
   */
  readonly lagAlarmAge?: Duration;

  /**
   * The name clients ask for: `createStreamProducer({ stream: 'Flights' })`.
   *
   * @default - the construct's id
   */
  readonly bindingName?: string;
}

/** What a `ShardedStream` is when nothing is said. */
export const SHARDED_STREAM_DEFAULTS = Object.freeze({
  /** Security Hub's Kinesis.3, and a reader may stay broken over a long weekend. */
  retentionPeriod: Duration.days(7),
  /** The service's own default. */
  maxRecordSize: Size.mebibytes(1),
});

/** A stream's decided values. */
export interface CompiledShardedStream {
  readonly capacity: StreamCapacity;
  readonly record: RecordDefinition;
  readonly retentionHours: number;
  readonly maxRecordBytes: number;
  readonly lagAlarmSeconds: number;
}

const PROPS = {
  alarms: true,
  alarmTopic: true,
  bindingName: true,
  dashboard: true,
  capacity: true,
  encryptionKey: true,
  lagAlarmAge: true,
  maxRecordSize: true,
  posture: true,
  record: true,
  removalPolicy: true,
  retentionPeriod: true,
  toleratedOutage: true,
} satisfies Record<keyof ShardedStreamProps, true>;

const RETENTION: Bounds = {
  min: limitOf('kinesis.retention.min'),
  max: limitOf('kinesis.retention.max'),
  words: '24 hours to 365 days',
};
/** Half of the retention, both ends. */
const OUTAGE: Bounds = { min: 43_200, max: 15_724_800, words: '12 hours to 182 days' };
const RECORD_BYTES: Bounds = {
  min: limitOf('kinesis.record.defaultBytes'),
  max: limitOf('kinesis.record.maxBytes'),
  words: '1 to 10 MiB',
};

/**
 * Decides the values of a stream.
 * @throws {INVALID_OPTIONS} with all violations at once
 */
export function compileShardedStream(path: string, props: ShardedStreamProps): CompiledShardedStream {
  const capacity = props.capacity ?? StreamCapacity.onDemand();
  const retention = retentionOf(props);
  const bytes = checkBytes(
    'maxRecordSize',
    props.maxRecordSize ?? SHARDED_STREAM_DEFAULTS.maxRecordSize,
    RECORD_BYTES,
  );
  const lag = lagAlarmAge(props, retention);
  refuseAll(`ShardedStream at '${path}' can't be built`, [
    ...unknownNames(props, Object.keys(PROPS)),
    ...switchViolations({ ...props }, ['dashboard']),
    ...sharedViolations(props),
    ...recordViolations(props.record),
    ...(capacity instanceof StreamCapacity
      ? []
      : [`capacity must be a StreamCapacity, such as StreamCapacity.onDemand(), got ${show(capacity)}`]),
    ...retention.violations,
    ...bytes.violations,
    ...(Token.isUnresolved(bytes.value)
      ? ['maxRecordSize must be known at synth: Kinesis takes it in KiB, and a token can not be converted']
      : []),
    ...(bytes.value % 1_024 === 0 || Number.isNaN(bytes.value) || Token.isUnresolved(bytes.value)
      ? []
      : [`maxRecordSize must be whole KiB, got ${bytes.value} bytes`]),
    ...lag.violations,
  ]);
  return Object.freeze({
    capacity,
    record: props.record,
    retentionHours: retention.value,
    maxRecordBytes: bytes.value,
    lagAlarmSeconds: lag.value,
  });
}

function retentionOf({ retentionPeriod, toleratedOutage }: ShardedStreamProps): Checked {
  if (toleratedOutage === undefined) {
    return checkHours(
      'retentionPeriod',
      retentionPeriod ?? SHARDED_STREAM_DEFAULTS.retentionPeriod,
      RETENTION,
    );
  }
  const outage = checkSeconds('toleratedOutage', toleratedOutage, OUTAGE);
  const isToken = Token.isUnresolved(outage.value);
  return {
    value: isToken ? Number.NaN : Math.ceil((2 * outage.value) / 3_600),
    violations: [
      ...outage.violations,
      ...(isToken ? ['toleratedOutage must be known at synth: give retentionPeriod instead'] : []),
      ...(retentionPeriod === undefined
        ? []
        : ['retentionPeriod must be left out where toleratedOutage is given: it is made of it']),
    ],
  };
}

function lagAlarmAge(props: ShardedStreamProps, retention: Checked): Checked {
  if (props.lagAlarmAge !== undefined) {
    const max =
      Number.isNaN(retention.value) || Token.isUnresolved(retention.value)
        ? Infinity
        : retention.value * 3_600;
    const lag = checkSeconds('lagAlarmAge', props.lagAlarmAge, {
      min: 60,
      max,
      words: '1 minute to the retentionPeriod, after which the records are gone',
    });
    return Token.isUnresolved(lag.value)
      ? {
          value: Number.NaN,
          violations: [
            'lagAlarmAge must be known at synth: the metric counts milliseconds, and a token can not be converted',
          ],
        }
      : lag;
  }
  const known = !Token.isUnresolved(retention.value);
  const hours = known ? retention.value : limitOf('kinesis.retention.min');
  return { value: (hours * 3_600) / 2, violations: [] };
}

function recordViolations(record: unknown): string[] {
  const isRecord =
    typeof record === 'object' && record !== null && 'kind' in record && record.kind === 'record';
  return isRecord ? [] : [`record must be what defineRecord() made, got ${show(record)}`];
}
