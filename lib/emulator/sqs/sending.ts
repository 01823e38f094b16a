import { hash } from 'node:crypto';
import { limitOf } from '../../contract/limits.js';
import type { ApiFault, Hazard } from '../engine.js';
import { isRecord, type CallInput } from '../structures/call-input.js';
import { flatText } from '../structures/flat-text.js';
import {
  md5OfAttributes,
  readMessageAttributes,
  type MessageAttributeMap,
} from '../structures/message-attributes.js';
import type { SqsAccount } from './account.js';
import { lookAtBody, type BodyFacts } from './bodies.js';
import type { MessageContent } from './message.js';
import type { SqsQueue } from './queue.js';
import { sqsRefusals } from './refusals.js';

/** A message that was found sendable. */
export interface CheckedMessage {
  readonly kind: 'message';
  readonly body: string;
  readonly bodyMd5: string;
  /** Body and attributes, as they count against the limits. */
  readonly bytes: number;
  readonly attributes: MessageAttributeMap | undefined;
  readonly traceHeader: string | undefined;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly delayMs: number;
}

/** A refusal of one message, alone or within a batch. */
export interface RefusedMessage {
  readonly kind: 'refused';
  readonly fault: ApiFault;
}

/** Characters of group and deduplication ids: alphanumeric and punctuation, 1 to 128 of them. */
const ID = /^[!-~]{1,128}$/;
const NOT_FOR_THIS_TYPE = 'The request include parameter that is not valid for this queue type';

const DELAY_RANGE = { min: 0, max: limitOf('sqs.delay.max') };
const MAX_ATTRIBUTES = limitOf('sqs.message.maxAttributes');
const NO_ATTRIBUTES = { kind: 'read', attributes: {}, bytes: 0 } as const;

const refused = (fault: ApiFault): RefusedMessage => ({ kind: 'refused', fault });

/**
 * Checks one message against everything a queue asks of it.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
export function checkMessage(
  queue: SqsQueue,
  input: CallInput,
  known?: BodyFacts,
): CheckedMessage | RefusedMessage {
  const body = input.string('MessageBody');
  const groupId = input.optionalString('MessageGroupId');
  const givenDeduplicationId = input.optionalString('MessageDeduplicationId');
  const delaySeconds = input.optionalInteger('DelaySeconds', DELAY_RANGE);
  const traceHeader = readTraceHeader(input);
  const attributeInput = input.optionalMap('MessageAttributes');
  refuseIds(queue, input, { groupId, deduplicationId: givenDeduplicationId, delaySeconds });
  if (input.fault !== undefined) return refused(input.fault);
  if (body === '') return refused(sqsRefusals.missingParameter('MessageBody'));
  const facts = known ?? lookAtBody(body);
  if (!facts.isAllowed) return refused(sqsRefusals.invalidMessageContents());
  const reading =
    attributeInput === undefined ? NO_ATTRIBUTES : readMessageAttributes(attributeInput, MAX_ATTRIBUTES);
  if (reading.kind === 'refused') return refused(sqsRefusals.invalidMessage(reading.reason));
  const bytes = facts.bytes + reading.bytes;
  if (bytes > queue.settings.maxBytes)
    return refused(
      sqsRefusals.invalidMessage(`Message must be shorter than ${queue.settings.maxBytes} bytes`),
    );
  return {
    kind: 'message',
    body,
    bodyMd5: facts.md5,
    bytes,
    attributes: reading.bytes === 0 ? undefined : reading.attributes,
    traceHeader,
    groupId,
    deduplicationId: deduplicationIdOf(queue, givenDeduplicationId, body),
    delayMs: delaySeconds === undefined ? queue.settings.delayMs : delaySeconds * 1000,
  };
}

/** A message on its way into a queue. */
export interface Storing {
  readonly message: CheckedMessage;
  readonly now: number;
  readonly senderId: string;
  readonly hazard: Hazard | undefined;
  /** Gets the members of the answer. */
  readonly answer: Record<string, string>;
}

/**
 * Puts a checked message into the queue and fills the members of `SendMessageResult` in; a FIFO duplicate is answered
 * like its first and goes nowhere.
 */
