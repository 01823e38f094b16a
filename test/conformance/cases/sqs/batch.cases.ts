import {
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
  type SendMessageBatchCommandOutput,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { check, isCode, refusal, same, sameSet } from '../../fixtures/expectations.js';
import { sqsApi, sqsGuide } from '../../fixtures/pages.js';
import {
  attributesMd5,
  bodies,
  createQueue,
  drain,
  md5,
  receive,
  receiveOne,
  send,
} from '../../fixtures/queues.js';

const entriesOf = (count: number): SendMessageBatchRequestEntry[] =>
  Array.from({ length: count }, (_, index) => ({ Id: `e${index}`, MessageBody: `body ${index}` }));

const sendBatch = async (
  context: CaseContext,
  Entries: SendMessageBatchRequestEntry[],
): Promise<SendMessageBatchCommandOutput> => {
  const { url: QueueUrl } = await createQueue(context);
  return context.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
};

const SEND_BATCH = sqsApi('SendMessageBatch');

/** The batch operations: what they answer entry by entry, and what refuses the whole call. */
export const batchCases = caseGroup('sqs.batch', {
  'SendMessageBatch answers each entry': {
    page: SEND_BATCH,
    run: async (context) => {
      const { Successful = [], Failed = [] } = await sendBatch(context, entriesOf(10));
      same(Failed.length, 0, 'failed');
      sameSet(
        Successful.map((entry) => entry.Id ?? ''),
        entriesOf(10).map((entry) => entry.Id ?? ''),
        'ids',
      );
      const third = Successful.find((entry) => entry.Id === 'e3');
      same(third?.MD5OfMessageBody, md5('body 3'), 'MD5OfMessageBody');
    },
  },
  'SendMessageBatch delivers every entry': {
    page: SEND_BATCH,
    run: async (context) => {
      const queue = await createQueue(context);
      await context.sqs.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries: entriesOf(10) }));
      const got = await drain(context, queue, 10);
      sameSet(
        bodies(got),
        entriesOf(10).map((entry) => entry.MessageBody ?? ''),
        'bodies',
      );
    },
  },
  'SendMessageBatch answers the MD5 of attributes': {
    page: SEND_BATCH,
    run: async (context) => {
      const MessageAttributes = { kind: { DataType: 'String', StringValue: 'push' } };
      const { Successful } = await sendBatch(context, [{ Id: 'a', MessageBody: 'b', MessageAttributes }]);
      same(Successful?.[0]?.MD5OfMessageAttributes, attributesMd5(MessageAttributes), 'MD5');
    },
  },
  'SendMessageBatch fails only the entry with a bad delay': {
    page: SEND_BATCH,
    run: async (context) => {
      const { Successful, Failed } = await sendBatch(context, [
        { Id: 'good', MessageBody: 'b' },
        { Id: 'bad', MessageBody: 'b', DelaySeconds: 901 },
      ]);
      same([Successful?.[0]?.Id, Failed?.[0]?.Id], ['good', 'bad'], 'ids');
      check(isCode(Failed?.[0]?.Code, 'InvalidParameterValue'), `Code is ${Failed?.[0]?.Code ?? 'missing'}`);
      same(Failed?.[0]?.SenderFault, true, 'SenderFault');
    },
  },
  'SendMessageBatch fails only the entry with characters that are not allowed': {
    page: SEND_BATCH,
    run: async (context) => {
      const { Successful, Failed } = await sendBatch(context, [
        { Id: 'good', MessageBody: 'b' },
        { Id: 'bad', MessageBody: 'nul \u0000 inside' },
      ]);
      same([Successful?.[0]?.Id, Failed?.[0]?.Id], ['good', 'bad'], 'ids');
      same(Failed?.[0]?.SenderFault, true, 'SenderFault');
    },
  },
  'SendMessageBatch keeps the delay of each entry': {
    page: SEND_BATCH,
    run: async (context) => {
      const queue = await createQueue(context);
      const Entries = [
        { Id: 'now', MessageBody: 'now' },
        { Id: 'later', MessageBody: 'later', DelaySeconds: 60 },
      ];
      await context.sqs.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries }));
      same(bodies(await receive(context, queue)), ['now'], 'bodies');
    },
  },
  'an empty batch is refused': {
    page: SEND_BATCH,
    run: (context) => refusal(sendBatch(context, []), 'EmptyBatchRequest'),
  },
  'eleven entries are refused': {
    page: SEND_BATCH,
    run: (context) => refusal(sendBatch(context, entriesOf(11)), 'TooManyEntriesInBatchRequest'),
  },
  'equal entry ids are refused': {
    page: SEND_BATCH,
    run: async (context) => {
      const [entry] = entriesOf(1);
      await refusal(
        sendBatch(context, [
          { ...entry, Id: 'a', MessageBody: 'x' },
          { Id: 'a', MessageBody: 'y' },
        ]),
        'BatchEntryIdsNotDistinct',
      );
    },
  },
  'an entry id with a space is refused': {
    page: SEND_BATCH,
    run: async (context) => {
      await refusal(sendBatch(context, [{ Id: 'a b', MessageBody: 'x' }]), 'InvalidBatchEntryId');
    },
  },
  'an entry id of 81 characters is refused': {
    page: sqsGuide('quotas-messages'),
    run: async (context) => {
      await refusal(sendBatch(context, [{ Id: 'a'.repeat(81), MessageBody: 'x' }]), 'InvalidBatchEntryId');
    },
  },
  'an entry id of 80 characters is taken': {
    page: sqsGuide('quotas-messages'),
    run: async (context) => {
      const { Successful } = await sendBatch(context, [{ Id: 'a'.repeat(80), MessageBody: 'x' }]);
      same(Successful?.length, 1, 'successful');
    },
  },
  'a batch over 1 MiB in sum is refused': {
    page: SEND_BATCH,
    run: async (context) => {
      const half = { MessageBody: 'x'.repeat(524_289) };
      await refusal(
        sendBatch(context, [
          { Id: 'a', ...half },
          { Id: 'b', ...half },
        ]),
        'BatchRequestTooLong',
      );
    },
  },
  'a batch of exactly 1 MiB is taken': {
    page: sqsGuide('quotas-messages'),
    run: async (context) => {
      const half = { MessageBody: 'x'.repeat(524_288) };
      const { Successful } = await sendBatch(context, [
        { Id: 'a', ...half },
        { Id: 'b', ...half },
      ]);
      same(Successful?.length, 2, 'successful');
    },
  },
  'attributes count towards the size of a batch': {
    page: sqsGuide('quotas-messages'),
    run: async (context) => {
      const half = { MessageBody: 'x'.repeat(524_288) };
      const MessageAttributes = { a: { DataType: 'String', StringValue: 'x' } };
      const entries = [
        { Id: 'a', ...half },
        { Id: 'b', ...half, MessageAttributes },
      ];
      await refusal(sendBatch(context, entries), 'BatchRequestTooLong');
    },
  },
  'DeleteMessageBatch deletes and fails entry by entry': {
    page: sqsApi('DeleteMessageBatch'),
    run: async (context) => {
      const queue = await createQueue(context, { VisibilityTimeout: '1' });
      await send(context, queue, 'b');
      const { ReceiptHandle } = await receiveOne(context, queue);
      const Entries = [
        { Id: 'good', ReceiptHandle },
        { Id: 'bad', ReceiptHandle: 'bogus' },
      ];
      const { Successful, Failed } = await context.sqs.send(
        new DeleteMessageBatchCommand({ QueueUrl: queue.url, Entries }),
      );
      same(
        [Successful?.map((entry) => entry.Id), Failed?.map((entry) => entry.Id)],
        [['good'], ['bad']],
        'ids',
      );
      check(isCode(Failed?.[0]?.Code, 'ReceiptHandleIsInvalid'), `Code is ${Failed?.[0]?.Code ?? 'missing'}`);
    },
  },
  'DeleteMessageBatch with equal ids is refused': {
    page: sqsApi('DeleteMessageBatch'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'b');
      const { ReceiptHandle } = await receiveOne(context, queue);
      const Entries = [
        { Id: 'a', ReceiptHandle },
        { Id: 'a', ReceiptHandle },
      ];
      const call = context.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queue.url, Entries }));
      await refusal(call, 'BatchEntryIdsNotDistinct');
    },
  },
  'an empty DeleteMessageBatch is refused': {
    page: sqsApi('DeleteMessageBatch'),
    run: async (context) => {
      const { url: QueueUrl } = await createQueue(context);
      const call = context.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: [] }));
      await refusal(call, 'EmptyBatchRequest');
    },
  },
  'eleven DeleteMessageBatch entries are refused': {
    page: sqsApi('DeleteMessageBatch'),
    run: async (context) => {
      const { url: QueueUrl } = await createQueue(context);
      const Entries = Array.from({ length: 11 }, (_, index) => ({ Id: `e${index}`, ReceiptHandle: 'bogus' }));
      const call = context.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      await refusal(call, 'TooManyEntriesInBatchRequest');
    },
  },
});
