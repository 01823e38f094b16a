import { Reference, Tokenization, aws_sns as sns, aws_sqs as sqs, type Duration } from 'aws-cdk-lib';
import type { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct, IMixin } from 'constructs';
import { limitOf } from '../../contract/limits.js';
import { checkSeconds } from '../bounds.js';
import { WORK_QUEUE_DEFAULTS } from '../queue/work-queue-options.js';
import { MinimumRetention } from './minimum-retention.js';

/**
 * Dead-letter queues that keep what they hold long enough for people: on a standard queue a dead letter's clock runs on
 * from when it was first sent, so the service's default of 4 days may be over on arrival. Applies to queues that a queue or a
 * subscription of the same app sends its dead letters to; a longer retention stays.
 *
 * @example
 * Mixins.of(app).apply(new DlqRetention());
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
 */
export class DlqRetention implements IMixin {
  private readonly minimum: MinimumRetention;

  /**
   * @param retention 1 minute to 14 days; 14 days when left out
   * @throws {INVALID_OPTIONS} another time
   */
  constructor(retention: Duration = WORK_QUEUE_DEFAULTS.deadLetterRetentionPeriod) {
    const bounds = {
      min: limitOf('sqs.retention.min'),
      max: limitOf('sqs.retention.max'),
      words: '1 minute to 14 days',
    };
    this.minimum = new MinimumRetention('DlqRetention', checkSeconds('retention', retention, bounds));
  }

  /** Whether it is a queue that a queue or a subscription of the app names as its dead-letter queue. */
  supports(construct: IConstruct): construct is CfnQueue {
    return sqs.CfnQueue.isCfnQueue(construct) && isDeadLetterQueue(construct);
  }

  /** Raises `MessageRetentionPeriod` to the retention; a longer one, and one known at deployment only, stays. */
  applyTo(construct: IConstruct): void {
    if (!this.supports(construct)) return;
    construct.messageRetentionPeriod = this.minimum.over(construct.messageRetentionPeriod);
  }
}

function isDeadLetterQueue(queue: CfnQueue): boolean {
  return queue.node.root.node
    .findAll()
    .some(
      (other) =>
        (sqs.CfnQueue.isCfnQueue(other) || sns.CfnSubscription.isCfnSubscription(other)) &&
        targetOf(other.redrivePolicy) === queue,
    );
}

/** The construct a redrive policy points to, if it is of this app. */
function targetOf(redrivePolicy: unknown): IConstruct | undefined {
  if (typeof redrivePolicy !== 'object' || redrivePolicy === null) return undefined;
  const arn: unknown = 'deadLetterTargetArn' in redrivePolicy ? redrivePolicy.deadLetterTargetArn : undefined;
  const token =
    typeof arn === 'string' ? Tokenization.reverseString(arn).firstToken : Tokenization.reverse(arn);
  return token !== undefined && Reference.isReference(token) ? token.target : undefined;
}
