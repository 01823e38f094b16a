import type { SqsAccount } from './account.js';
import type { StoredMessage } from './message.js';
import type { SqsQueue } from './queue.js';

/**
 * Moves a message that was received as often as its queue allows to the dead-letter queue. On a standard queue it
 * keeps the time it was first sent, so its retention goes on running; on a FIFO queue it starts anew, and its
 * deduplication id becomes its message id. Without a usable target it stays where it is.
 * @returns True when it was moved
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
 */
export function deadLetter(
  account: SqsAccount,
  queue: SqsQueue,
  { message, now }: { readonly message: StoredMessage; readonly now: number },
): boolean {
  const { redrive, isFifo } = queue.settings;
  if (redrive === undefined || message.receivesHere < redrive.maxReceiveCount) return false;
  const target = account.byArn(redrive.deadLetterTargetArn, now);
  if (target === undefined || target === queue) return false;
  queue.remove(message);
  target.put({ ...message, deduplicationId: isFifo ? message.messageId : message.deduplicationId }, now, {
    sentAt: isFifo ? now : message.sentAt,
    deadLetterSourceArn: queue.identity.arn,
    receiveCount: message.receiveCount,
    firstReceivedAt: message.firstReceivedAt,
  });
  return true;
}
