import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  type Message,
} from '@aws-sdk/client-sqs';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { check, isCode, pause, present, refusal, same, sameSet } from '../../fixtures/expectations.js';
import { sqsApi, sqsGuide } from '../../fixtures/pages.js';
import {
  bodies,
  createQueue,
  receive,
  receiveOne,
  remove,
  send,
  type TestQueue,
} from '../../fixtures/queues.js';

const changeVisibility = (
  context: CaseContext,
  queue: TestQueue,
  [message, VisibilityTimeout]: readonly [Message, number],
): Promise<unknown> =>
  context.sqs.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: queue.url,
      ReceiptHandle: present(message.ReceiptHandle, 'ReceiptHandle'),
      VisibilityTimeout,
    }),
  );

const POLL = { WaitTimeSeconds: 0 } as const;

/** Who may see a message, and for how long. */
export const visibilityCases = caseGroup('sqs.visibility', {
  'a received message is hidden': {
    page: sqsGuide('sqs-visibility-timeout'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'b');
      await receiveOne(context, queue);
      same(bodies(await receive(context, queue, POLL)), [], 'messages');
    },
  },
  'VisibilityTimeout of the receive overrides the queue': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const queue = await createQueue(context, { VisibilityTimeout: '600' });
      await send(context, queue, 'b');
      await receiveOne(context, queue, { VisibilityTimeout: 1 });
      same((await receiveOne(context, queue, { WaitTimeSeconds: 4 })).Body, 'b', 'Body');
    },
  },
  'VisibilityTimeout 0 of a receive leaves the message visible': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'b');
      await receiveOne(context, queue, { VisibilityTimeout: 0 });
      same((await receiveOne(context, queue)).Body, 'b', 'Body');
    },
  },
  'ChangeMessageVisibility to 0 gives the message back at once': {
    page: sqsApi('ChangeMessageVisibility'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'b');
      await changeVisibility(context, queue, [await receiveOne(context, queue), 0]);
      same((await receiveOne(context, queue)).Body, 'b', 'Body');
    },
  },
  'ChangeMessageVisibility extends from now': {
    page: sqsApi('ChangeMessageVisibility'),
    run: async (context) => {
      const queue = await createQueue(context, { VisibilityTimeout: '1' });
      await send(context, queue, 'b');
      await changeVisibility(context, queue, [await receiveOne(context, queue), 30]);
      await pause(1_200);
      same(bodies(await receive(context, queue, POLL)), [], 'messages');
    },
  },
  'ChangeMessageVisibility shortens': {
    page: sqsApi('ChangeMessageVisibility'),
    run: async (context) => {
      const queue = await createQueue(context, { VisibilityTimeout: '600' });
      await send(context, queue, 'b');
      await changeVisibility(context, queue, [await receiveOne(context, queue), 1]);
      same((await receiveOne(context, queue, { WaitTimeSeconds: 4 })).Body, 'b', 'Body');
    },
  },
  'ChangeMessageVisibility of a message that is not in flight is refused': {
    page: sqsApi('ChangeMessageVisibility'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'b');
      const message = await receiveOne(context, queue);
      await changeVisibility(context, queue, [message, 0]);
      await refusal(
        changeVisibility(context, queue, [message, 30]),
        'MessageNotInflight',
        'InvalidParameterValue',
      );
    },
  },
  'ChangeMessageVisibility of a deleted message is refused': {
    page: sqsApi('ChangeMessageVisibility'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'b');
      const message = await receiveOne(context, queue);
      await remove(context, queue, message);
      await refusal(
        changeVisibility(context, queue, [message, 30]),
        'InvalidParameterValue',
        'MessageNotInflight',
        'ReceiptHandleIsInvalid',
      );
    },
  },
  'ChangeMessageVisibility beyond 12 hours is refused': {
    page: sqsApi('ChangeMessageVisibility'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'b');
      const message = await receiveOne(context, queue);
      await refusal(changeVisibility(context, queue, [message, 43_201]), 'InvalidParameterValue');
    },
  },
  'a negative visibility timeout is refused': {
    page: sqsApi('ChangeMessageVisibility'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'b');
      const message = await receiveOne(context, queue);
      await refusal(changeVisibility(context, queue, [message, -1]), 'InvalidParameterValue');
    },
  },
  'ChangeMessageVisibilityBatch fails entry by entry': {
    page: sqsApi('ChangeMessageVisibilityBatch'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'b');
      const { ReceiptHandle } = await receiveOne(context, queue);
      const { Successful, Failed } = await context.sqs.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: queue.url,
          Entries: [
            { Id: 'good', ReceiptHandle, VisibilityTimeout: 60 },
            { Id: 'bad', ReceiptHandle: 'bogus', VisibilityTimeout: 60 },
          ],
        }),
      );
      sameSet(
        (Successful ?? []).map((entry) => entry.Id ?? ''),
        ['good'],
        'Successful',
      );
      sameSet(
        (Failed ?? []).map((entry) => entry.Id ?? ''),
        ['bad'],
        'Failed',
      );
      check(isCode(Failed?.[0]?.Code, 'ReceiptHandleIsInvalid'), `Code is ${Failed?.[0]?.Code ?? 'missing'}`);
      same(Failed?.[0]?.SenderFault, true, 'SenderFault');
    },
  },
  'ChangeMessageVisibilityBatch changes what it says': {
    page: sqsApi('ChangeMessageVisibilityBatch'),
    run: async (context) => {
      const queue = await createQueue(context);
      for (const body of ['a', 'b']) await send(context, queue, body);
      const messages = [await receiveOne(context, queue), await receiveOne(context, queue)];
      const Entries = messages.map(({ ReceiptHandle }, index) => ({
        Id: `${index}`,
        ReceiptHandle,
        VisibilityTimeout: 0,
      }));
      await context.sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queue.url, Entries }));
      const again = [await receiveOne(context, queue), await receiveOne(context, queue)];
      sameSet(bodies(again), ['a', 'b'], 'bodies');
    },
  },
  'visibility may not exceed 12 hours from the receive': {
    page: sqsGuide('sqs-visibility-timeout'),
    needs: ['clock'],
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'b');
      const message = await receiveOne(context, queue, { WaitTimeSeconds: 0, VisibilityTimeout: 43_200 });
      await context.advance(3_600_000);
      await changeVisibility(context, queue, [message, 39_600]);
      await refusal(changeVisibility(context, queue, [message, 39_601]), 'InvalidParameterValue');
    },
  },
  'visibility ends to the second': {
    page: sqsGuide('sqs-visibility-timeout'),
    needs: ['clock'],
    run: async (context) => {
      const queue = await createQueue(context, { VisibilityTimeout: '120' });
      await send(context, queue, 'b');
      await receiveOne(context, queue, POLL);
      await context.advance(119_000);
      same(bodies(await receive(context, queue, POLL)), [], 'after 119 s');
      await context.advance(1_000);
      same(bodies(await receive(context, queue, POLL)), ['b'], 'after 120 s');
    },
  },
});
