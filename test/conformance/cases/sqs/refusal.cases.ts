import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  type MessageAttributeValue,
  type QueueAttributeName,
} from '@aws-sdk/client-sqs';

import { caseGroup, type CaseContext, type CaseDeclaration } from '../../conformance-case.js';
import { refusal } from '../../fixtures/expectations.js';
import { sqsApi, sqsGuide } from '../../fixtures/pages.js';
import {
  createFifoQueue,
  createQueue,
  send,
  type Attributes,
  type TestQueue,
} from '../../fixtures/queues.js';

/** A call that must be refused with one of the codes its page names. */
interface Refusal {
  readonly codes: readonly string[];
  readonly page: string;
  readonly call: (context: CaseContext, queue: TestQueue) => Promise<unknown>;
  readonly fifo?: boolean;
}

const refusals = (rows: Readonly<Record<string, Refusal>>): Record<string, CaseDeclaration> =>
  Object.fromEntries(
    Object.entries(rows).map(([title, row]) => [
      `${title}: ${row.codes[0] ?? ''}`,
      {
        page: row.page,
        run: async (context) => {
          const queue = await (row.fifo === true ? createFifoQueue : createQueue)(context, {});
          await refusal(row.call(context, queue), ...row.codes);
        },
      } satisfies CaseDeclaration,
    ]),
  );

const INVALID_VALUE: readonly string[] = ['InvalidParameterValue'];
const INVALID_ATTRIBUTE: readonly string[] = ['InvalidAttributeValue', 'InvalidParameterValue'];

const outOfRange = (name: QueueAttributeName, value: string): readonly [string, Refusal] => [
  `${name} ${value}`,
  {
    codes: INVALID_ATTRIBUTE,
    page: sqsApi('SetQueueAttributes'),
    call: (context) => createQueue(context, { [name]: value }),
  },
];

const absent = (queue: TestQueue): string => `${queue.url}-absent`;

const withAttribute = (value: MessageAttributeValue, name = 'a'): Refusal => ({
  codes: INVALID_VALUE,
  page: sqsGuide('sqs-message-metadata'),
  call: (context, queue) => send(context, queue, 'b', { MessageAttributes: { [name]: value } }),
});

const receiving = (input: Partial<ConstructorParameters<typeof ReceiveMessageCommand>[0]>): Refusal => ({
  codes: INVALID_VALUE,
  page: sqsApi('ReceiveMessage'),
  call: ({ sqs }, { url }) => sqs.send(new ReceiveMessageCommand({ QueueUrl: url, ...input })),
});

const fifoSend = (
  input: Partial<ConstructorParameters<typeof SendMessageCommand>[0]>,
  codes = INVALID_VALUE,
): Refusal => ({
  codes,
  page: sqsApi('SendMessage'),
  fifo: true,
  call: (context, queue) => send(context, queue, 'b', input),
});

const naming = (QueueName: string, Attributes: Attributes = {}): Refusal => ({
  codes: [...INVALID_VALUE, 'InvalidAttributeValue'],
  page: sqsApi('CreateQueue'),
  call: ({ sqs }) => sqs.send(new CreateQueueCommand({ QueueName, Attributes: { ...Attributes } })),
});

const bodyOf = (
  body: string,
  codes: readonly string[] = ['InvalidMessageContents', 'InvalidParameterValue'],
): Refusal => ({
  codes,
  page: sqsApi('SendMessage'),
  call: (context, queue) => send(context, queue, body),
});

