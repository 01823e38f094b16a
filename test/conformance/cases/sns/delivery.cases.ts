import { PublishCommand } from '@aws-sdk/client-sns';
import { DeleteQueueCommand } from '@aws-sdk/client-sqs';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { check, same } from '../../fixtures/expectations.js';
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
