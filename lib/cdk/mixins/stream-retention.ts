import { aws_kinesis as kinesis, type Duration } from 'aws-cdk-lib';
import type { CfnStream } from 'aws-cdk-lib/aws-kinesis';
import type { IConstruct, IMixin } from 'constructs';
import { limitOf } from '../../contract/limits.js';
import { checkHours } from '../bounds.js';
import { SHARDED_STREAM_DEFAULTS } from '../stream/sharded-stream-options.js';
import { MinimumRetention } from './minimum-retention.js';

/**
 * Streams that keep records for as long as a reader may be down. A longer retention stays: lowering it drops records.
 *
 * @example
 * Mixins.of(app).apply(new StreamRetention());
 * @see https://docs.aws.amazon.com/securityhub/latest/userguide/kinesis-controls.html
 */
export class StreamRetention implements IMixin {
  private readonly minimum: MinimumRetention;

  /**
   * @param retention 24 hours to 365 days, in whole hours; 7 days when left out
   * @throws {INVALID_OPTIONS} another time
   */
  constructor(retention: Duration = SHARDED_STREAM_DEFAULTS.retentionPeriod) {
    const bounds = {
      min: limitOf('kinesis.retention.min'),
      max: limitOf('kinesis.retention.max'),
      words: '24 hours to 365 days',
    };
    this.minimum = new MinimumRetention('StreamRetention', checkHours('retention', retention, bounds));
  }

  /** Whether it is a stream. */
  supports(construct: IConstruct): construct is CfnStream {
    return kinesis.CfnStream.isCfnStream(construct);
  }

  /** Raises `RetentionPeriodHours` to the retention; a longer one, and one known at deployment only, stays. */
  applyTo(construct: IConstruct): void {
    if (!this.supports(construct)) return;
    construct.retentionPeriodHours = this.minimum.over(construct.retentionPeriodHours);
  }
}
