import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { REASON_ATTRIBUTE } from 'millrace/runtime';
import { z } from 'zod';

/** A message in a dead-letter queue, with the reason it is there. */
export interface DeadLetter {
  readonly body: string;
  readonly reason: string;
}

const MAX_RECEIVES = 100;

const stated = z.object({ reason: z.string(), detail: z.string() });

/** Takes everything out of a dead-letter queue. */
export async function drainDeadLetters(client: SQSClient, queueUrl: string): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for (let receive = 0; receive < MAX_RECEIVES; receive += 1) {
    const { Messages: messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 0,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    if (messages.length === 0) return letters;
    for (const message of messages) {
      letters.push({ body: message.Body ?? '', reason: reasonOf(message) });
      await client.send(
        new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle }),
      );
    }
  }
  throw new Error(`a dead-letter queue still gives messages after ${MAX_RECEIVES} receives`);
}

function reasonOf({ MessageAttributes: attributes, Attributes: system }: Message): string {
  const attribute = attributes?.[REASON_ATTRIBUTE]?.StringValue;
  if (attribute !== undefined) {
    const { reason, detail } = stated.parse(JSON.parse(attribute));
    return `${reason}: ${detail}`;
  }
  return `moved by SQS after ${Number(system?.ApproximateReceiveCount ?? 1) - 1} receives`;
}
