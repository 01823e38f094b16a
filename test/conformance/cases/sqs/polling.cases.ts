import { setTimeout as sleep } from 'node:timers/promises';

import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';

import { caseGroup } from '../../conformance-case.js';
import { check, same } from '../../fixtures/expectations.js';
import { sqsApi, sqsGuide } from '../../fixtures/pages.js';
import { bodies, createQueue, receive, send } from '../../fixtures/queues.js';

const LONG_POLLING = sqsGuide('sqs-short-and-long-polling');

const timed = async <T>(action: Promise<T>): Promise<readonly [T, number]> => {
  const start = performance.now();
  return [await action, performance.now() - start];
};

/** Short and long polls. */
export const pollingCases = caseGroup('sqs.polling', {
  'a short poll of an empty queue answers at once': {
    page: LONG_POLLING,
    run: async (context) => {
      const queue = await createQueue(context);
      const [messages, ms] = await timed(receive(context, queue, { WaitTimeSeconds: 0 }));
      same(messages.length, 0, 'messages');
      check(ms < 900, `took ${Math.round(ms)} ms`);
    },
  },
  'a long poll of an empty queue waits its time': {
    page: LONG_POLLING,
    run: async (context) => {
      const queue = await createQueue(context);
      const [messages, ms] = await timed(receive(context, queue, { WaitTimeSeconds: 2 }));
      same(messages.length, 0, 'messages');
      check(ms > 1_800, `took ${Math.round(ms)} ms`);
    },
  },
  'a long poll answers as soon as a message arrives': {
    page: LONG_POLLING,
    run: async (context) => {
      const queue = await createQueue(context);
      const polling = timed(receive(context, queue, { WaitTimeSeconds: 12 }));
      await sleep(300);
      await send(context, queue, 'late');
      const [messages, ms] = await polling;
      same(bodies(messages), ['late'], 'messages');
      check(ms < 6_000, `took ${Math.round(ms)} ms`);
    },
  },
  'a long poll answers when a delayed message becomes visible': {
    page: LONG_POLLING,
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'late', { DelaySeconds: 1 });
      const [messages, ms] = await timed(receive(context, queue, { WaitTimeSeconds: 12 }));
      same(bodies(messages), ['late'], 'messages');
      check(ms < 6_000, `took ${Math.round(ms)} ms`);
    },
  },
  'the wait time of the queue holds for receives that name none': {
    page: sqsApi('SetQueueAttributes'),
    run: async (context) => {
      const queue = await createQueue(context, { ReceiveMessageWaitTimeSeconds: '2' });
      const [, ms] = await timed(receive(context, queue, { WaitTimeSeconds: undefined }));
      check(ms > 1_800, `took ${Math.round(ms)} ms`);
    },
  },
  'a wait time of 0 overrides the wait time of the queue': {
    page: LONG_POLLING,
    run: async (context) => {
      const queue = await createQueue(context, { ReceiveMessageWaitTimeSeconds: '5' });
      const [, ms] = await timed(receive(context, queue, { WaitTimeSeconds: 0 }));
      check(ms < 1_500, `took ${Math.round(ms)} ms`);
    },
  },
  'a long poll that was aborted does not swallow the next message': {
    page: LONG_POLLING,
    run: async (context) => {
      const queue = await createQueue(context);
      const abort = new AbortController();
      const polling = context.sqs
        .send(new ReceiveMessageCommand({ QueueUrl: queue.url, WaitTimeSeconds: 15 }), {
          abortSignal: abort.signal,
        })
        .catch(() => undefined);
      await sleep(300);
      abort.abort();
      await polling;
      await sleep(200);
      await send(context, queue, 'kept');
      same(bodies(await receive(context, queue, { WaitTimeSeconds: 2 })), ['kept'], 'messages');
    },
  },
  'one message wakes one of two long polls': {
    page: LONG_POLLING,
    run: async (context) => {
      const queue = await createQueue(context);
      const polls = [0, 1].map(() => receive(context, queue, { WaitTimeSeconds: 2 }));
      await sleep(200);
      await send(context, queue, 'one');
      same(
        (await Promise.all(polls)).flatMap((messages) => bodies(messages)),
        ['one'],
        'messages',
      );
    },
  },
});
