import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';

import { caseGroup } from '../../conformance-case.js';
import { check, eventually, pause, present, refusal, same, sameSet } from '../../fixtures/expectations.js';
import { sqsApi, sqsGuide } from '../../fixtures/pages.js';
import {
  attributeOf,
  bodies,
  createFifoQueue,
  createQueueWithDlq,
  drain,
  receive,
  receiveOne,
  remove,
  sendAll,
  sendToGroup,
} from '../../fixtures/queues.js';

const ORDER = sqsGuide('FIFO-queues-understanding-logic');

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