export function storeMessage(
  account: SqsAccount,
  queue: SqsQueue,
  { message, now, senderId, hazard, answer }: Storing,
): void {
  const { bodyMd5 } = message;
  const attributesMd5 = message.attributes && md5OfAttributes(message.attributes);
  answer['MD5OfMessageBody'] = bodyMd5;
  if (attributesMd5 !== undefined) answer['MD5OfMessageAttributes'] = attributesMd5;
  if (message.traceHeader !== undefined)
    answer['MD5OfMessageSystemAttributes'] = md5OfTrace(message.traceHeader);
  const key = deduplicationKey(queue, message);
  const first = key === undefined ? undefined : queue.deduplication.find(key, now);
  if (first !== undefined) {
    answer['MessageId'] = first.messageId;
    answer['SequenceNumber'] = first.sequenceNumber;
    return;
  }
  const content: MessageContent = {
    messageId: flatText(account.options.randomId()),
    body: message.body,
    bodyMd5,
    attributes: message.attributes,
    attributesMd5,
    traceHeader: message.traceHeader,
    groupId: message.groupId,
    deduplicationId: message.deduplicationId,
    senderId,
  };
  const { messageId, sequenceNumber } = queue.putDelayed(content, now, message);
  if (hazard === 'duplicate' && !queue.settings.isFifo) queue.putDelayed(content, now, message);
  answer['MessageId'] = messageId;
  if (sequenceNumber === undefined) return;
  answer['SequenceNumber'] = sequenceNumber;
  if (key !== undefined) queue.deduplication.remember(key, { messageId, sequenceNumber, at: now });
}

const md5OfTrace = (header: string): string =>
  md5OfAttributes({ AWSTraceHeader: { DataType: 'String', StringValue: header } }) ?? '';

/** The id duplicates are told by: the one given, or SHA-256 of the body alone where the queue says so. */
export function deduplicationIdOf(
  queue: SqsQueue,
  given: string | undefined,
  body: string,
): string | undefined {
  if (given !== undefined || !queue.settings.isFifo || !queue.settings.hasContentDeduplication) return given;
  return hash('sha256', body);
}

function deduplicationKey(queue: SqsQueue, message: CheckedMessage): string | undefined {
  if (!queue.settings.isFifo || message.deduplicationId === undefined) return undefined;
  return queue.settings.deduplicationScope === 'queue'
    ? message.deduplicationId
    : `${message.groupId ?? ''} ${message.deduplicationId}`;
}

interface GivenIds {
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly delaySeconds: number | undefined;
}

function refuseIds(queue: SqsQueue, input: CallInput, ids: GivenIds): void {
  const { groupId, deduplicationId, delaySeconds } = ids;
  if (groupId !== undefined) refuseId(input, 'MessageGroupId', groupId);
  if (deduplicationId !== undefined) refuseId(input, 'MessageDeduplicationId', deduplicationId);
  if (!queue.settings.isFifo) {
    if (deduplicationId !== undefined)
      input.refuse(
        sqsRefusals.invalidParameter('MessageDeduplicationId', deduplicationId, NOT_FOR_THIS_TYPE),
      );
    return;
  }
  if (groupId === undefined) input.refuse(sqsRefusals.missingParameter('MessageGroupId'));
  if (deduplicationId === undefined && !queue.settings.hasContentDeduplication)
    input.refuse(
      sqsRefusals.invalidMessage(
        'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
      ),
    );
  if (delaySeconds !== undefined && delaySeconds > 0)
    input.refuse(sqsRefusals.invalidParameter('DelaySeconds', delaySeconds, NOT_FOR_THIS_TYPE));
}

function refuseId(input: CallInput, name: string, value: string): void {
  if (ID.test(value)) return;
  const reason = `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length`;
  input.refuse(sqsRefusals.invalidParameter(name, value, reason));
}

function readTraceHeader(input: CallInput): string | undefined {
  const system = input.optionalMap('MessageSystemAttributes');
  if (system === undefined) return undefined;
  for (const [name, value] of Object.entries(system)) {
    if (name === 'AWSTraceHeader' && isRecord(value) && value['DataType'] === 'String') {
      if (typeof value['StringValue'] === 'string' && value['StringValue'] !== '')
        return value['StringValue'];
    }
    input.refuse(
      sqsRefusals.invalidMessage(
        `Message system attribute name '${name}' is invalid, or its type is not String: only AWSTraceHeader is supported`,
      ),
    );
  }
  return undefined;
}
