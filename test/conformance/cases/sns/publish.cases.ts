import { PublishBatchCommand, type PublishBatchRequestEntry } from '@aws-sdk/client-sns';

import { caseGroup, type CaseContext, type CaseDeclaration } from '../../conformance-case.js';
import { check, isCode, present, refusal, same, sameSet } from '../../fixtures/expectations.js';
import { snsApi, snsGuide } from '../../fixtures/pages.js';
import { drain } from '../../fixtures/queues.js';
import { createSubscribedQueue, createTopic, messageAttributes, publish } from '../../fixtures/topics.js';

const KIB = 1_024;

const refusedMessages: Readonly<
  Record<string, { readonly Message: string; readonly [more: string]: unknown }>
> = {
  'an empty message': { Message: '' },
  'a message over 256 KiB': { Message: 'x'.repeat(256 * KIB + 1) },
  'a message that attributes push over 256 KiB': {
    Message: 'x'.repeat(256 * KIB - 2),
    MessageAttributes: messageAttributes({ a: 'x' }),
  },
  'a subject of 101 characters': { Message: 'm', Subject: 's'.repeat(101) },
  'a subject with a line end': { Message: 'm', Subject: 'a\nb' },
  'MessageStructure json without default': { Message: '{"sqs":"x"}', MessageStructure: 'json' },
  'MessageStructure json that is not JSON': { Message: 'plain', MessageStructure: 'json' },
  'an unknown MessageStructure': { Message: 'm', MessageStructure: 'xml' },
  'a deduplication id on a standard topic': { Message: 'm', MessageDeduplicationId: 'd' },
};

const refusedAttributes: Readonly<
  Record<string, Record<string, { DataType: string; StringValue?: string }>>
> = {
  'an attribute of an unknown type': { a: { DataType: 'Date', StringValue: 'x' } },
  'an attribute with an empty value': { a: { DataType: 'String', StringValue: '' } },
  'a Number attribute that is no number': { a: { DataType: 'Number', StringValue: 'wheel' } },
};

const refusedPublish = (more: { readonly Message: string }, page: string): CaseDeclaration => ({
  page,
  run: async (context) => {
    const topicArn = await createTopic(context);
    await refusal(
      publish(context, topicArn, more),
      'InvalidParameter',
      'InvalidParameterValue',
      'ValidationError',
    );
  },
});

/** Messages that cannot be published. */
export const publishRefusalCases = caseGroup('sns.publish-refusal', {
  ...Object.fromEntries(
    Object.entries(refusedMessages).map(([title, message]) => [
      `${title}: InvalidParameter`,
      refusedPublish(message, snsApi('Publish')),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(refusedAttributes).map(([title, MessageAttributes]) => [
      `${title}: InvalidParameter`,
      refusedPublish({ Message: 'm', ...{ MessageAttributes } }, snsGuide('sns-message-attributes')),
    ]),
  ),
});

const publishBatch = async (
  context: CaseContext,
  entries: PublishBatchRequestEntry[],
): Promise<{
  readonly successful: readonly string[];
  readonly failed: readonly (readonly [string, string | undefined])[];
}> => {
  const TopicArn = await createTopic(context);
  const { Successful, Failed } = await context.sns.send(
    new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries }),
  );
  return {
    successful: (Successful ?? []).map((entry) => entry.Id ?? ''),
    failed: (Failed ?? []).map((entry) => [entry.Id ?? '', entry.Code]),
  };
};

const batchEntries = (count: number): PublishBatchRequestEntry[] =>
  Array.from({ length: count }, (_, index) => ({ Id: `e${index}`, Message: `m${index}` }));

const BATCH = snsApi('PublishBatch');

/** Publishing several messages in one call. */
export const publishBatchCases = caseGroup('sns.batch', {
  'PublishBatch answers each entry': {
    page: BATCH,
    run: async (context) => {
      const { successful, failed } = await publishBatch(context, batchEntries(10));
      sameSet(
        successful,
        batchEntries(10).map((entry) => entry.Id ?? ''),
        'successful',
      );
      same(failed, [], 'failed');
    },
  },
  'PublishBatch delivers each entry with its attributes': {
    page: BATCH,
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedQueue(context);
      const entries = batchEntries(3).map((entry) => ({
        ...entry,
        MessageAttributes: messageAttributes({ of: entry.Message ?? '' }),
      }));
      await context.sns.send(
        new PublishBatchCommand({ TopicArn: topicArn, PublishBatchRequestEntries: entries }),
      );
      const got = await drain(context, queue, 3);
      sameSet(
        got.map((message) => `${message.Body ?? ''} ${message.MessageAttributes?.of?.StringValue ?? ''}`),
        ['m0 m0', 'm1 m1', 'm2 m2'],
        'messages',
      );
    },
  },
  'PublishBatch fails only the entry that is wrong': {
    page: BATCH,
    run: async (context) => {
      const { successful, failed } = await publishBatch(context, [
        { Id: 'good', Message: 'm' },
        { Id: 'bad', Message: 'not json', MessageStructure: 'json' },
      ]);
      same([successful, failed.map(([id]) => id)], [['good'], ['bad']], 'ids');
      const [, code] = present(failed[0], 'the failed entry');
      check(isCode(code, 'InvalidParameter'), `Code is ${code ?? 'missing'}`);
    },
  },
  'an empty PublishBatch is refused': {
    page: BATCH,
    run: async (context) =>
      await refusal(publishBatch(context, []), 'EmptyBatchRequest', 'InvalidParameter', 'ValidationError'),
  },
  'eleven entries are refused': {
    page: BATCH,
    run: async (context) =>
      await refusal(publishBatch(context, batchEntries(11)), 'TooManyEntriesInBatchRequest'),
  },
  'equal entry ids are refused': {
    page: BATCH,
    run: async (context) => {
      const entries = [
        { Id: 'a', Message: '1' },
        { Id: 'a', Message: '2' },
      ];
      await refusal(publishBatch(context, entries), 'BatchEntryIdsNotDistinct');
    },
  },
  'an entry id with a space is refused': {
    page: BATCH,
    run: async (context) =>
      await refusal(publishBatch(context, [{ Id: 'a b', Message: 'm' }]), 'InvalidBatchEntryId'),
  },
  'a batch over 256 KiB in sum is refused': {
    page: BATCH,
    run: async (context) => {
      const half = { Message: 'x'.repeat(128 * KIB + 1) };
      await refusal(
        publishBatch(context, [
          { Id: 'a', ...half },
          { Id: 'b', ...half },
        ]),
        'BatchRequestTooLong',
      );
    },
  },
  'PublishBatch to an unknown topic is refused': {
    page: BATCH,
    run: async (context) => {
      const TopicArn = `${await createTopic(context)}-absent`;
      const call = new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: batchEntries(1) });
      await refusal(context.sns.send(call), 'NotFound');
    },
  },
});
