import { SendMessageBatchCommand, type Message } from '@aws-sdk/client-sqs';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { check, eventually, pause, present, refusal, same, sameSet } from '../../fixtures/expectations.js';
import { sqsApi, sqsGuide } from '../../fixtures/pages.js';
import {
  bodies,
  createFifoQueue,
  createQueueWithDlq,
  drain,
  queueAttributes,
  receive,
  receiveOne,
  remove,
  send,
  sendToGroup,
} from '../../fixtures/queues.js';

const ORDER = sqsGuide('FIFO-queues-understanding-logic');
const DEDUPLICATION = sqsGuide('using-messagededuplicationid-property');
const FIVE_MINUTES_MS = 300_000;

const attributeOf = (
  message: Message,
  name: 'MessageGroupId' | 'MessageDeduplicationId' | 'SequenceNumber',
): string => present(message.Attributes?.[name], name);

const sendAll = async (
  context: CaseContext,
  queue: Awaited<ReturnType<typeof createFifoQueue>>,
  messages: readonly (readonly [group: string, body: string, deduplication?: string])[],
): Promise<void> => {
  for (const message of messages) await sendToGroup(context, queue, message);
};

/** Order, group locks and sequence numbers of FIFO queues. */
export const fifoOrderCases = caseGroup('sqs.fifo-order', {
  'keeps the order of a group': {
    page: ORDER,
    run: async (context) => {
      const queue = await createFifoQueue(context);
      const sent = Array.from({ length: 12 }, (_, index) => `m${index}`);
      await sendAll(
        context,
        queue,
        sent.map((body) => ['g', body] as const),
      );
      same(bodies(await drain(context, queue, 12)), sent, 'bodies');
    },
  },
  'keeps the order of each of several groups': {
    page: ORDER,
    run: async (context) => {
      const queue = await createFifoQueue(context);
      await sendAll(
        context,
        queue,
        ['a1', 'b1', 'a2', 'c1', 'b2', 'a3'].map((body) => [body.slice(0, 1), body] as const),
      );
      const got = await drain(context, queue, 6);
      const ofGroup = (group: string): readonly string[] =>
        bodies(got).filter((body) => body.startsWith(group));
      same([ofGroup('a'), ofGroup('b'), ofGroup('c')], [['a1', 'a2', 'a3'], ['b1', 'b2'], ['c1']], 'groups');
    },
  },
  'one receive gives several messages of one group': {
    page: ORDER,
    run: async (context) => {
      const queue = await createFifoQueue(context);
      await sendAll(context, queue, [
        ['g', '1'],
        ['g', '2'],
        ['g', '3'],
      ]);
      same(bodies(await receive(context, queue)), ['1', '2', '3'], 'bodies');
    },
  },
  'a group with a message in flight gives no other': {
    page: ORDER,
    run: async (context) => {
      const queue = await createFifoQueue(context);
      await sendAll(context, queue, [
        ['g', '1'],
        ['g', '2'],
      ]);
      await receiveOne(context, queue);
      same(bodies(await receive(context, queue)), [], 'bodies');
    },
  },
  'a group with a message in flight does not hold back other groups': {
    page: ORDER,
    run: async (context) => {
      const queue = await createFifoQueue(context);
      await sendAll(context, queue, [
        ['g', 'g1'],
        ['g', 'g2'],
        ['h', 'h1'],
      ]);
      const first = await receiveOne(context, queue);
      const second = await receiveOne(context, queue);
      sameSet(
        [first, second].map((message) => attributeOf(message, 'MessageGroupId')),
        ['g', 'h'],
        'groups',
      );
    },
  },
  'deleting the message in flight frees the group': {
    page: ORDER,
    run: async (context) => {
      const queue = await createFifoQueue(context);
      await sendAll(context, queue, [
        ['g', '1'],
        ['g', '2'],
      ]);
      await remove(context, queue, await receiveOne(context, queue));
      same((await receiveOne(context, queue)).Body, '2', 'Body');
    },
  },
  'the end of the visibility timeout gives the same message first': {
    page: ORDER,
    run: async (context) => {
      const queue = await createFifoQueue(context, { VisibilityTimeout: '1' });
      await sendAll(context, queue, [
        ['g', '1'],
        ['g', '2'],
      ]);
      await receiveOne(context, queue);
      await pause(1_200);
      same(bodies(await receive(context, queue)), ['1', '2'], 'bodies');
    },
  },
  'deleting the later of two messages in flight keeps the group locked': {
    page: ORDER,
    run: async (context) => {
      const queue = await createFifoQueue(context);
      await sendAll(context, queue, [
        ['g', '1'],
        ['g', '2'],
        ['g', '3'],
      ]);
      const [, second] = await receive(context, queue, { MaxNumberOfMessages: 2 });
      await remove(context, queue, present(second, 'the second message'));
      same(bodies(await receive(context, queue)), [], 'bodies');
    },
  },
  'sequence numbers grow within a group': {
    page: sqsApi('SendMessage'),
    run: async (context) => {
      const queue = await createFifoQueue(context);
      const numbers: bigint[] = [];
      for (const body of ['1', '2', '3']) {
        const { SequenceNumber } = await sendToGroup(context, queue, ['g', body]);
        numbers.push(BigInt(present(SequenceNumber, 'SequenceNumber')));
      }
      const [a = 0n, b = 0n, c = 0n] = numbers;
      check(a < b && b < c, `got ${numbers.join(', ')}`);
    },
  },
  'ReceiveMessage answers group, deduplication id and the sequence number of the send': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const queue = await createFifoQueue(context);
      const { SequenceNumber } = await sendToGroup(context, queue, ['g', 'b', 'd-1']);
      const message = await receiveOne(context, queue);
      same(attributeOf(message, 'MessageGroupId'), 'g', 'MessageGroupId');
      same(attributeOf(message, 'MessageDeduplicationId'), 'd-1', 'MessageDeduplicationId');
      same(attributeOf(message, 'SequenceNumber'), SequenceNumber, 'SequenceNumber');
    },
  },
  'a batch keeps its order': {
    page: sqsApi('SendMessageBatch'),
    run: async (context) => {
      const queue = await createFifoQueue(context);
      const Entries = Array.from({ length: 10 }, (_, index) => ({
        Id: `e${index}`,
        MessageBody: `${index}`,
        MessageGroupId: 'g',
      }));
      await context.sqs.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries }));
      same(
        bodies(await drain(context, queue, 10)),
        Entries.map((entry) => entry.MessageBody),
        'bodies',
      );
    },
  },
  'a message whose visibility ended cannot be deleted': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const queue = await createFifoQueue(context, { VisibilityTimeout: '1' });
      await sendToGroup(context, queue, ['g', '1']);
      const message = await receiveOne(context, queue);
      await pause(1_300);
      await refusal(remove(context, queue, message), 'InvalidParameterValue', 'ReceiptHandleIsInvalid');
    },
  },
  'moves to a FIFO dead-letter queue and frees the group': {
    page: sqsGuide('sqs-dead-letter-queues'),
    run: async (context) => {
      const { queue, dlq } = await createQueueWithDlq(context, { fifo: true });
      await sendAll(context, queue, [
        ['g', '1'],
        ['g', '2'],
      ]);
      await receiveOne(context, queue);
      const moved = await eventually(async () => {
        await receive(context, queue, { WaitTimeSeconds: 0 });
        return receiveOne(context, dlq, { WaitTimeSeconds: 0 });
      });
      same([moved.Body, attributeOf(moved, 'MessageGroupId')], ['1', 'g'], 'the moved message');
    },
  },
  'ReceiveRequestAttemptId gives the same messages again': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const queue = await createFifoQueue(context);
      await sendAll(context, queue, [
        ['g', '1'],
        ['g', '2'],
      ]);
      const attempt = { ReceiveRequestAttemptId: context.unique('attempt') };
      const first = await receive(context, queue, attempt);
      const second = await receive(context, queue, attempt);
      same(bodies(second), bodies(first), 'bodies');
      same(bodies(second), ['1', '2'], 'bodies');
    },
  },
  'another ReceiveRequestAttemptId gives nothing of a locked group': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const queue = await createFifoQueue(context);
      await sendToGroup(context, queue, ['g', '1']);
      await receive(context, queue, { ReceiveRequestAttemptId: context.unique('a') });
      same(
        bodies(await receive(context, queue, { ReceiveRequestAttemptId: context.unique('b') })),
        [],
        'bodies',
      );
    },
  },
});

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
