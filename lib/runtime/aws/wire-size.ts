import type { OutgoingMessage, WireAttribute } from './sqs-api.js';

/**
 * What a message weighs against the limits of SQS and SNS: the UTF-8 bytes of the body and of every attribute's name,
 * type and value.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
export function wireBytesOf(message: Pick<OutgoingMessage, 'body' | 'attributes'>): number {
  return Object.entries(message.attributes).reduce(
    (sum, [name, attribute]) => sum + utf8Bytes(name) + utf8Bytes(attribute.type) + valueBytes(attribute),
    utf8Bytes(message.body),
  );
}

function valueBytes(attribute: WireAttribute): number {
  return 'bytes' in attribute ? attribute.bytes.byteLength : utf8Bytes(attribute.text);
}

function utf8Bytes(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
