import type { SNSClient } from '@aws-sdk/client-sns';
import { alignOutcomes, entryId, type EntryOutcome } from './batch-outcome.js';
import { http1Config } from './client-config.js';
import { loadSnsModule, type AwsTarget } from './load-sdk.js';
import type { AcceptedMessage, OutgoingMessage } from './sqs-api.js';
import { PLAIN_BYTES, writeAttributes } from './sqs-shapes.js';

/** The part of SNS the runtime uses; same manners as `SqsApi`. */
export interface SnsApi {
  publishBatch(
    topicArn: string,
    messages: readonly OutgoingMessage[],
  ): Promise<readonly EntryOutcome<AcceptedMessage>[]>;
  /** Closes the sockets this adapter opened; a client that was passed in stays open. */
  close(): void;
}

/** One published message as SNS answers it. */
export interface PublishedShape {
  readonly Id?: string | undefined;
  readonly MessageId?: string | undefined;
  readonly SequenceNumber?: string | undefined;
}

/** A published message. */
export function publishedOf({ MessageId, SequenceNumber }: PublishedShape): AcceptedMessage {
  return {
    messageId: MessageId ?? '',
    ...(SequenceNumber !== undefined && { sequenceNumber: SequenceNumber }),
  };
}

/** The SNS port over SDK v3. */
export async function createSnsApi(target: AwsTarget, client?: SNSClient): Promise<SnsApi> {
  const sdk = await loadSnsModule();
  const sns = client ?? new sdk.SNSClient(http1Config(target));
  return {
    publishBatch: async (topicArn, messages) => {
      const entries = messages.map(publishEntry);
      const command = new sdk.PublishBatchCommand({
        TopicArn: topicArn,
        PublishBatchRequestEntries: entries,
      });
      return alignOutcomes(await sns.send(command), entries.length, publishedOf);
    },
    close: () => {
      if (client === undefined) sns.destroy();
    },
  };
}

function publishEntry(message: OutgoingMessage, position: number) {
  return {
    Id: entryId(position),
    Message: message.body,
    MessageAttributes: writeAttributes(message.attributes, PLAIN_BYTES),
    ...(message.group !== undefined && { MessageGroupId: message.group }),
    ...(message.deduplicationId !== undefined && { MessageDeduplicationId: message.deduplicationId }),
  };
}
