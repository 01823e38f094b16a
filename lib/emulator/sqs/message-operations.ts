import { limitOf } from '../../contract/limits.js';
import type { ApiFault, ApiResult, Hazard } from '../engine.js';
import type { CallInput } from '../structures/call-input.js';
import type { SqsAccount } from './account.js';
import { readBatch, runBatch, type BatchEntry } from './batch.js';
import { lookAtBodies } from './bodies.js';
import type { SqsQueue } from './queue.js';
import { sqsRefusals } from './refusals.js';
import { checkMessage, storeMessage, type CheckedMessage } from './sending.js';

/** One call on one queue that was found. */
export interface QueueCall {
  readonly account: SqsAccount;
  readonly queue: SqsQueue;
  readonly input: CallInput;
  readonly now: number;
  readonly hazard: Hazard | undefined;
}

/** Stands for the caller: local callers have no identity of their own. */
export const CALLER_ID = 'AIDALOCALCALLERXXXXXX';

const fault = (refusal: ApiFault): ApiResult => ({ kind: 'fault', fault: refusal });
const output = (members: Readonly<Record<string, unknown>> = {}): ApiResult => ({
  kind: 'output',
  output: members,
});

/** `SendMessage`. */
export function sendMessage({ account, queue, input, now, hazard }: QueueCall): ApiResult {
  const message = checkMessage(queue, input);
  if (message.kind === 'refused') return fault(message.fault);
  const answer: Record<string, string> = {};
  storeMessage(account, queue, { message, now, senderId: CALLER_ID, hazard, answer });
  return output(answer);
}

/** `SendMessageBatch`: each entry succeeds or fails alone, the whole fails when it is malformed or too long. */
export function sendMessageBatch({ account, queue, input, now, hazard }: QueueCall): ApiResult {
  const batch = readBatch(input);
  if (batch.kind === 'refused') return fault(batch.fault);
  const facts = lookAtBodies(batch.entries.map(({ raw }) => bodyOf(raw)));
  const checked = batch.entries.map(({ input: entry }, index) => checkMessage(queue, entry, facts[index]));
  const bytes = batch.entries.reduce((sum, entry, at) => sum + bytesOf(entry, checked[at]), 0);
  const limit = limitOf('sqs.batch.maxBytes');
  if (bytes > limit) return fault(sqsRefusals.batchTooLong(limit, bytes));
  let at = 0;
  return output(
    runBatch(batch.entries, (_entry, answer) => {
      const message = checked[at];
      at += 1;
      if (message === undefined || message.kind === 'refused') return message?.fault;
      storeMessage(account, queue, { message, now, senderId: CALLER_ID, hazard, answer });
      return undefined;
    }),
  );
}

/** A refused entry still weighs: AWS looks at the length of the request before it looks at its entries. */
function bytesOf(
  entry: BatchEntry,
  message: CheckedMessage | { readonly kind: 'refused' } | undefined,
): number {
  if (message?.kind === 'message') return message.bytes;
  return Buffer.byteLength(bodyOf(entry.raw));
}

/** The text of an entry's body; nothing where it is missing or of another type, which the entry is refused for. */
function bodyOf(raw: BatchEntry['raw']): string {
  const body = raw['MessageBody'];
  return typeof body === 'string' ? body : '';
}

/**
 * `DeleteMessage`. A handle that a later receive replaced succeeds and deletes nothing on a standard queue; on a FIFO
 * queue a handle whose visibility timeout is over is refused.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
 */
export function deleteMessage({ queue, input, hazard }: QueueCall): ApiResult {
  const handle = input.string('ReceiptHandle');
  const refusal = input.fault ?? deleteByHandle(queue, handle, hazard);
  return refusal === undefined ? output() : fault(refusal);
}

/** `DeleteMessageBatch`. */
export function deleteMessageBatch({ queue, input, hazard }: QueueCall): ApiResult {
  const batch = readBatch(input);
  if (batch.kind === 'refused') return fault(batch.fault);
  return output(
    runBatch(batch.entries, ({ input: entry }) => {
      const handle = entry.string('ReceiptHandle');
      return entry.fault ?? deleteByHandle(queue, handle, hazard);
    }),
  );
}

function deleteByHandle(queue: SqsQueue, handle: string, hazard: Hazard | undefined): ApiFault | undefined {
  const found = queue.lookUp(handle);
  switch (found.kind) {
    case 'malformed':
      return sqsRefusals.receiptHandleInvalid();
    case 'gone':
      return undefined;
    case 'stale':
      return queue.settings.isFifo ? sqsRefusals.receiptHandleExpired(handle) : undefined;
    case 'latest':
      if (queue.settings.isFifo && found.message.state !== 'in-flight')
        return sqsRefusals.receiptHandleExpired(handle);
      if (hazard !== 'forget' || queue.settings.isFifo) queue.remove(found.message);
      return undefined;
  }
}

/**
 * `ChangeMessageVisibility`: the new timeout counts from now, and never beyond twelve hours after the receive.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
 */
export function changeMessageVisibility({ queue, input, now }: QueueCall): ApiResult {
  const refusal = changeOne(queue, input, now);
  return refusal === undefined ? output() : fault(refusal);
}

/** `ChangeMessageVisibilityBatch`. */
export function changeMessageVisibilityBatch({ queue, input, now }: QueueCall): ApiResult {
  const batch = readBatch(input);
  if (batch.kind === 'refused') return fault(batch.fault);
  return output(runBatch(batch.entries, ({ input: entry }) => changeOne(queue, entry, now)));
}

const VISIBILITY_RANGE = { min: 0, max: limitOf('sqs.visibilityTimeout.max') };

function changeOne(queue: SqsQueue, input: CallInput, now: number): ApiFault | undefined {
  const handle = input.string('ReceiptHandle');
  const seconds = input.optionalInteger('VisibilityTimeout', VISIBILITY_RANGE);
  if (input.fault !== undefined) return input.fault;
  if (seconds === undefined) return sqsRefusals.missingParameter('VisibilityTimeout');
  const found = queue.lookUp(handle);
  if (found.kind === 'malformed') return sqsRefusals.receiptHandleInvalid();
  if (found.kind === 'gone') return sqsRefusals.notAvailableForVisibilityChange(handle);
  if (queue.settings.isFifo && (found.kind === 'stale' || found.message.state !== 'in-flight'))
    return sqsRefusals.receiptHandleExpired(handle);
  if (found.kind === 'stale') return sqsRefusals.notAvailableForVisibilityChange(handle);
  if (found.message.state !== 'in-flight') return sqsRefusals.messageNotInFlight();
  const dueAt = now + seconds * 1000;
  if (dueAt > found.message.receivedAt + VISIBILITY_RANGE.max * 1000)
    return sqsRefusals.visibilityBeyondCap(seconds);
  queue.hideUntil(found.message, dueAt, now);
  return undefined;
}
