import {
  CancelMessageMoveTaskCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  SetQueueAttributesCommand,
  StartMessageMoveTaskCommand,
  type Message,
} from '@aws-sdk/client-sqs';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { check, eventually, present, refusal, same } from '../../fixtures/expectations.js';
import { sqsApi, sqsGuide } from '../../fixtures/pages.js';
import {
  bodies,
  createFifoQueue,
  createQueue,
  createQueueWithDlq,
  drain,
  queueAttributes,
  receive,
  receiveOne,
  send,
  type TestQueue,
} from '../../fixtures/queues.js';

const DLQ = sqsGuide('sqs-dead-letter-queues');
const START = sqsApi('StartMessageMoveTask');

/** Receives from `queue` until its message turns up in `dlq`. */
const awaitMove = (context: CaseContext, queue: TestQueue, dlq: TestQueue): Promise<Message> =>
  eventually(async () => {
    await receive(context, queue, { WaitTimeSeconds: 0 });
    return receiveOne(context, dlq, { WaitTimeSeconds: 0 });
  });

/** A dead-letter queue with messages that came the documented way. */
const filledDlq = async (
  context: CaseContext,
  count: number,
): Promise<{ readonly queue: TestQueue; readonly dlq: TestQueue }> => {
  const pair = await createQueueWithDlq(context);
  for (let index = 0; index < count; index += 1) await send(context, pair.queue, `m${index}`);
  await eventually(async () => {
    await receive(context, pair.queue, { WaitTimeSeconds: 0 });
    const { ApproximateNumberOfMessages } = await queueAttributes(context, pair.dlq.url);
    same(ApproximateNumberOfMessages, `${count}`, 'messages in the dead-letter queue');
  });
  return pair;
};

const startMove = async (context: CaseContext, source: string, destination?: string): Promise<string> => {
  const { TaskHandle } = await context.sqs.send(
    new StartMessageMoveTaskCommand({ SourceArn: source, DestinationArn: destination }),
  );
  return present(TaskHandle, 'TaskHandle');
};

const redriveTo = (
  arn: string,
  maxReceiveCount: number | string = 3,
): { readonly RedrivePolicy: string } => ({
  RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount }),
});

/** Refusals of a policy: its page names no code, so any of those that blame the caller will do. */
const REFUSED = [
  'InvalidParameterValue',
  'InvalidAttributeValue',
  'InvalidParameterCombination',
  'QueueDoesNotExist',
] as const;

