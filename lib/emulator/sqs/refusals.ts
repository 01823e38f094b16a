import type { ApiFault } from '../engine.js';
import type { InputRefusals } from '../structures/call-input.js';

const LEGACY = 'AWS.SimpleQueueService.';

const refuse = (code: string, queryCode: string, message: string, status = 400): ApiFault => ({
  code,
  queryCode,
  message,
  status,
});

/**
 * The refusals of SQS in its own words. `code` is the shape of the JSON protocol, `queryCode` what
 * `x-amzn-query-error` still carries for it.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
 */
export const sqsRefusals = {
  queueDoesNotExist: (): ApiFault =>
    refuse('QueueDoesNotExist', `${LEGACY}NonExistentQueue`, 'The specified queue does not exist.'),
  queueNameExists: (attribute: string): ApiFault =>
    refuse(
      'QueueNameExists',
      'QueueAlreadyExists',
      `A queue already exists with the same name and a different value for attribute ${attribute}`,
    ),
  queueDeletedRecently: (): ApiFault =>
    refuse(
      'QueueDeletedRecently',
      `${LEGACY}QueueDeletedRecently`,
      'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
    ),
  purgeInProgress: (queue: string): ApiFault =>
    refuse(
      'PurgeQueueInProgress',
      `${LEGACY}PurgeQueueInProgress`,
      `Only one PurgeQueue operation on ${queue} is allowed every 60 seconds.`,
      403,
    ),
  missingParameter: (name: string): ApiFault =>
    refuse('MissingParameter', 'MissingParameter', `The request must contain the parameter ${name}.`),
  invalidParameter: (name: string, value: unknown, reason: string): ApiFault =>
    refuse(
      'InvalidParameterValue',
      'InvalidParameterValue',
      `Value ${typeof value === 'string' ? value : JSON.stringify(value)} for parameter ${name} is invalid. Reason: ${reason}.`,
    ),
  invalidMessage: (reason: string): ApiFault =>
    refuse(
      'InvalidParameterValue',
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: ${reason}.`,
    ),
  invalidAttributeName: (name: string): ApiFault =>
    refuse('InvalidAttributeName', 'InvalidAttributeName', `Unknown Attribute ${name}.`),
  invalidAttributeValue: (name: string, reason?: string): ApiFault =>
    refuse(
      'InvalidAttributeValue',
      'InvalidAttributeValue',
      `Invalid value for the parameter ${name}.${reason === undefined ? '' : ` Reason: ${reason}.`}`,
    ),
  invalidMessageContents: (): ApiFault =>
    refuse(
      'InvalidMessageContents',
      'InvalidMessageContents',
      'Invalid binary character was found in the message body, the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
    ),
  receiptHandleInvalid: (): ApiFault =>
    refuse('ReceiptHandleIsInvalid', 'ReceiptHandleIsInvalid', 'The input receipt handle is invalid.', 404),
  receiptHandleExpired: (handle: string): ApiFault =>
    refuse(
      'InvalidParameterValue',
      'InvalidParameterValue',
      `Value ${handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
    ),
  notAvailableForVisibilityChange: (handle: string): ApiFault =>
    refuse(
      'InvalidParameterValue',
      'InvalidParameterValue',
      `Value ${handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    ),
  messageNotInFlight: (): ApiFault =>
    refuse('MessageNotInflight', `${LEGACY}MessageNotInflight`, 'The specified message is not in flight.'),
  visibilityBeyondCap: (seconds: number): ApiFault =>
    refuse(
      'InvalidParameterValue',
      'InvalidParameterValue',
      `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].`,
    ),
  overLimit: (): ApiFault =>
    refuse(
      'OverLimit',
      'OverLimit',
      'Too many messages in flight: delete received messages, or let their visibility timeout end, before receiving more.',
      403,
    ),
  throttled: (): ApiFault => refuse('RequestThrottled', 'RequestThrottled', 'Request is throttled.', 403),
  emptyBatch: (): ApiFault =>
    refuse(
      'EmptyBatchRequest',
      `${LEGACY}EmptyBatchRequest`,
      'There should be at least one entry in the request.',
    ),
  tooManyEntries: (count: number): ApiFault =>
    refuse(
      'TooManyEntriesInBatchRequest',
      `${LEGACY}TooManyEntriesInBatchRequest`,
      `Maximum number of entries per request are 10. You have sent ${count}.`,
    ),
  invalidBatchEntryId: (): ApiFault =>
    refuse(
      'InvalidBatchEntryId',
      `${LEGACY}InvalidBatchEntryId`,
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    ),
  entryIdsNotDistinct: (id: string): ApiFault =>
    refuse('BatchEntryIdsNotDistinct', `${LEGACY}BatchEntryIdsNotDistinct`, `Id ${id} repeated.`),
  batchTooLong: (limit: number, bytes: number): ApiFault =>
    refuse(
      'BatchRequestTooLong',
      `${LEGACY}BatchRequestTooLong`,
      `Batch requests cannot be longer than ${limit} bytes. You have sent ${bytes} bytes.`,
    ),
  resourceNotFound: (message: string): ApiFault =>
    refuse('ResourceNotFoundException', 'ResourceNotFoundException', message, 404),
  unsupported: (message: string): ApiFault =>
    refuse('UnsupportedOperation', `${LEGACY}UnsupportedOperation`, message),
} as const;

/** How SQS words a member of the wrong type or range. */
export const sqsInputRefusals: InputRefusals = {
  missing: sqsRefusals.missingParameter,
  invalid: sqsRefusals.invalidParameter,
};
