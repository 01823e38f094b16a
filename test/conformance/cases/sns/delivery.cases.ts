import { PublishBatchCommand, PublishCommand, type PublishBatchRequestEntry } from '@aws-sdk/client-sns';
import { DeleteQueueCommand } from '@aws-sdk/client-sqs';

import { caseGroup, type CaseContext, type CaseDeclaration } from '../../conformance-case.js';
import { check, isCode, present, refusal, same, sameSet } from '../../fixtures/expectations.js';
import { snsApi, snsGuide } from '../../fixtures/pages.js';
import { bodies, createQueue, drain, receive, receiveOne, type TestQueue } from '../../fixtures/queues.js';
import {
  allowSns,
  createSubscribedQueue,
  createTopic,
  messageAttributes,
  publish,
  subscribeQueue,
} from '../../fixtures/topics.js';

const KIB = 1_024;
const ENVELOPE = { RawMessageDelivery: 'false' } as const;

type Envelope = Readonly<Record<string, unknown>>;

const envelopeOf = async (context: CaseContext, queue: TestQueue): Promise<Envelope> =>
  JSON.parse((await receiveOne(context, queue)).Body ?? 'null') as Envelope;

const manyAttributes = (count: number): ReturnType<typeof messageAttributes> =>
  messageAttributes(Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, 'x'])));

