import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
  type QueueAttributeName,
} from '@aws-sdk/client-sqs';

import { caseGroup } from '../../conformance-case.js';
import { check, eventually, present, refusal, same, sameSet } from '../../fixtures/expectations.js';
import { sqsApi, sqsGuide } from '../../fixtures/pages.js';
import { createFifoQueue, createQueue, queueAttributes, receive, send } from '../../fixtures/queues.js';

/** Creating, finding, describing, tagging, purging and deleting queues. */
export const queueCases = caseGroup('sqs.queue', {
  'CreateQueue with the same name and attributes answers the same url': {
    page: sqsApi('CreateQueue'),
    run: async (context) => {
      const queue = await createQueue(context, { VisibilityTimeout: '45' });
      const again = await context.sqs.send(
        new CreateQueueCommand({ QueueName: queue.name, Attributes: { VisibilityTimeout: '45' } }),
      );
      same(again.QueueUrl, queue.url, 'QueueUrl');
    },
  },
  'CreateQueue with the same name and no attributes answers the same url': {
    page: sqsApi('CreateQueue'),
    run: async (context) => {
      const queue = await createQueue(context, { VisibilityTimeout: '45' });
      const again = await context.sqs.send(new CreateQueueCommand({ QueueName: queue.name }));
      same(again.QueueUrl, queue.url, 'QueueUrl');
    },
  },
  'CreateQueue with the same name and other attributes is refused': {
    page: sqsApi('CreateQueue'),
    run: async (context) => {
      const queue = await createQueue(context, { VisibilityTimeout: '45' });
      const other = new CreateQueueCommand({
        QueueName: queue.name,
        Attributes: { VisibilityTimeout: '46' },
      });
      await refusal(context.sqs.send(other), 'QueueNameExists', 'QueueAlreadyExists');
    },
  },
  'CreateQueue sets tags': {
    page: sqsApi('CreateQueue'),
    run: async (context) => {
      const { QueueUrl } = await context.sqs.send(
        new CreateQueueCommand({ QueueName: context.unique('tagged'), tags: { team: 'wheel' } }),
      );
      context.cleanUp(() => context.sqs.send(new DeleteQueueCommand({ QueueUrl })));
      const { Tags } = await context.sqs.send(new ListQueueTagsCommand({ QueueUrl }));
      same(Tags, { team: 'wheel' }, 'Tags');
    },
  },
  'queue urls end with the queue name': {
    page: sqsGuide('sqs-queue-message-identifiers'),
    run: async (context) => {
      const queue = await createQueue(context);
      check(queue.url.endsWith(`/${queue.name}`), `url is ${queue.url}`);
    },
  },
  'queue arns end with the queue name': {
    page: sqsApi('GetQueueAttributes'),
    run: async (context) => {
      const queue = await createQueue(context);
      check(/^arn:aws:sqs:[a-z0-9-]+:\d{12}:/.test(queue.arn), `arn is ${queue.arn}`);
      check(queue.arn.endsWith(`:${queue.name}`), `arn is ${queue.arn}`);
    },
  },
  'GetQueueUrl answers what CreateQueue answered': {
    page: sqsApi('GetQueueUrl'),
    run: async (context) => {
      const queue = await createQueue(context);
      const { QueueUrl } = await context.sqs.send(new GetQueueUrlCommand({ QueueName: queue.name }));
      same(QueueUrl, queue.url, 'QueueUrl');
    },
  },
  'ListQueues filters by prefix': {
    page: sqsApi('ListQueues'),
    run: async (context) => {
      const queue = await createQueue(context);
      await createQueue(context);
      await eventually(async () => {
        const { QueueUrls } = await context.sqs.send(new ListQueuesCommand({ QueueNamePrefix: queue.name }));
        same(QueueUrls, [queue.url], 'QueueUrls');
      });
    },
  },
  'ListQueues pages with MaxResults and NextToken': {
    page: sqsApi('ListQueues'),
    run: async (context) => {
      const prefix = context.unique('page');
      for (const suffix of ['a', 'b', 'c']) {
        const { QueueUrl } = await context.sqs.send(
          new CreateQueueCommand({ QueueName: `${prefix}-${suffix}` }),
        );
        context.cleanUp(() => context.sqs.send(new DeleteQueueCommand({ QueueUrl })));
      }
      const list = (NextToken?: string): ListQueuesCommand =>
        new ListQueuesCommand({ QueueNamePrefix: prefix, MaxResults: 2, NextToken });
      const first = await context.sqs.send(list());
      same(first.QueueUrls?.length, 2, 'urls on the first page');
      const second = await context.sqs.send(list(present(first.NextToken, 'NextToken')));
      same(second.QueueUrls?.length, 1, 'urls on the second page');
    },
  },
  'a new queue has the documented defaults': {
    page: sqsApi('SetQueueAttributes'),
    run: async (context) => {
      const queue = await createQueue(context);
      const found = await queueAttributes(context, queue.url);
      const defaults: Partial<Record<QueueAttributeName, string>> = {
        DelaySeconds: '0',
        MessageRetentionPeriod: '345600',
        ReceiveMessageWaitTimeSeconds: '0',
        VisibilityTimeout: '30',
      };
      for (const [name, value] of Object.entries(defaults)) {
        same(found[name as QueueAttributeName], value, name);
      }
    },
  },
  'a new queue takes messages of up to 1 MiB': {
    page: sqsGuide('quotas-messages'),
    run: async (context) => {
      const queue = await createQueue(context);
      const { MaximumMessageSize } = await queueAttributes(context, queue.url, 'MaximumMessageSize');
      same(MaximumMessageSize, '1048576', 'MaximumMessageSize');
    },
  },
  'a new queue is encrypted with SQS-owned keys': {
    page: sqsGuide('sqs-configure-sqs-sse-queue'),
    run: async (context) => {
      const queue = await createQueue(context);
      const { SqsManagedSseEnabled } = await queueAttributes(context, queue.url);
      same(SqsManagedSseEnabled, 'true', 'SqsManagedSseEnabled');
    },
  },
  'GetQueueAttributes answers only what was asked for': {
    page: sqsApi('GetQueueAttributes'),
    run: async (context) => {
      const queue = await createQueue(context);
      const found = await queueAttributes(context, queue.url, 'VisibilityTimeout', 'DelaySeconds');
      sameSet(Object.keys(found), ['VisibilityTimeout', 'DelaySeconds'], 'attributes');
    },
  },
  'GetQueueAttributes without names answers none': {
    page: sqsApi('GetQueueAttributes'),
    run: async (context) => {
      const queue = await createQueue(context);
      const { Attributes } = await context.sqs.send(new GetQueueAttributesCommand({ QueueUrl: queue.url }));
      same(Object.keys(Attributes ?? {}), [], 'attributes');
    },
  },
  'a standard queue has no FifoQueue attribute': {
    page: sqsApi('GetQueueAttributes'),
    run: async (context) => {
      const queue = await createQueue(context);
      same((await queueAttributes(context, queue.url)).FifoQueue, undefined, 'FifoQueue');
    },
  },
  'a FIFO queue has the documented defaults': {
    page: sqsApi('SetQueueAttributes'),
    run: async (context) => {
      const queue = await createFifoQueue(context, { ContentBasedDeduplication: 'false' });
      const found = await queueAttributes(context, queue.url);
      same(found.FifoQueue, 'true', 'FifoQueue');
      same(found.ContentBasedDeduplication, 'false', 'ContentBasedDeduplication');
      same(found.DeduplicationScope, 'queue', 'DeduplicationScope');
      same(found.FifoThroughputLimit, 'perQueue', 'FifoThroughputLimit');
    },
  },
  'SetQueueAttributes changes an attribute': {
    page: sqsApi('SetQueueAttributes'),
    run: async (context) => {
      const queue = await createQueue(context);
      await context.sqs.send(
        new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes: { VisibilityTimeout: '77' } }),
      );
      await eventually(async () =>
        same((await queueAttributes(context, queue.url)).VisibilityTimeout, '77', 'VisibilityTimeout'),
      );
    },
  },
  'SetQueueAttributes with an empty RedrivePolicy takes it away': {
    page: sqsApi('SetQueueAttributes'),
    run: async (context) => {
      const dlq = await createQueue(context);
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dlq.arn, maxReceiveCount: 3 });
      const queue = await createQueue(context, { RedrivePolicy });
      await context.sqs.send(
        new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes: { RedrivePolicy: '' } }),
      );
      await eventually(async () =>
        same((await queueAttributes(context, queue.url)).RedrivePolicy, undefined, 'RedrivePolicy'),
      );
    },
  },
  'FifoQueue cannot be set later': {
    page: sqsApi('SetQueueAttributes'),
    run: async (context) => {
      const queue = await createQueue(context);
      const change = new SetQueueAttributesCommand({
        QueueUrl: queue.url,
        Attributes: { FifoQueue: 'true' },
      });
      await refusal(
        context.sqs.send(change),
        'InvalidAttributeName',
        'InvalidAttributeValue',
        'InvalidParameterValue',
      );
    },
  },
  'TagQueue adds and overwrites, UntagQueue takes away': {
    page: sqsApi('TagQueue'),
    run: async (context) => {
      const { url: QueueUrl } = await createQueue(context);
      await context.sqs.send(new TagQueueCommand({ QueueUrl, Tags: { a: '1', b: '2' } }));
      await context.sqs.send(new TagQueueCommand({ QueueUrl, Tags: { b: '3', c: '4' } }));
      await context.sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['a'] }));
      const { Tags = {} } = await context.sqs.send(new ListQueueTagsCommand({ QueueUrl }));
      same(
        Object.entries(Tags).sort(),
        [
          ['b', '3'],
          ['c', '4'],
        ],
        'tags',
      );
    },
  },
  'a queue without tags lists none': {
    page: sqsApi('ListQueueTags'),
    run: async (context) => {
      const { url: QueueUrl } = await createQueue(context);
      const { Tags } = await context.sqs.send(new ListQueueTagsCommand({ QueueUrl }));
      same(Tags ?? {}, {}, 'Tags');
    },
  },
  'PurgeQueue takes every message away': {
    page: sqsApi('PurgeQueue'),
    timeoutMs: 30_000,
    run: async (context) => {
      const queue = await createQueue(context);
      for (const body of ['a', 'b', 'c']) await send(context, queue, body);
      await context.sqs.send(new PurgeQueueCommand({ QueueUrl: queue.url }));
      await eventually(async () => {
        const { ApproximateNumberOfMessages } = await queueAttributes(context, queue.url);
        same(ApproximateNumberOfMessages, '0', 'ApproximateNumberOfMessages');
      });
      same((await receive(context, queue, { WaitTimeSeconds: 0 })).length, 0, 'messages');
    },
  },
  'PurgeQueue within 60 seconds of another is refused': {
    page: sqsApi('PurgeQueue'),
    run: async (context) => {
      const { url: QueueUrl } = await createQueue(context);
      await context.sqs.send(new PurgeQueueCommand({ QueueUrl }));
      await refusal(context.sqs.send(new PurgeQueueCommand({ QueueUrl })), 'PurgeQueueInProgress');
    },
  },
  'a deleted queue is not found': {
    page: sqsApi('DeleteQueue'),
    run: async (context) => {
      const queue = await createQueue(context);
      await context.sqs.send(new DeleteQueueCommand({ QueueUrl: queue.url }));
      const find = (): Promise<unknown> =>
        refusal(context.sqs.send(new GetQueueUrlCommand({ QueueName: queue.name })), 'QueueDoesNotExist');
      await eventually(find);
    },
  },
  'creating a queue within 60 seconds of its deletion is refused': {
    page: sqsApi('CreateQueue'),
    run: async (context) => {
      const queue = await createQueue(context);
      await context.sqs.send(new DeleteQueueCommand({ QueueUrl: queue.url }));
      const again = new CreateQueueCommand({ QueueName: queue.name });
      await refusal(context.sqs.send(again), 'QueueDeletedRecently');
    },
  },
  'ApproximateNumberOfMessages counts visible, in flight and delayed messages apart': {
    page: sqsApi('GetQueueAttributes'),
    run: async (context) => {
      const queue = await createQueue(context);
      for (const body of ['a', 'b', 'c']) await send(context, queue, body);
      await send(context, queue, 'later', { DelaySeconds: 60 });
      await receive(context, queue, { MaxNumberOfMessages: 1 });
      await eventually(async () => {
        const found = await queueAttributes(context, queue.url);
        const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: inFlight } =
          found;
        same([visible, inFlight, found.ApproximateNumberOfMessagesDelayed], ['2', '1', '1'], 'counts');
      });
    },
  },
  'CreatedTimestamp and LastModifiedTimestamp are epoch seconds': {
    page: sqsApi('GetQueueAttributes'),
    run: async (context) => {
      const queue = await createQueue(context);
      const { CreatedTimestamp, LastModifiedTimestamp } = await queueAttributes(context, queue.url);
      check(/^\d{10}$/.test(CreatedTimestamp ?? ''), `CreatedTimestamp is ${CreatedTimestamp ?? 'missing'}`);
      check(
        /^\d{10}$/.test(LastModifiedTimestamp ?? ''),
        `LastModifiedTimestamp is ${LastModifiedTimestamp ?? 'missing'}`,
      );
    },
  },
  'the longest queue name has 80 characters': {
    page: sqsGuide('quotas-queues'),
    run: async (context) => {
      const QueueName = context.unique('long').padEnd(80, 'x');
      const { QueueUrl } = await context.sqs.send(new CreateQueueCommand({ QueueName }));
      context.cleanUp(() => context.sqs.send(new DeleteQueueCommand({ QueueUrl })));
      check(QueueUrl?.endsWith(QueueName) === true, `url is ${QueueUrl ?? 'missing'}`);
    },
  },
});
