import { GetTopicAttributesCommand, PublishBatchCommand } from '@aws-sdk/client-sns';

import { caseGroup } from '../../conformance-case.js';
import { check, present, refusal, same, sameSet } from '../../fixtures/expectations.js';
import { snsApi, snsGuide } from '../../fixtures/pages.js';
import { bodies, createQueue, drain, receiveOne } from '../../fixtures/queues.js';
import {
  allowSns,
  createFifoTopic,
  createSubscribedFifoQueue,
  publish,
  subscribeQueue,
} from '../../fixtures/topics.js';

const ORDER = snsGuide('fifo-topic-message-ordering');
const DEDUPLICATION = snsGuide('fifo-message-dedup');

/** FIFO topics. */
export const snsFifoCases = caseGroup('sns.fifo', {
  'a FIFO publish without a group is refused': {
    page: snsApi('Publish'),
    run: async (context) => {
      const topicArn = await createFifoTopic(context);
      await refusal(publish(context, topicArn, { Message: 'm' }), 'InvalidParameter');
    },
  },
  'a FIFO publish without any deduplication id is refused': {
    page: snsApi('Publish'),
    run: async (context) => {
      const topicArn = await createFifoTopic(context, { ContentBasedDeduplication: 'false' });
      const call = publish(context, topicArn, { Message: 'm', MessageGroupId: 'g' });
      await refusal(call, 'InvalidParameter');
    },
  },
  'a FIFO publish answers a sequence number': {
    page: snsApi('Publish'),
    run: async (context) => {
      const topicArn = await createFifoTopic(context);
      const first = await publish(context, topicArn, { Message: '1', MessageGroupId: 'g' });
      const second = await publish(context, topicArn, { Message: '2', MessageGroupId: 'g' });
      const [a, b] = [first, second].map(({ SequenceNumber }) =>
        BigInt(present(SequenceNumber, 'SequenceNumber')),
      );
      check(a !== undefined && b !== undefined && a < b, `got ${String(a)} and ${String(b)}`);
    },
  },
  'a FIFO queue keeps the order of publishing': {
    page: ORDER,
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedFifoQueue(context);
      const sent = Array.from({ length: 10 }, (_, index) => `m${index}`);
      for (const Message of sent) await publish(context, topicArn, { Message, MessageGroupId: 'g' });
      same(bodies(await drain(context, queue, 10)), sent, 'bodies');
    },
  },
  'PublishBatch keeps its order': {
    page: ORDER,
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedFifoQueue(context);
      const PublishBatchRequestEntries = Array.from({ length: 10 }, (_, index) => ({
        Id: `e${index}`,
        Message: `m${index}`,
        MessageGroupId: 'g',
      }));
      await context.sns.send(new PublishBatchCommand({ TopicArn: topicArn, PublishBatchRequestEntries }));
      same(
        bodies(await drain(context, queue, 10)),
        PublishBatchRequestEntries.map(({ Message }) => Message),
        'bodies',
      );
    },
  },
  'group and deduplication id reach the queue': {
    page: snsGuide('fifo-message-grouping'),
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedFifoQueue(context);
      await publish(context, topicArn, { Message: 'm', MessageGroupId: 'g', MessageDeduplicationId: 'd' });
      const { Attributes } = await receiveOne(context, queue);
      same([Attributes?.MessageGroupId, Attributes?.MessageDeduplicationId], ['g', 'd'], 'attributes');
    },
  },
  'a repeated deduplication id is delivered once': {
    page: DEDUPLICATION,
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedFifoQueue(context);
      for (const Message of ['one', 'two']) {
        await publish(context, topicArn, { Message, MessageGroupId: 'g', MessageDeduplicationId: 'd' });
      }
      same(bodies(await drain(context, queue, 2)), ['one'], 'bodies');
    },
  },
  'equal messages are delivered once with content-based deduplication': {
    page: DEDUPLICATION,
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedFifoQueue(context);
      for (const Message of ['same', 'same', 'other']) {
        await publish(context, topicArn, { Message, MessageGroupId: 'g' });
      }
      same(bodies(await drain(context, queue, 3)), ['same', 'other'], 'bodies');
    },
  },
  'a standard queue can subscribe to a FIFO topic': {
    page: snsGuide('fifo-message-delivery'),
    run: async (context) => {
      const topicArn = await createFifoTopic(context);
      const queue = await createQueue(context);
      await allowSns(context, queue);
      await subscribeQueue(context, topicArn, [queue]);
      for (const Message of ['a', 'b']) await publish(context, topicArn, { Message, MessageGroupId: 'g' });
      sameSet(bodies(await drain(context, queue, 2)), ['a', 'b'], 'bodies');
    },
  },
  'the envelope of a FIFO topic carries the sequence number': {
    page: snsGuide('sns-message-and-json-formats'),
    run: async (context) => {
      const topicArn = await createFifoTopic(context);
      const queue = await createQueue(context);
      await allowSns(context, queue);
      await subscribeQueue(context, topicArn, [queue, { RawMessageDelivery: 'false' }]);
      const { SequenceNumber } = await publish(context, topicArn, { Message: 'm', MessageGroupId: 'g' });
      const envelope = JSON.parse((await receiveOne(context, queue)).Body ?? 'null') as {
        SequenceNumber?: string;
      };
      same(envelope.SequenceNumber, present(SequenceNumber, 'SequenceNumber'), 'SequenceNumber');
    },
  },
  'FifoThroughputScope MessageGroup keeps the ids of groups apart': {
    page: snsGuide('fifo-high-throughput'),
    run: async (context) => {
      const { topicArn } = await createSubscribedFifoQueue(context, { FifoThroughputScope: 'MessageGroup' });
      const queue = await createQueue(context);
      await allowSns(context, queue);
      await subscribeQueue(context, topicArn, [queue]);
      for (const MessageGroupId of ['g', 'h']) {
        await publish(context, topicArn, {
          Message: MessageGroupId,
          MessageGroupId,
          MessageDeduplicationId: 'd',
        });
      }
      sameSet(bodies(await drain(context, queue, 2)), ['g', 'h'], 'bodies');
    },
  },
  'FifoThroughputScope Topic holds an id for every group': {
    page: snsGuide('fifo-high-throughput'),
    run: async (context) => {
      const topicArn = await createFifoTopic(context, { FifoThroughputScope: 'Topic' });
      const queue = await createQueue(context);
      await allowSns(context, queue);
      await subscribeQueue(context, topicArn, [queue]);
      for (const MessageGroupId of ['g', 'h']) {
        await publish(context, topicArn, {
          Message: MessageGroupId,
          MessageGroupId,
          MessageDeduplicationId: 'd',
        });
      }
      same(bodies(await drain(context, queue, 2)), ['g'], 'bodies');
    },
  },
  'ContentBasedDeduplication can be seen': {
    page: snsApi('GetTopicAttributes'),
    run: async (context) => {
      const TopicArn = await createFifoTopic(context, { ContentBasedDeduplication: 'false' });
      const { Attributes } = await context.sns.send(new GetTopicAttributesCommand({ TopicArn }));
      same(Attributes?.ContentBasedDeduplication, 'false', 'ContentBasedDeduplication');
    },
  },
  'an id is forgotten after five minutes': {
    page: DEDUPLICATION,
    needs: ['clock'],
    run: async (context) => {
      const topicArn = await createFifoTopic(context);
      const more = { Message: 'm', MessageGroupId: 'g', MessageDeduplicationId: 'd' };
      const queue = await createQueue(context);
      await allowSns(context, queue);
      await subscribeQueue(context, topicArn, [queue]);
      await publish(context, topicArn, more);
      await context.advance(301_000);
      await publish(context, topicArn, more);
      await context.advance(1_000);
      const got = [
        await receiveOne(context, queue, { WaitTimeSeconds: 0 }),
        await receiveOne(context, queue, { WaitTimeSeconds: 0 }),
      ];
      same(bodies(got), ['m', 'm'], 'bodies');
    },
  },
});