/** What arrives in a subscribed queue. */
export const deliveryCases = caseGroup('sns.delivery', {
  'raw delivery gives the message alone': {
    page: snsGuide('sns-large-payload-raw-message-delivery'),
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedQueue(context);
      await publish(context, topicArn, { Message: 'plain text', Subject: 'dropped' });
      same((await receiveOne(context, queue)).Body, 'plain text', 'Body');
    },
  },
  'raw delivery gives attributes as message attributes': {
    page: snsGuide('sns-large-payload-raw-message-delivery'),
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedQueue(context);
      const MessageAttributes = messageAttributes({ kind: 'push', count: 3 });
      await publish(context, topicArn, { Message: 'm', MessageAttributes });
      const { MessageAttributes: got } = await receiveOne(context, queue);
      same([got?.kind?.DataType, got?.kind?.StringValue], ['String', 'push'], 'kind');
      same([got?.count?.DataType, got?.count?.StringValue], ['Number', '3'], 'count');
    },
  },
  'raw delivery gives Binary attributes as bytes': {
    page: snsGuide('sns-message-attributes'),
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedQueue(context);
      const MessageAttributes = { b: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255, 7]) } };
      await publish(context, topicArn, { Message: 'm', MessageAttributes });
      const value = (await receiveOne(context, queue)).MessageAttributes?.b?.BinaryValue;
      same([...(value ?? [])], [0, 255, 7], 'bytes');
    },
  },
  'raw delivery discards a message with eleven attributes': {
    page: snsGuide('sns-large-payload-raw-message-delivery'),
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedQueue(context);
      await publish(context, topicArn, { Message: 'eleven', MessageAttributes: manyAttributes(11) });
      await publish(context, topicArn, { Message: 'ten', MessageAttributes: manyAttributes(10) });
      same(bodies(await drain(context, queue, 2)), ['ten'], 'messages');
    },
  },
  'the envelope takes eleven attributes': {
    page: snsGuide('sns-message-attributes'),
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedQueue(context, ENVELOPE);
      await publish(context, topicArn, { Message: 'eleven', MessageAttributes: manyAttributes(11) });
      const { MessageAttributes } = await envelopeOf(context, queue);
      same(Object.keys(MessageAttributes as object).length, 11, 'attributes');
    },
  },
  'the envelope has the documented members': {
    page: snsGuide('sns-message-and-json-formats'),
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedQueue(context, ENVELOPE);
      const { MessageId } = await publish(context, topicArn, { Message: 'm', Subject: 'about' });
      const got = await envelopeOf(context, queue);
      same(
        [got.Type, got.TopicArn, got.Message, got.Subject],
        ['Notification', topicArn, 'm', 'about'],
        'members',
      );
      same(got.MessageId, MessageId, 'MessageId');
      const missing = [
        'Timestamp',
        'SignatureVersion',
        'Signature',
        'SigningCertURL',
        'UnsubscribeURL',
      ].filter((name) => typeof got[name] !== 'string');
      same(missing, [], 'members that are missing');
    },
  },
  'the envelope has no Subject when none was given': {
    page: snsGuide('sns-message-and-json-formats'),
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedQueue(context, ENVELOPE);
      await publish(context, topicArn, { Message: 'm' });
      check(!('Subject' in (await envelopeOf(context, queue))), 'there is a Subject');
    },
  },
  'the envelope gives attributes as Type and Value': {
    page: snsGuide('sns-message-attributes'),
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedQueue(context, ENVELOPE);
      const MessageAttributes = messageAttributes({ kind: 'push' });
      await publish(context, topicArn, { Message: 'm', MessageAttributes });
      const got = await envelopeOf(context, queue);
      same(got.MessageAttributes, { kind: { Type: 'String', Value: 'push' } }, 'MessageAttributes');
    },
  },
  'the signature version is 1 by default and 2 when the topic says so': {
    page: snsGuide('sns-verify-signature-of-message-configure-message-signature'),
    run: async (context) => {
      for (const version of [undefined, '2']) {
        const topicArn = await createTopic(
          context,
          version === undefined ? {} : { SignatureVersion: version },
        );
        const queue = await createQueue(context);
        await allowSns(context, queue);
        await subscribeQueue(context, topicArn, [queue, ENVELOPE]);
        await publish(context, topicArn, { Message: 'm' });
        same((await envelopeOf(context, queue)).SignatureVersion, version ?? '1', 'SignatureVersion');
      }
    },
  },
  'every subscriber gets the message': {
    page: snsGuide('welcome'),
    run: async (context) => {
      const topicArn = await createTopic(context);
      const queues = [await createQueue(context), await createQueue(context), await createQueue(context)];
      for (const queue of queues) {
        await allowSns(context, queue);
        await subscribeQueue(context, topicArn, [queue]);
      }
      await publish(context, topicArn, { Message: 'm' });
      const got = await Promise.all(queues.map(async (queue) => (await receiveOne(context, queue)).Body));
      same(got, ['m', 'm', 'm'], 'bodies');
    },
  },
  'MessageStructure json gives each protocol its text': {
    page: snsApi('Publish'),
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedQueue(context);
      const Message = JSON.stringify({ default: 'for all', sqs: 'for queues' });
      await publish(context, topicArn, { Message, MessageStructure: 'json' });
      same((await receiveOne(context, queue)).Body, 'for queues', 'Body');
    },
  },
  'MessageStructure json falls back to default': {
    page: snsApi('Publish'),
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedQueue(context);
      const Message = JSON.stringify({ default: 'for all', email: 'for people' });
      await publish(context, topicArn, { Message, MessageStructure: 'json' });
      same((await receiveOne(context, queue)).Body, 'for all', 'Body');
    },
  },
  'TargetArn addresses a topic': {
    page: snsApi('Publish'),
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedQueue(context);
      await context.sns.send(new PublishCommand({ TargetArn: topicArn, Message: 'm' }));
      same((await receiveOne(context, queue)).Body, 'm', 'Body');
    },
  },
  'MessageGroupId reaches a standard queue': {
    page: snsApi('Publish'),
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedQueue(context);
      await publish(context, topicArn, { Message: 'm', MessageGroupId: 'tenant-7' });
      same((await receiveOne(context, queue)).Attributes?.MessageGroupId, 'tenant-7', 'MessageGroupId');
    },
  },
  'a queue whose policy does not allow SNS gets nothing': {
    page: snsGuide('subscribe-sqs-queue-to-sns-topic'),
    run: async (context) => {
      const topicArn = await createTopic(context);
      const queue = await createQueue(context);
      await subscribeQueue(context, topicArn, [queue]);
      await publish(context, topicArn, { Message: 'm' });
      same(bodies(await receive(context, queue)), [], 'messages');
    },
  },
  'a message for a deleted queue goes to the dead-letter queue of the subscription': {
    page: snsGuide('sns-dead-letter-queues'),
    run: async (context) => {
      const dlq = await createQueue(context);
      await allowSns(context, dlq);
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dlq.arn });
      const { topicArn, queue } = await createSubscribedQueue(context, { RedrivePolicy });
      await context.sqs.send(new DeleteQueueCommand({ QueueUrl: queue.url }));
      await publish(context, topicArn, { Message: 'undeliverable' });
      same((await receiveOne(context, dlq, { WaitTimeSeconds: 5 })).Body, 'undeliverable', 'Body');
    },
  },
  'a message that a queue policy denies goes to the dead-letter queue of the subscription': {
    page: snsGuide('sns-dead-letter-queues'),
    run: async (context) => {
      const topicArn = await createTopic(context);
      const [queue, dlq] = [await createQueue(context), await createQueue(context)];
      await allowSns(context, dlq);
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dlq.arn });
      await subscribeQueue(context, topicArn, [queue, { RedrivePolicy }]);
      await publish(context, topicArn, { Message: 'denied' });
      same((await receiveOne(context, dlq, { WaitTimeSeconds: 5 })).Body, 'denied', 'Body');
    },
  },
  'a message of 256 KiB is delivered': {
    page: snsGuide('large-message-payloads'),
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedQueue(context);
      await publish(context, topicArn, { Message: 'x'.repeat(256 * KIB) });
      same((await receiveOne(context, queue)).Body?.length, 256 * KIB, 'length');
    },
  },
  'a topic with MaximumMessageSize 1 MiB takes 300 KiB': {
    page: snsGuide('large-message-payloads'),
    run: async (context) => {
      const topicArn = await createTopic(context, { MaximumMessageSize: '1048576' });
      const queue = await createQueue(context);
      await allowSns(context, queue);
      await subscribeQueue(context, topicArn, [queue]);
      await publish(context, topicArn, { Message: 'x'.repeat(300 * KIB) });
      same((await receiveOne(context, queue)).Body?.length, 300 * KIB, 'length');
    },
  },
});

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
