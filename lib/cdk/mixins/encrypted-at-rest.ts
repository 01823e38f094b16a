import { aws_kinesis as kinesis, aws_sns as sns, aws_sqs as sqs } from 'aws-cdk-lib';
import type { CfnStream } from 'aws-cdk-lib/aws-kinesis';
import type { IKeyRef } from 'aws-cdk-lib/aws-kms';
import type { CfnTopic } from 'aws-cdk-lib/aws-sns';
import type { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct, IMixin } from 'constructs';

/**
 * Queues, topics and streams that are encrypted at rest; what is encrypted already stays as it is.
 *
 * With a key, topics too, and everything with that key. An L2 does not learn of it, so its later grants are silent on
 * the key: give principals and services their rights on the key yourself, or give the key to the L2. Without a key,
 * queues get SSE-SQS and streams the key AWS manages, both free of charge; topics are left alone, as the key AWS
 * manages shuts out every AWS service that publishes.
 *
 * @example
 * Mixins.of(stack).apply(new EncryptedAtRest());
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html
 */
export class EncryptedAtRest implements IMixin {
  private readonly keyArn: string | undefined;

  /** @param key a customer managed key */
  constructor(key?: IKeyRef) {
    this.keyArn = key?.keyRef.keyArn;
  }

  /** Whether it is a queue or a stream, or a topic while there is a key. */
  supports(construct: IConstruct): construct is CfnQueue | CfnTopic | CfnStream {
    return (
      sqs.CfnQueue.isCfnQueue(construct) ||
      kinesis.CfnStream.isCfnStream(construct) ||
      (sns.CfnTopic.isCfnTopic(construct) && this.keyArn !== undefined)
    );
  }

  /** Names the key, or without one turns on what is free of charge; a key that was named stays. */
  applyTo(construct: IConstruct): void {
    if (sqs.CfnQueue.isCfnQueue(construct)) this.encryptQueue(construct);
    if (sns.CfnTopic.isCfnTopic(construct) && this.keyArn !== undefined)
      construct.kmsMasterKeyId ??= this.keyArn;
    if (kinesis.CfnStream.isCfnStream(construct)) {
      construct.streamEncryption ??= { encryptionType: 'KMS', keyId: this.keyArn ?? 'alias/aws/kinesis' };
    }
  }

  private encryptQueue(queue: CfnQueue): void {
    if (queue.kmsMasterKeyId !== undefined) return;
    if (this.keyArn === undefined) {
      queue.sqsManagedSseEnabled = true;
    } else if (queue.sqsManagedSseEnabled !== true) {
      queue.kmsMasterKeyId = this.keyArn;
      queue.sqsManagedSseEnabled = undefined;
    }
  }
}
