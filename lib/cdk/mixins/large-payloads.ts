import { Token, aws_kinesis as kinesis, aws_sns as sns, aws_sqs as sqs, type Size } from 'aws-cdk-lib';
import type { CfnStream } from 'aws-cdk-lib/aws-kinesis';
import type { CfnTopic } from 'aws-cdk-lib/aws-sns';
import type { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct, IMixin } from 'constructs';
import { limitOf } from '../../contract/limits.js';
import { refuseAll } from '../../core/errors.js';
import { checkBytes } from '../bounds.js';

/**
 * Queues and topics that take messages up to a size, which L2 topics have no prop for. Over 256 KiB a topic can deliver to
 * queues, functions and Firehose only, to 100 of them.
 *
 * @example
 * topic.with(new LargeMessages(Size.mebibytes(1)));
 * @see https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html
 */
export class LargeMessages implements IMixin {
  private readonly bytes: number;

  /**
   * @param size 1 KiB to 1 MiB, attributes included
   * @throws {INVALID_OPTIONS} another size
   */
  constructor(size: Size) {
    const bounds = {
      min: limitOf('sqs.message.minConfigurableBytes'),
      max: limitOf('sns.message.maxBytes'),
      words: '1 KiB to 1 MiB',
    };
    const { value, violations } = checkBytes('size', size, bounds);
    refuseAll("LargeMessages can't be used", violations);
    this.bytes = value;
  }

  /** Whether it is a queue or a topic. */
  supports(construct: IConstruct): construct is CfnQueue | CfnTopic {
    return sqs.CfnQueue.isCfnQueue(construct) || sns.CfnTopic.isCfnTopic(construct);
  }

  /** Writes the size as `MaximumMessageSize`, in bytes, over what was there. */
  applyTo(construct: IConstruct): void {
    if (this.supports(construct)) construct.maximumMessageSize = this.bytes;
  }
}

/**
 * Streams that take records up to a size, which L2 streams have no prop for (aws-cdk#38719). Records over 1 MiB should be rare:
 * Kinesis takes a burst of them, then slows the shard down.
 *
 * @example
 * stream.with(new LargeRecords(Size.mebibytes(10)));
 * @see https://docs.aws.amazon.com/streams/latest/dev/large-records.html
 */
export class LargeRecords implements IMixin {
  private readonly kibibytes: number;

  /**
   * @param size 1 to 10 MiB, in whole KiB, partition key included
   * @throws {INVALID_OPTIONS} another size
   */
  constructor(size: Size) {
    const bounds = {
      min: limitOf('kinesis.record.defaultBytes'),
      max: limitOf('kinesis.record.maxBytes'),
      words: '1 to 10 MiB',
    };
    const { value, violations } = checkBytes('size', size, bounds);
    const isTorn = !Token.isUnresolved(value) && !Number.isNaN(value) && value % 1_024 !== 0;
    refuseAll("LargeRecords can't be used", [
      ...violations,
      ...(Token.isUnresolved(value) ? ['size must be known at synth: it is written in KiB'] : []),
      ...(isTorn ? [`size must be whole KiB, got ${value} bytes`] : []),
    ]);
    this.kibibytes = value / 1_024;
  }

  /** Whether it is a stream. */
  supports(construct: IConstruct): construct is CfnStream {
    return kinesis.CfnStream.isCfnStream(construct);
  }

  /** Writes the size as `MaxRecordSizeInKiB`, over what was there. */
  applyTo(construct: IConstruct): void {
    if (this.supports(construct)) construct.maxRecordSizeInKiB = this.kibibytes;
  }
}
