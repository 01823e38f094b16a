import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';

import { caseGroup } from '../../conformance-case.js';
import { check, refusal, same, sameSet } from '../../fixtures/expectations.js';
import { sqsApi, sqsGuide } from '../../fixtures/pages.js';
import {
  attributeOf,
  bodies,
  createFifoQueue,
  drain,
  queueAttributes,
  receive,
  receiveOne,
  remove,
  send,
  sendAll,
  sendToGroup,
} from '../../fixtures/queues.js';

const DEDUPLICATION = sqsGuide('using-messagededuplicationid-property');
const FIVE_MINUTES_MS = 300_000;

/** What FIFO queues take for the same message. */
export const fifoDeduplicationCases = caseGroup('sqs.fifo-dedup', {
  'a second send with the same id delivers nothing and answers the first MessageId': {
    page: DEDUPLICATION,
    run: async (context) => {
      const queue = await createFifoQueue(context);
      const first = await sendToGroup(context, queue, ['g', 'one', 'd']);
      const second = await sendToGroup(context, queue, ['g', 'two', 'd']);
      same(second.MessageId, first.MessageId, 'MessageId');
      same(bodies(await drain(context, queue, 2)), ['one'], 'bodies');
    },
  },
  'a second send with the same id answers the first sequence number': {
    page: DEDUPLICATION,
    run: async (context) => {
      const queue = await createFifoQueue(context);
      const first = await sendToGroup(context, queue, ['g', 'one', 'd']);
      const second = await sendToGroup(context, queue, ['g', 'one', 'd']);
      same(second.SequenceNumber, first.SequenceNumber, 'SequenceNumber');
    },
  },
  'equal bodies are one message with content-based deduplication': {
    page: DEDUPLICATION,
    run: async (context) => {
      const queue = await createFifoQueue(context);
      await sendAll(context, queue, [
        ['g', 'same'],
        ['g', 'same'],
        ['g', 'other'],
      ]);
      same(bodies(await drain(context, queue, 3)), ['same', 'other'], 'bodies');
    },
  },
  'content-based deduplication ignores attributes': {
    page: DEDUPLICATION,
    run: async (context) => {
      const queue = await createFifoQueue(context);
      for (const StringValue of ['x', 'y']) {
        await send(context, queue, 'same', {
          MessageGroupId: 'g',
          MessageAttributes: { a: { DataType: 'String', StringValue } },
        });
      }
      same((await drain(context, queue, 2)).length, 1, 'messages');
    },
  },
  'an explicit id overrides content-based deduplication': {
    page: DEDUPLICATION,
    run: async (context) => {
      const queue = await createFifoQueue(context);
      await sendAll(context, queue, [
        ['g', 'same', 'd1'],
        ['g', 'same', 'd2'],
      ]);
      same(bodies(await drain(context, queue, 2)), ['same', 'same'], 'bodies');
    },
  },
  'content-based deduplication gives the SHA-256 of the body as id': {
    page: sqsApi('SendMessage'),
    run: async (context) => {
      const queue = await createFifoQueue(context);
      await sendToGroup(context, queue, ['g', 'hello']);
      const sha256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
      same(attributeOf(await receiveOne(context, queue), 'MessageDeduplicationId'), sha256, 'id');
    },
  },
  'the id of a deleted message is remembered': {
    page: DEDUPLICATION,
    run: async (context) => {
      const queue = await createFifoQueue(context);
      await sendToGroup(context, queue, ['g', 'one', 'd']);
      await remove(context, queue, await receiveOne(context, queue));
      await sendToGroup(context, queue, ['g', 'one', 'd']);
      same(bodies(await receive(context, queue)), [], 'bodies');
    },
  },
  'the scope is the queue by default: another group does not help': {
    page: sqsGuide('high-throughput-fifo'),
    run: async (context) => {
      const queue = await createFifoQueue(context);
      await sendAll(context, queue, [
        ['g', 'one', 'd'],
        ['h', 'two', 'd'],
      ]);
      same(bodies(await drain(context, queue, 2)), ['one'], 'bodies');
    },
  },
  'DeduplicationScope messageGroup keeps groups apart': {
    page: sqsGuide('high-throughput-fifo'),
    run: async (context) => {
      const queue = await createFifoQueue(context, { DeduplicationScope: 'messageGroup' });
      await sendAll(context, queue, [
        ['g', 'one', 'd'],
        ['h', 'two', 'd'],
        ['g', 'three', 'd'],
      ]);
      sameSet(bodies(await drain(context, queue, 3)), ['one', 'two'], 'bodies');
    },
  },
  'high throughput wants DeduplicationScope messageGroup': {
    page: sqsApi('CreateQueue'),
    run: async (context) => {
      const create = createFifoQueue(context, {
        FifoThroughputLimit: 'perMessageGroupId',
        DeduplicationScope: 'queue',
      });
      await refusal(create, 'InvalidParameterValue', 'InvalidAttributeValue', 'InvalidParameterCombination');
    },
  },
  'high throughput attributes come back': {
    page: sqsApi('CreateQueue'),
    run: async (context) => {
      const queue = await createFifoQueue(context, {
        FifoThroughputLimit: 'perMessageGroupId',
        DeduplicationScope: 'messageGroup',
      });
      const found = await queueAttributes(context, queue.url);
      same(
        [found.FifoThroughputLimit, found.DeduplicationScope],
        ['perMessageGroupId', 'messageGroup'],
        'attributes',
      );
    },
  },
  'entries of one batch are deduplicated': {
    page: sqsApi('SendMessageBatch'),
    run: async (context) => {
      const queue = await createFifoQueue(context);
      const entry = { MessageGroupId: 'g', MessageDeduplicationId: 'd' };
      const Entries = [
        { Id: 'a', MessageBody: '1', ...entry },
        { Id: 'b', MessageBody: '2', ...entry },
      ];
      const { Successful = [] } = await context.sqs.send(
        new SendMessageBatchCommand({ QueueUrl: queue.url, Entries }),
      );
      same(Successful.length, 2, 'successful');
      same(bodies(await drain(context, queue, 2)), ['1'], 'bodies');
    },
  },
  'an id is forgotten after five minutes': {
    page: DEDUPLICATION,
    needs: ['clock'],
    run: async (context) => {
      const queue = await createFifoQueue(context, { VisibilityTimeout: '0' });
      const first = await sendToGroup(context, queue, ['g', 'one', 'd']);
      await context.advance(FIVE_MINUTES_MS - 1_000);
      same((await sendToGroup(context, queue, ['g', 'one', 'd'])).MessageId, first.MessageId, 'at 299 s');
      await context.advance(2_000);
      const later = await sendToGroup(context, queue, ['g', 'one', 'd']);
      check(later.MessageId !== first.MessageId, 'still deduplicated after 301 s');
    },
  },
  'a repeated send does not extend the five minutes': {
    page: DEDUPLICATION,
    needs: ['clock'],
    run: async (context) => {
      const queue = await createFifoQueue(context);
      const first = await sendToGroup(context, queue, ['g', 'one', 'd']);
      await context.advance(200_000);
      await sendToGroup(context, queue, ['g', 'one', 'd']);
      await context.advance(101_000);
      const later = await sendToGroup(context, queue, ['g', 'one', 'd']);
      check(later.MessageId !== first.MessageId, 'the repeat extended the window');
    },
  },
});