/** Every documented way to be refused that a client can meet, one row each. */
export const sqsRefusalCases = caseGroup('sqs.refusal', {
  ...refusals({
    'GetQueueUrl of an unknown queue': {
      codes: ['QueueDoesNotExist'],
      page: sqsApi('GetQueueUrl'),
      call: ({ sqs }, { name }) => sqs.send(new GetQueueUrlCommand({ QueueName: `${name}-absent` })),
    },
    'SendMessage to an unknown queue': {
      codes: ['QueueDoesNotExist'],
      page: sqsApi('SendMessage'),
      call: ({ sqs }, queue) =>
        sqs.send(new SendMessageCommand({ QueueUrl: absent(queue), MessageBody: 'b' })),
    },
    'ReceiveMessage from an unknown queue': {
      codes: ['QueueDoesNotExist'],
      page: sqsApi('ReceiveMessage'),
      call: ({ sqs }, queue) => sqs.send(new ReceiveMessageCommand({ QueueUrl: absent(queue) })),
    },
    'GetQueueAttributes of an unknown queue': {
      codes: ['QueueDoesNotExist'],
      page: sqsApi('GetQueueAttributes'),
      call: ({ sqs }, queue) => sqs.send(new GetQueueAttributesCommand({ QueueUrl: absent(queue) })),
    },
    'GetQueueAttributes with an unknown name': {
      codes: ['InvalidAttributeName'],
      page: sqsApi('GetQueueAttributes'),
      call: ({ sqs }, { url }) =>
        sqs.send(
          new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['Wheel' as QueueAttributeName] }),
        ),
    },
    'SetQueueAttributes with an unknown name': {
      codes: ['InvalidAttributeName'],
      page: sqsApi('SetQueueAttributes'),
      call: ({ sqs }, { url }) =>
        sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Wheel: '1' } as Attributes })),
    },
    'DeleteMessage with a handle that is none': {
      codes: ['ReceiptHandleIsInvalid'],
      page: sqsApi('DeleteMessage'),
      call: ({ sqs }, { url }) =>
        sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: 'bogus' })),
    },
    'ChangeMessageVisibility with a handle that is none': {
      codes: ['ReceiptHandleIsInvalid'],
      page: sqsApi('ChangeMessageVisibility'),
      call: ({ sqs }, { url }) =>
        sqs.send(
          new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: 'bogus', VisibilityTimeout: 5 }),
        ),
    },
    'a queue name with a dot': naming('mill.race'),
    'a queue name of 81 characters': naming('q'.repeat(81)),
    'a FIFO queue without the suffix': naming('millrace-no-suffix', { FifoQueue: 'true' }),
    'the FIFO suffix without FifoQueue': naming('millrace-suffix-only.fifo'),
    ...Object.fromEntries([
      outOfRange('VisibilityTimeout', '43201'),
      outOfRange('VisibilityTimeout', '-1'),
      outOfRange('DelaySeconds', '901'),
      outOfRange('MessageRetentionPeriod', '59'),
      outOfRange('MessageRetentionPeriod', '1209601'),
      outOfRange('MaximumMessageSize', '1023'),
      outOfRange('MaximumMessageSize', '1048577'),
      outOfRange('ReceiveMessageWaitTimeSeconds', '21'),
      outOfRange('KmsDataKeyReusePeriodSeconds', '59'),
    ]),
    'a receive of 0 messages': receiving({ MaxNumberOfMessages: 0 }),
    'a receive of 11 messages': receiving({ MaxNumberOfMessages: 11 }),
    'a receive that waits 21 seconds': receiving({ WaitTimeSeconds: 21 }),
    'a receive with a visibility over 12 hours': receiving({ VisibilityTimeout: 43_201 }),
    'a delay of 901 seconds': {
      codes: INVALID_VALUE,
      page: sqsApi('SendMessage'),
      call: (context, queue) => send(context, queue, 'b', { DelaySeconds: 901 }),
    },
    'an empty body': bodyOf('', ['MissingParameter', 'MissingRequiredParameter', 'InvalidParameterValue']),
    'a body with NUL': bodyOf('a\u0000b'),
    'a body with U+FFFE': bodyOf('a\uFFFEb'),
    'a body with a control character': bodyOf('a\u0007b'),
    'a body over 1 MiB': bodyOf('x'.repeat(1_048_577), INVALID_VALUE),
    'a body over 1 MiB only in UTF-8': bodyOf('ü'.repeat(524_289), INVALID_VALUE),
    'a body that attributes push over the limit': {
      codes: INVALID_VALUE,
      page: sqsGuide('quotas-messages'),
      call: (context, queue) =>
        send(context, queue, 'x'.repeat(1_048_570), {
          MessageAttributes: { a: { DataType: 'String', StringValue: 'x' } },
        }),
    },
    'a body over the MaximumMessageSize of the queue': {
      codes: INVALID_VALUE,
      page: sqsApi('SetQueueAttributes'),
      call: async (context) => {
        const small = await createQueue(context, { MaximumMessageSize: '1024' });
        return send(context, small, 'x'.repeat(1_025));
      },
    },
    'eleven attributes': {
      codes: INVALID_VALUE,
      page: sqsGuide('quotas-messages'),
      call: (context, queue) => {
        const value = { DataType: 'String', StringValue: 'x' };
        const MessageAttributes = Object.fromEntries(
          Array.from({ length: 11 }, (_, index) => [`a${index}`, value]),
        );
        return send(context, queue, 'b', { MessageAttributes });
      },
    },
    'an attribute of an unknown type': withAttribute({ DataType: 'Date', StringValue: 'x' }),
    'an attribute without a value': withAttribute({ DataType: 'String' }),
    'an attribute with an empty value': withAttribute({ DataType: 'String', StringValue: '' }),
    'a Number attribute that is no number': withAttribute({ DataType: 'Number', StringValue: 'wheel' }),
    'an attribute name that starts with AWS.': withAttribute(
      { DataType: 'String', StringValue: 'x' },
      'AWS.a',
    ),
    'an attribute name that starts with a period': withAttribute(
      { DataType: 'String', StringValue: 'x' },
      '.a',
    ),
    'an attribute name with a space': withAttribute({ DataType: 'String', StringValue: 'x' }, 'a b'),
    'a FIFO send without a group': {
      ...fifoSend({}),
      codes: ['MissingParameter', 'MissingRequiredParameter'],
    },
    'a FIFO send with a delay of its own': fifoSend({ MessageGroupId: 'g', DelaySeconds: 1 }),
    'a group id of 129 characters': fifoSend({ MessageGroupId: 'g'.repeat(129) }),
    'a group id with a space': fifoSend({ MessageGroupId: 'a b' }),
    'a deduplication id of 129 characters': fifoSend({
      MessageGroupId: 'g',
      MessageDeduplicationId: 'd'.repeat(129),
    }),
    'a FIFO send without any deduplication id': {
      codes: INVALID_VALUE,
      page: sqsApi('SendMessage'),
      call: async (context) => {
        const queue = await createFifoQueue(context, { ContentBasedDeduplication: 'false' });
        return send(context, queue, 'b', { MessageGroupId: 'g' });
      },
    },
    'a deduplication id on a standard queue': {
      codes: INVALID_VALUE,
      page: sqsApi('SendMessage'),
      call: (context, queue) => send(context, queue, 'b', { MessageDeduplicationId: 'd' }),
    },
  }),
});
