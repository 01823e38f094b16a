import { md5, type MessageAttributeMap } from '../structures/message-attributes.js';
import type { SqsAccount } from './account.js';
import { isAllowed } from './queue-policy.js';
import { deduplicationIdOf, storeMessage } from './sending.js';

/** A message another service hands to a queue. */
export interface QueueDelivery {
  readonly body: string;
  readonly attributes: MessageAttributeMap;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly traceHeader: string | undefined;
  /** ARN of the topic, which the queue's policy sees as `aws:SourceArn`. */
  readonly sourceArn: string;
}

/** Whether a queue took a delivery, and why not: a refusal is the client's fault and final, a failure may pass. */
export type DeliveryOutcome =
  | { readonly kind: 'delivered'; readonly messageId: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

const SNS = 'sns.amazonaws.com';

/**
 * Takes a delivery from SNS. The queue's policy must allow it, as on AWS; the queue's own `MaximumMessageSize` does
 * not hold for deliveries of topics.
 * @see https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
 */
export function deliverToQueue(
  account: SqsAccount,
  queueArn: string,
  { delivery, now }: { readonly delivery: QueueDelivery; readonly now: number },
): DeliveryOutcome {
  const queue = account.byArn(queueArn, now);
  if (queue === undefined) return { kind: 'refused', reason: `queue ${queueArn} does not exist` };
  const isPermitted = isAllowed(queue.settings.policy, {
    principal: `Service:${SNS}`,
    action: 'sqs:SendMessage',
    resource: queueArn,
    context: {
      'aws:sourcearn': delivery.sourceArn,
      'aws:sourceaccount': delivery.sourceArn.split(':')[4] ?? '',
      'aws:securetransport': 'true',
    },
  });
  if (!isPermitted)
    return {
      kind: 'refused',
      reason: `the policy of ${queueArn} does not allow ${SNS} to send for ${delivery.sourceArn}`,
    };
  const deduplicationId = deduplicationIdOf(queue, delivery.deduplicationId, delivery.body);
  const { isFifo } = queue.settings;
  if (isFifo && (delivery.groupId === undefined || deduplicationId === undefined))
    return { kind: 'refused', reason: 'a FIFO queue needs a message group and a deduplication id' };
  const answer: Record<string, string> = {};
  storeMessage(account, queue, {
    message: {
      kind: 'message',
      body: delivery.body,
      bodyMd5: md5(delivery.body),
      bytes: 0,
      attributes: Object.keys(delivery.attributes).length === 0 ? undefined : delivery.attributes,
      traceHeader: delivery.traceHeader,
      groupId: delivery.groupId,
      deduplicationId: isFifo ? deduplicationId : undefined,
      delayMs: queue.settings.delayMs,
    },
    now,
    senderId: 'AIDASNSLOCALSENDERXXX',
    hazard: undefined,
    answer,
  });
  return { kind: 'delivered', messageId: answer['MessageId'] ?? '' };
}
