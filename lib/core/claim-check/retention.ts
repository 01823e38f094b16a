/** What may hold messages that point to an object, in seconds. */
export interface PointerRetention {
  readonly queueSeconds: number;
  readonly deadLetterSeconds: number;
}

const DAY_SECONDS = 86_400;

/**
 * How many whole days an object has to be kept, so that no message outlives its payload: the time in the queue, the time
 * in the dead-letter queue and, since a redrive begins anew, the time in the queue once more.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
export function payloadDays({ queueSeconds, deadLetterSeconds }: PointerRetention): number {
  return Math.ceil((2 * queueSeconds + deadLetterSeconds) / DAY_SECONDS);
}

/** Days for which SNS tries to deliver to a queue before it gives up. @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html */
export const SNS_RETRY_DAYS = 23;
