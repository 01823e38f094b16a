import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { check, pause, same } from '../../fixtures/expectations.js';
import { sqsApi, sqsGuide } from '../../fixtures/pages.js';
import {
  bodies,
  createQueue,
  md5,
  queueAttributes,
  receive,
  receiveOne,
  remove,
  send,
} from '../../fixtures/queues.js';

const MIB = 1_048_576;

const roundTrip = async (context: CaseContext, body: string): Promise<void> => {
  const queue = await createQueue(context);
  await send(context, queue, body);
  const message = await receiveOne(context, queue);
  check(message.Body === body, `got a body of ${String(message.Body?.length)} characters, not the one sent`);
};

/** Sending and receiving on a standard queue: bodies, digests, attributes, sizes. */
export const messageCases = caseGroup('sqs.message', {
  'SendMessage answers the MD5 of the body': {
    page: sqsApi('SendMessage'),
    run: async (context) => {
      const sent = await send(context, await createQueue(context), 'grüße, wheel');
      same(sent.MD5OfMessageBody, md5('grüße, wheel'), 'MD5OfMessageBody');
      check(sent.MessageId !== undefined, 'MessageId is missing');
    },
  },
  'ReceiveMessage answers body, id, handle and MD5': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const queue = await createQueue(context);
      const sent = await send(context, queue, 'hello');
      const message = await receiveOne(context, queue);
      same(
        [message.Body, message.MessageId, message.MD5OfBody],
        ['hello', sent.MessageId, md5('hello')],
        'message',
      );
      check(message.ReceiptHandle !== undefined, 'ReceiptHandle is missing');
    },
  },
  'SentTimestamp and ApproximateFirstReceiveTimestamp are epoch milliseconds': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'b');
      const { SentTimestamp, ApproximateFirstReceiveTimestamp } =
        (await receiveOne(context, queue)).Attributes ?? {};
      check(/^\d{13}$/.test(SentTimestamp ?? ''), `SentTimestamp is ${SentTimestamp ?? 'missing'}`);
      check(
        Number(ApproximateFirstReceiveTimestamp) >= Number(SentTimestamp),
        `ApproximateFirstReceiveTimestamp is ${ApproximateFirstReceiveTimestamp ?? 'missing'}`,
      );
    },
  },
  'SenderId is given': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'b');
      check((await receiveOne(context, queue)).Attributes?.SenderId !== undefined, 'SenderId is missing');
    },
  },
  'ApproximateReceiveCount counts receives': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const queue = await createQueue(context, { VisibilityTimeout: '0' });
      await send(context, queue, 'b');
      const counts: (string | undefined)[] = [];
      for (let round = 0; round < 3; round += 1) {
        counts.push((await receiveOne(context, queue)).Attributes?.ApproximateReceiveCount);
      }
      same(counts, ['1', '2', '3'], 'counts');
    },
  },
  'ApproximateFirstReceiveTimestamp stays the first': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const queue = await createQueue(context, { VisibilityTimeout: '0' });
      await send(context, queue, 'b');
      const first = await receiveOne(context, queue);
      await pause(30);
      const second = await receiveOne(context, queue);
      same(
        second.Attributes?.ApproximateFirstReceiveTimestamp,
        first.Attributes?.ApproximateFirstReceiveTimestamp,
        'ApproximateFirstReceiveTimestamp',
      );
    },
  },
  'each receive gives a new receipt handle': {
    page: sqsApi('DeleteMessage'),
    run: async (context) => {
      const queue = await createQueue(context, { VisibilityTimeout: '0' });
      await send(context, queue, 'b');
      const first = await receiveOne(context, queue);
      const second = await receiveOne(context, queue);
      check(first.ReceiptHandle !== second.ReceiptHandle, 'both receives gave the same handle');
    },
  },
  'a receive gives at most MaxNumberOfMessages': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const queue = await createQueue(context);
      for (const body of ['a', 'b', 'c', 'd']) await send(context, queue, body);
      const messages = await receive(context, queue, { MaxNumberOfMessages: 3 });
      check(messages.length >= 1 && messages.length <= 3, `got ${messages.length} messages`);
    },
  },
  'a receive gives one message unless told otherwise': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const queue = await createQueue(context);
      for (const body of ['a', 'b']) await send(context, queue, body);
      const messages = await receive(context, queue, { MaxNumberOfMessages: undefined });
      same(messages.length, 1, 'messages');
    },
  },
  'a deleted message does not come again': {
    page: sqsApi('DeleteMessage'),
    run: async (context) => {
      const queue = await createQueue(context, { VisibilityTimeout: '1' });
      await send(context, queue, 'b');
      await remove(context, queue, await receiveOne(context, queue));
      await pause(1_100);
      same(bodies(await receive(context, queue, { WaitTimeSeconds: 0 })), [], 'messages');
    },
  },
  'deleting a message twice succeeds': {
    page: sqsApi('DeleteMessage'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'b');
      const message = await receiveOne(context, queue);
      await remove(context, queue, message);
      await remove(context, queue, message);
    },
  },
  'deleting with an old receipt handle succeeds and deletes nothing': {
    page: sqsApi('DeleteMessage'),
    run: async (context) => {
      const queue = await createQueue(context, { VisibilityTimeout: '0' });
      await send(context, queue, 'b');
      const first = await receiveOne(context, queue);
      await receiveOne(context, queue);
      await remove(context, queue, first);
      same(bodies(await receive(context, queue)), ['b'], 'messages');
    },
  },
  'a message outlives a receive whose visibility ended': {
    page: sqsGuide('sqs-visibility-timeout'),
    run: async (context) => {
      const queue = await createQueue(context, { VisibilityTimeout: '1' });
      await send(context, queue, 'b');
      await receiveOne(context, queue);
      const again = await receiveOne(context, queue, { WaitTimeSeconds: 3 });
      same(again.Body, 'b', 'Body');
    },
  },
  'a body of 1 MiB is taken': {
    page: sqsGuide('quotas-messages'),
    run: (context) => roundTrip(context, 'x'.repeat(MIB)),
  },
  'a body of supplementary-plane characters is taken': {
    page: sqsApi('SendMessage'),
    run: (context) => roundTrip(context, 'the wheel 🎡 turns 𝄞'),
  },
  'a body of tabs, line ends and markup is taken as it is': {
    page: sqsApi('SendMessage'),
    run: (context) => roundTrip(context, '<a>\t&amp;\n"\r\'</a>\n'),
  },
  'a body of one character is taken': {
    page: sqsGuide('quotas-messages'),
    run: (context) => roundTrip(context, 'x'),
  },
  'DelaySeconds hides a message at first': {
    page: sqsApi('SendMessage'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'later', { DelaySeconds: 1 });
      same(bodies(await receive(context, queue, { WaitTimeSeconds: 0 })), [], 'at once');
      same((await receiveOne(context, queue, { WaitTimeSeconds: 4 })).Body, 'later', 'after the delay');
    },
  },
  'the queue delay holds for messages that name none': {
    page: sqsGuide('sqs-delay-queues'),
    run: async (context) => {
      const queue = await createQueue(context, { DelaySeconds: '1' });
      await send(context, queue, 'later');
      same(bodies(await receive(context, queue, { WaitTimeSeconds: 0 })), [], 'at once');
      same((await receiveOne(context, queue, { WaitTimeSeconds: 4 })).Body, 'later', 'after the delay');
    },
  },
  'a message delay of 0 overrides the queue delay': {
    page: sqsApi('SendMessage'),
    run: async (context) => {
      const queue = await createQueue(context, { DelaySeconds: '60' });
      await send(context, queue, 'now', { DelaySeconds: 0 });
      same((await receiveOne(context, queue)).Body, 'now', 'Body');
    },
  },
  'MessageGroupId on a standard queue comes back': {
    page: sqsGuide('sqs-fair-queues'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'b', { MessageGroupId: 'tenant-7' });
      same((await receiveOne(context, queue)).Attributes?.MessageGroupId, 'tenant-7', 'MessageGroupId');
    },
  },
  'a group of a standard queue is not locked by a message in flight': {
    page: sqsGuide('sqs-fair-queues'),
    run: async (context) => {
      const queue = await createQueue(context);
      for (const body of ['a', 'b']) await send(context, queue, body, { MessageGroupId: 'tenant-7' });
      await receiveOne(context, queue);
      check((await receiveOne(context, queue)).Body !== undefined, 'the second message is held back');
    },
  },
  'equal bodies on a standard queue are two messages': {
    page: sqsGuide('standard-queues'),
    run: async (context) => {
      const queue = await createQueue(context);
      const first = await send(context, queue, 'same', { MessageGroupId: 'g' });
      const second = await send(context, queue, 'same', { MessageGroupId: 'g' });
      check(first.MessageId !== second.MessageId, 'both sends gave the same MessageId');
    },
  },
  'messages expire after the retention period': {
    page: sqsApi('SetQueueAttributes'),
    needs: ['clock'],
    run: async (context) => {
      const queue = await createQueue(context, { MessageRetentionPeriod: '60' });
      await send(context, queue, 'short-lived');
      await context.advance(59_000);
      same(
        (await receive(context, queue, { WaitTimeSeconds: 0, VisibilityTimeout: 0 })).length,
        1,
        'after 59 s',
      );
      await context.advance(2_000);
      same((await receive(context, queue, { WaitTimeSeconds: 0 })).length, 0, 'after 61 s');
    },
  },
  'a delay of 15 minutes is kept to the second': {
    page: sqsGuide('sqs-delay-queues'),
    needs: ['clock'],
    run: async (context) => {
      const queue = await createQueue(context, { DelaySeconds: '900' });
      await send(context, queue, 'later');
      await context.advance(899_000);
      same((await receive(context, queue, { WaitTimeSeconds: 0 })).length, 0, 'after 899 s');
      await context.advance(1_000);
      same((await receive(context, queue, { WaitTimeSeconds: 0 })).length, 1, 'after 900 s');
    },
  },
  'ApproximateNumberOfMessages is 0 for an empty queue': {
    page: sqsApi('GetQueueAttributes'),
    run: async (context) => {
      const queue = await createQueue(context);
      const { Attributes } = await context.sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: queue.url,
          AttributeNames: ['ApproximateNumberOfMessages'],
        }),
      );
      same(Attributes, { ApproximateNumberOfMessages: '0' }, 'Attributes');
      same(
        (await queueAttributes(context, queue.url)).ApproximateNumberOfMessagesNotVisible,
        '0',
        'in flight',
      );
    },
  },
});
