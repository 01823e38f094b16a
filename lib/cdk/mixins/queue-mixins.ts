import { aws_sns as sns, aws_sqs as sqs } from 'aws-cdk-lib';
import type { CfnTopic } from 'aws-cdk-lib/aws-sns';
import type { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct, IMixin } from 'constructs';
import { WORK_QUEUE_DEFAULTS } from '../queue/work-queue-options.js';

/**
 * Queues that are polled long, which costs the fewest empty receives and no latency. A wait that was set stays, 0 too.
 *
 * @example
 * Mixins.of(app).apply(new LongPolling());
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
 */
export class LongPolling implements IMixin {
  /** Whether it is a queue. */
  supports(construct: IConstruct): construct is CfnQueue {
    return sqs.CfnQueue.isCfnQueue(construct);
  }

  /** Writes `ReceiveMessageWaitTimeSeconds: 20` where nothing is said. */
  applyTo(construct: IConstruct): void {
    if (!this.supports(construct)) return;
    construct.receiveMessageWaitTimeSeconds ??= WORK_QUEUE_DEFAULTS.receiveMessageWaitTime.toSeconds();
  }
}

/**
 * Work queues that are nobody's dead-letter queue, so that a wrong redrive policy elsewhere can't fill them. Applies to queues
 * that have a dead-letter queue themselves; a redrive allow policy that was set stays.
 *
 * @example
 * Mixins.of(app).apply(new RedriveDenied());
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
 */
export class RedriveDenied implements IMixin {
  /** Whether it is a queue that has a dead-letter queue. */
  supports(construct: IConstruct): construct is CfnQueue {
    return sqs.CfnQueue.isCfnQueue(construct) && construct.redrivePolicy !== undefined;
  }

  /** Writes `redrivePermission: denyAll` where no redrive allow policy was given. */
  applyTo(construct: IConstruct): void {
    if (!this.supports(construct)) return;
    construct.redriveAllowPolicy ??= { redrivePermission: 'denyAll' };
  }
}

/**
 * FIFO queues and topics that deduplicate and throttle per message group, which lifts the limit of the whole queue or topic.
 * Both halves of the pair, as SQS takes no other. Only sound where every deduplication id is unique within its group.
 *
 * @example
 * queue.with(new FifoHighThroughput());
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/high-throughput-fifo.html
 */
export class FifoHighThroughput implements IMixin {
  /** Whether it is a FIFO queue or a FIFO topic. */
  supports(construct: IConstruct): construct is CfnQueue | CfnTopic {
    return (
      (sqs.CfnQueue.isCfnQueue(construct) && construct.fifoQueue === true) ||
      (sns.CfnTopic.isCfnTopic(construct) && construct.fifoTopic === true)
    );
  }

  /** Writes the scopes per message group, over what was there: half of the pair alone is refused at deployment. */
  applyTo(construct: IConstruct): void {
    if (!this.supports(construct)) return;
    if (sns.CfnTopic.isCfnTopic(construct)) {
      construct.fifoThroughputScope = 'MessageGroup';
    } else {
      construct.deduplicationScope = 'messageGroup';
      construct.fifoThroughputLimit = 'perMessageGroupId';
    }
  }
}