/** Dead-letter queues and who may use them. */
export const redriveCases = caseGroup('sqs.redrive', {
  'a message received more than maxReceiveCount times moves': {
    page: DLQ,
    run: async (context) => {
      const { queue, dlq } = await createQueueWithDlq(context, { maxReceiveCount: 2 });
      await send(context, queue, 'poison');
      for (const round of [1, 2]) same((await receiveOne(context, queue)).Body, 'poison', `receive ${round}`);
      same((await awaitMove(context, queue, dlq)).Body, 'poison', 'Body');
      same(bodies(await receive(context, queue, { WaitTimeSeconds: 0 })), [], 'left behind');
    },
  },
  'a message is received maxReceiveCount times before it moves': {
    page: DLQ,
    run: async (context) => {
      const { queue } = await createQueueWithDlq(context, { maxReceiveCount: 3 });
      await send(context, queue, 'poison');
      const counts: (string | undefined)[] = [];
      for (let round = 0; round < 4; round += 1) {
        const [message] = await receive(context, queue, { WaitTimeSeconds: 0 });
        if (message !== undefined) counts.push(message.Attributes?.ApproximateReceiveCount);
      }
      same(counts, ['1', '2', '3'], 'counts');
    },
  },
  'a moved message keeps MessageId, body and attributes': {
    page: DLQ,
    run: async (context) => {
      const { queue, dlq } = await createQueueWithDlq(context);
      const { MessageId } = await send(context, queue, 'poison', {
        MessageAttributes: { a: { DataType: 'String', StringValue: 'kept' } },
      });
      const moved = await awaitMove(context, queue, dlq);
      same([moved.MessageId, moved.MessageAttributes?.a?.StringValue], [MessageId, 'kept'], 'message');
    },
  },
  'a moved message names its source queue': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const { queue, dlq } = await createQueueWithDlq(context);
      await send(context, queue, 'poison');
      const { Attributes } = await awaitMove(context, queue, dlq);
      same(Attributes?.DeadLetterQueueSourceArn, queue.arn, 'DeadLetterQueueSourceArn');
    },
  },
  'a message moved between standard queues keeps its SentTimestamp': {
    page: DLQ,
    run: async (context) => {
      const { queue, dlq } = await createQueueWithDlq(context, { attributes: { VisibilityTimeout: '1' } });
      await send(context, queue, 'poison');
      const first = await receiveOne(context, queue);
      const moved = await awaitMove(context, queue, dlq);
      same(moved.Attributes?.SentTimestamp, first.Attributes?.SentTimestamp, 'SentTimestamp');
    },
  },
  'maxReceiveCount may be given as a string': {
    page: sqsApi('SetQueueAttributes'),
    run: async (context) => {
      const dlq = await createQueue(context);
      const queue = await createQueue(context, redriveTo(dlq.arn, '5'));
      const policy: unknown = JSON.parse((await queueAttributes(context, queue.url)).RedrivePolicy ?? '{}');
      same(Number((policy as { readonly maxReceiveCount: unknown }).maxReceiveCount), 5, 'maxReceiveCount');
    },
  },
  'ListDeadLetterSourceQueues names the sources': {
    page: sqsApi('ListDeadLetterSourceQueues'),
    run: async (context) => {
      const { queue, dlq } = await createQueueWithDlq(context);
      await eventually(async () => {
        const { queueUrls } = await context.sqs.send(
          new ListDeadLetterSourceQueuesCommand({ QueueUrl: dlq.url }),
        );
        same(queueUrls, [queue.url], 'queueUrls');
      });
    },
  },
  'a dead-letter queue that does not exist is refused': {
    page: DLQ,
    run: async (context) => {
      const { arn } = await createQueue(context);
      await refusal(createQueue(context, redriveTo(`${arn}-absent`)), ...REFUSED);
    },
  },
  'a standard dead-letter queue for a FIFO queue is refused': {
    page: DLQ,
    run: async (context) => {
      const { arn } = await createQueue(context);
      await refusal(createFifoQueue(context, redriveTo(arn)), ...REFUSED);
    },
  },
  'a FIFO dead-letter queue for a standard queue is refused': {
    page: DLQ,
    run: async (context) => {
      const { arn } = await createFifoQueue(context);
      await refusal(createQueue(context, redriveTo(arn)), ...REFUSED);
    },
  },
  'maxReceiveCount 0 is refused': {
    page: sqsApi('SetQueueAttributes'),
    run: async (context) => {
      const { arn } = await createQueue(context);
      await refusal(createQueue(context, redriveTo(arn, 0)), ...REFUSED);
    },
  },
  'maxReceiveCount 1001 is refused': {
    page: sqsApi('SetQueueAttributes'),
    run: async (context) => {
      const { arn } = await createQueue(context);
      await refusal(createQueue(context, redriveTo(arn, 1_001)), ...REFUSED);
    },
  },
  'a redrive policy that is not JSON is refused': {
    page: sqsApi('SetQueueAttributes'),
    run: async (context) => {
      const create = createQueue(context, { RedrivePolicy: 'not json' });
      await refusal(create, ...REFUSED);
    },
  },
  'RedriveAllowPolicy denyAll refuses sources': {
    page: DLQ,
    run: async (context) => {
      const RedriveAllowPolicy = JSON.stringify({ redrivePermission: 'denyAll' });
      const { arn } = await createQueue(context, { RedriveAllowPolicy });
      await refusal(createQueue(context, redriveTo(arn)), ...REFUSED);
    },
  },
  'RedriveAllowPolicy byQueue admits the queues it names': {
    page: DLQ,
    run: async (context) => {
      const named = await createQueue(context);
      const RedriveAllowPolicy = JSON.stringify({
        redrivePermission: 'byQueue',
        sourceQueueArns: [named.arn],
      });
      const { arn } = await createQueue(context, { RedriveAllowPolicy });
      await context.sqs.send(
        new SetQueueAttributesCommand({ QueueUrl: named.url, Attributes: redriveTo(arn) }),
      );
      await refusal(createQueue(context, redriveTo(arn)), ...REFUSED);
    },
  },
  'RedriveAllowPolicy comes back as it was set': {
    page: sqsApi('SetQueueAttributes'),
    run: async (context) => {
      const RedriveAllowPolicy = JSON.stringify({ redrivePermission: 'allowAll' });
      const { url } = await createQueue(context, { RedriveAllowPolicy });
      const got = (await queueAttributes(context, url)).RedriveAllowPolicy;
      same(JSON.parse(got ?? 'null'), { redrivePermission: 'allowAll' }, 'RedriveAllowPolicy');
    },
  },
  'a RedriveAllowPolicy with an unknown permission is refused': {
    page: sqsApi('SetQueueAttributes'),
    run: async (context) => {
      const RedriveAllowPolicy = JSON.stringify({ redrivePermission: 'someday' });
      await refusal(createQueue(context, { RedriveAllowPolicy }), ...REFUSED);
    },
  },
  'a RedriveAllowPolicy byQueue without queues is refused': {
    page: sqsApi('SetQueueAttributes'),
    run: async (context) => {
      const RedriveAllowPolicy = JSON.stringify({ redrivePermission: 'byQueue' });
      await refusal(createQueue(context, { RedriveAllowPolicy }), ...REFUSED);
    },
  },
});

