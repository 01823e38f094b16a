import { Duration, Size, Token, aws_logs as logs } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { refuseAll } from '../../core/errors.js';
import { choiceViolations, unknownNames } from '../../core/options.js';
import type { AlarmProps } from '../alarms.js';
import { alarmViolations } from '../monitoring/alarm-catalogue.js';
import { checkBytes, checkSeconds, show, type Bounds, type Checked } from '../bounds.js';

/** How a stream is archived. */
export interface StreamArchiveOptions extends AlarmProps {
  /**
   * What object keys begin with; year, month, day and hour (UTC) follow. Records that can't be delivered go under the same
   * with `-failed`.
   *
   * @default - the stream's id in lower case
   */
  readonly prefix?: string;

  /**
   * How long records wait for their object to fill. 1 to 15 minutes.
   *
   * @default Duration.minutes(5)
   */
  readonly bufferingInterval?: Duration;

  /**
   * The size at which an object is written earlier, before compression. 1 to 128 MiB.
   *
   * @default Size.mebibytes(64)
   */
  readonly bufferingSize?: Size;

  /**
   * How objects are compressed.
   *
   * @default 'GZIP'
   */
  readonly compression?: 'GZIP' | 'ZIP' | 'SNAPPY' | 'NONE';

  /**
   * A customer managed key for the objects. Firehose is allowed to use it.
   *
   * @default - the bucket's own encryption
   */
  readonly encryptionKey?: IKey;

  /**
   * The age of the oldest record not yet in the bucket at which the alarm rings. Below the stream's retention.
   *
   * @default - 3 × bufferingInterval, at least 15 minutes
   */
  readonly freshnessAlarmAge?: Duration;

  /**
   * How long the lines about failed deliveries are kept.
   *
   * @default logs.RetentionDays.ONE_MONTH
   */
  readonly logRetention?: logs.RetentionDays;
}

/** What an archive is when nothing is said. */
export const STREAM_ARCHIVE_DEFAULTS = Object.freeze({
  /** Few objects and hourly folders that are complete soon after the hour. */
  bufferingInterval: Duration.minutes(5),
  /** Objects that analytics engines read well. */
  bufferingSize: Size.mebibytes(64),
  compression: 'GZIP' as const,
  minFreshnessAlarmSeconds: 900,
});

/** An archive's decided values. */
export interface CompiledStreamArchive {
  readonly prefix: string;
  readonly bufferingSeconds: number;
  readonly bufferingBytes: number;
  readonly compression: 'GZIP' | 'ZIP' | 'SNAPPY' | 'NONE';
  readonly freshnessSeconds: number;
  readonly logRetention: logs.RetentionDays;
}

const OPTIONS = {
  alarms: true,
  alarmTopic: true,
  bufferingInterval: true,
  bufferingSize: true,
  compression: true,
  encryptionKey: true,
  freshnessAlarmAge: true,
  logRetention: true,
  prefix: true,
} satisfies Record<keyof StreamArchiveOptions, true>;

const MIB = 1_048_576;
const INTERVAL: Bounds = { min: 60, max: 900, words: '1 to 15 minutes' };
const OBJECT: Bounds = { min: MIB, max: 128 * MIB, words: '1 to 128 MiB' };
/** Letters, digits and `-_./=`, which need no escaping in keys or in Firehose's expressions. */
const PREFIX = /^[A-Za-z0-9][\w\-./=]*$/;

/** What an archive must fit to. */
export interface ArchivedStream {
  readonly path: string;
  readonly retentionHours: number;
}

/**
 * Decides the values of an archive.
 * @throws {INVALID_OPTIONS} with all violations at once
 */
export function compileStreamArchive(
  options: StreamArchiveOptions & { readonly prefix: string },
  stream: ArchivedStream,
): CompiledStreamArchive {
  const defaults = STREAM_ARCHIVE_DEFAULTS;
  const interval = checkSeconds(
    'bufferingInterval',
    options.bufferingInterval ?? defaults.bufferingInterval,
    INTERVAL,
  );
  const bytes = checkBytes('bufferingSize', options.bufferingSize ?? defaults.bufferingSize, OBJECT);
  const freshness = freshnessOf(options, interval, stream.retentionHours);
  const { prefix, compression = defaults.compression } = options;
  refuseAll(`StreamArchive at '${stream.path}' can't be built`, [
    ...unknownNames(options, Object.keys(OPTIONS)),
    ...alarmViolations(options.alarms),
    ...interval.violations,
    ...bytes.violations,
    ...choiceViolations('compression', compression, ['GZIP', 'ZIP', 'SNAPPY', 'NONE']),
    ...freshness.violations,
    ...(typeof prefix === 'string' && (Token.isUnresolved(prefix) || PREFIX.test(prefix))
      ? []
      : [`prefix must begin with a letter or digit and hold only those and - _ . / =, got ${show(prefix)}`]),
  ]);
  return Object.freeze({
    prefix: prefix.replace(/\/+$/, ''),
    bufferingSeconds: interval.value,
    bufferingBytes: bytes.value,
    compression,
    freshnessSeconds: freshness.value,
    logRetention: options.logRetention ?? logs.RetentionDays.ONE_MONTH,
  });
}

function freshnessOf(options: StreamArchiveOptions, interval: Checked, retentionHours: number): Checked {
  if (options.freshnessAlarmAge === undefined) {
    const least = STREAM_ARCHIVE_DEFAULTS.minFreshnessAlarmSeconds;
    const isKnown = !Token.isUnresolved(interval.value);
    return { value: isKnown ? Math.max(least, 3 * interval.value) : least, violations: [] };
  }
  return checkSeconds('freshnessAlarmAge', options.freshnessAlarmAge, {
    min: 60,
    max: Token.isUnresolved(retentionHours) ? Infinity : retentionHours * 3_600 - 1,
    words: '1 minute or more, and below the retention of the stream, after which the records are gone',
  });
}
