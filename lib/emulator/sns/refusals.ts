import type { ApiFault } from '../engine.js';
import type { InputRefusals } from '../structures/call-input.js';

const refuse = (code: string, queryCode: string, message: string, status = 400): ApiFault => ({
  code,
  queryCode,
  message,
  status,
});

const ARN_ELEMENTS = 6;

const invalidParameter = (message: string): ApiFault =>
  refuse('InvalidParameterException', 'InvalidParameter', `Invalid parameter: ${message}`);

/**
 * The refusals of SNS in its own words. `queryCode` is what the query protocol sends as `<Code>`; `code` is the name
 * of the SDK's exception.
 * @see https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html
 */
export const snsRefusals = {
  invalidParameter,
  invalidMember: (name: string, reason: string): ApiFault => invalidParameter(`${name} Reason: ${reason}`),
  invalidValue: (message: string): ApiFault =>
    refuse('InvalidParameterValueException', 'ParameterValueInvalid', message),
  notFound: (what: string): ApiFault =>
    refuse('NotFoundException', 'NotFound', `${what} does not exist`, 404),
  /** What an ARN that names no topic is told: not there, or no ARN at all. */
  noTopic: (arn: string): ApiFault => {
    const elements = arn.split(':').length;
    return arn.startsWith('arn:') && elements >= ARN_ELEMENTS
      ? refuse('NotFoundException', 'NotFound', 'Topic does not exist', 404)
      : invalidParameter(
          `TopicArn Reason: An ARN must have at least ${ARN_ELEMENTS} elements, not ${elements}`,
        );
  },
  resourceNotFound: (): ApiFault =>
    refuse('ResourceNotFoundException', 'ResourceNotFound', 'Resource does not exist', 404),
  invalidState: (message: string): ApiFault => refuse('InvalidStateException', 'InvalidState', message),
  filterPolicyLimit: (message: string): ApiFault =>
    refuse('FilterPolicyLimitExceededException', 'FilterPolicyLimitExceeded', message, 403),
  subscriptionLimit: (message: string): ApiFault =>
    refuse('SubscriptionLimitExceededException', 'SubscriptionLimitExceeded', message, 403),
  replayLimit: (message: string): ApiFault =>
    refuse('ReplayLimitExceededException', 'ReplayLimitExceeded', message, 403),
  tagLimit: (): ApiFault =>
    refuse(
      'TagLimitExceededException',
      'TagLimitExceeded',
      'Could not complete request: tag quota of per resource exceeded',
    ),
  endpointDisabled: (): ApiFault =>
    refuse('EndpointDisabledException', 'EndpointDisabled', 'Endpoint is disabled'),
  throttled: (): ApiFault => refuse('ThrottledException', 'Throttled', 'Rate exceeded', 429),
  emptyBatch: (): ApiFault =>
    refuse(
      'EmptyBatchRequestException',
      'EmptyBatchRequest',
      "The batch request doesn't contain any entries.",
    ),
  tooManyEntries: (): ApiFault =>
    refuse(
      'TooManyEntriesInBatchRequestException',
      'TooManyEntriesInBatchRequest',
      'The batch request contains more entries than permissible.',
    ),
  entryIdsNotDistinct: (): ApiFault =>
    refuse(
      'BatchEntryIdsNotDistinctException',
      'BatchEntryIdsNotDistinct',
      'Two or more batch entries in the request have the same Id.',
    ),
  invalidBatchEntryId: (): ApiFault =>
    refuse(
      'InvalidBatchEntryIdException',
      'InvalidBatchEntryId',
      "The Id of a batch entry in a batch request doesn't abide by the specification.",
    ),
  batchTooLong: (limit: number): ApiFault =>
    refuse(
      'BatchRequestTooLongException',
      'BatchRequestTooLong',
      `The length of all the messages put together is more than the limit of ${limit} bytes.`,
    ),
  invalidAction: (message: string): ApiFault => refuse('InvalidAction', 'InvalidAction', message),
} as const;

/** How SNS words a member of the wrong type or range. */
export const snsInputRefusals: InputRefusals = {
  missing: (name) => invalidParameter(`${name} Reason: no value for required parameter`),
  invalid: (name, _value, reason) => invalidParameter(`${name} Reason: ${reason}`),
};