/** Moving messages out of a dead-letter queue. */
export const moveTaskCases = caseGroup('sqs.move-task', {
  'moves messages back to their source': {
    page: START,
    run: async (context) => {
      const { queue, dlq } = await filledDlq(context, 2);
      await startMove(context, dlq.arn);
      await eventually(async () => {
        const { ApproximateNumberOfMessages } = await queueAttributes(context, queue.url);
        same(ApproximateNumberOfMessages, '2', 'messages in the source queue');
      });
    },
  },
  'moves messages to the destination it is given': {
    page: START,
    run: async (context) => {
      const { dlq } = await filledDlq(context, 1);
      const destination = await createQueue(context);
      await startMove(context, dlq.arn, destination.arn);
      same(bodies(await drain(context, destination, 1)), ['m0'], 'bodies');
    },
  },
  'a redriven message has a new MessageId': {
    page: sqsGuide('sqs-configure-dead-letter-queue-redrive'),
    run: async (context) => {
      const { queue, dlq } = await createQueueWithDlq(context);
      const { MessageId } = await send(context, queue, 'poison');
      await eventually(async () => {
        await receive(context, queue, { WaitTimeSeconds: 0 });
        same((await queueAttributes(context, dlq.url)).ApproximateNumberOfMessages, '1', 'dead letters');
      });
      const destination = await createQueue(context);
      await startMove(context, dlq.arn, destination.arn);
      const moved = await receiveOne(context, destination, { WaitTimeSeconds: 5 });
      check(moved.MessageId !== MessageId, 'the MessageId is the old one');
    },
  },
  'ListMessageMoveTasks reports a finished task': {
    page: sqsApi('ListMessageMoveTasks'),
    run: async (context) => {
      const { dlq } = await filledDlq(context, 2);
      await startMove(context, dlq.arn);
      await eventually(async () => {
        const { Results } = await context.sqs.send(new ListMessageMoveTasksCommand({ SourceArn: dlq.arn }));
        const [task] = Results ?? [];
        same([task?.Status, task?.ApproximateNumberOfMessagesMoved], ['COMPLETED', 2], 'task');
        same(task?.SourceArn, dlq.arn, 'SourceArn');
      });
    },
  },
  'a source that is no dead-letter queue is refused': {
    page: START,
    run: async (context) => {
      const { arn } = await createQueue(context);
      await refusal(startMove(context, arn), 'InvalidParameterValue', 'UnsupportedOperation');
    },
  },
  'a source that does not exist is refused': {
    page: START,
    run: async (context) => {
      const { arn } = await createQueue(context);
      await refusal(startMove(context, `${arn}-absent`), 'ResourceNotFound');
    },
  },
  'a velocity above 500 messages per second is refused': {
    page: START,
    run: async (context) => {
      const { dlq } = await createQueueWithDlq(context);
      const start = new StartMessageMoveTaskCommand({
        SourceArn: dlq.arn,
        MaxNumberOfMessagesPerSecond: 501,
      });
      await refusal(context.sqs.send(start), 'InvalidParameterValue');
    },
  },
  'a second task for a queue whose task is running is refused': {
    page: START,
    run: async (context) => {
      const { dlq } = await filledDlq(context, 5);
      const start = (): Promise<unknown> =>
        context.sqs.send(
          new StartMessageMoveTaskCommand({ SourceArn: dlq.arn, MaxNumberOfMessagesPerSecond: 1 }),
        );
      await start();
      await refusal(start(), 'InvalidParameterValue', 'UnsupportedOperation');
    },
  },
  'a running task can be cancelled': {
    page: sqsApi('CancelMessageMoveTask'),
    run: async (context) => {
      const { dlq } = await filledDlq(context, 5);
      const { TaskHandle } = await context.sqs.send(
        new StartMessageMoveTaskCommand({ SourceArn: dlq.arn, MaxNumberOfMessagesPerSecond: 1 }),
      );
      const cancelled = await context.sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
      check(
        (cancelled.ApproximateNumberOfMessagesMoved ?? 0) < 5,
        `moved ${cancelled.ApproximateNumberOfMessagesMoved ?? 0} already`,
      );
      await eventually(async () => {
        const { Results } = await context.sqs.send(new ListMessageMoveTasksCommand({ SourceArn: dlq.arn }));
        same(Results?.[0]?.Status, 'CANCELLED', 'Status');
      });
    },
  },
  'cancelling an unknown task is refused': {
    page: sqsApi('CancelMessageMoveTask'),
    run: async (context) => {
      const cancel = new CancelMessageMoveTaskCommand({ TaskHandle: 'bogus' });
      await refusal(context.sqs.send(cancel), 'ResourceNotFound', 'InvalidParameterValue');
    },
  },
  'a task keeps to its velocity': {
    page: START,
    needs: ['clock'],
    run: async (context) => {
      const { queue, dlq } = await filledDlq(context, 5);
      await context.sqs.send(
        new StartMessageMoveTaskCommand({ SourceArn: dlq.arn, MaxNumberOfMessagesPerSecond: 1 }),
      );
      await context.advance(2_000);
      const moved = Number((await queueAttributes(context, queue.url)).ApproximateNumberOfMessages);
      check(moved >= 1 && moved <= 3, `moved ${moved} messages in 2 s`);
      await context.advance(10_000);
      same((await queueAttributes(context, queue.url)).ApproximateNumberOfMessages, '5', 'after 12 s');
    },
  },
});
