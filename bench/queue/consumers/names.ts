/** What is compared, by its name in tables. */
export const CONSUMER_NAMES = [
  'raw SDK v3 loop',
  "millrace, user's SQSClient",
  'millrace, lean transport',
  'sqs-consumer, per message',
  'sqs-consumer, per batch',
  'squiss-ts',
  'message-queue-toolkit',
] as const;

/** One of {@link CONSUMER_NAMES}. */
export type ConsumerName = (typeof CONSUMER_NAMES)[number];
