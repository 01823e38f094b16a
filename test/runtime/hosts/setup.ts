import { SendMessageCommand } from '@aws-sdk/client-sqs';
import {
  createLambdaHandler,
  createPublisher,
  createQueueWorker,
  on,
  type LambdaHandlerOptions,
  type MessageContext,
} from '../../../lib/runtime/index.js';
import { startEventSourceMapping } from '../support/event-source-mapping.js';
import {
  EFFECTS,
  eventually,
  openLocalQueue,
  type LocalQueue,
  type LocalQueueOptions,
} from '../support/local-queue.js';
import { eventLog, JobQueued } from '../sqs/fixtures.js';

type Log = ReturnType<typeof eventLog>;

/** Starts a host on a queue; answers how to stop it. */
export type Host = (local: LocalQueue, options: LambdaHandlerOptions) => () => Promise<void>;

/** The long-polling worker. */
export const poller: Host = (_local, options) => {
  const worker = createQueueWorker({ ...options, signals: false, drainTimeoutSeconds: 2 });
  worker.run().catch(() => undefined);
  return () => worker.stop();
};

/** The same worker over its own signed requests instead of the SDK's. */
export const leanPoller: Host = (local, options) => poller(local, { ...options, transport: 'lean' });

/** The Lambda handler behind a driver that acts like an event source mapping. */
export const lambda: Host = (local, options) => {
  const { sqs, dynamodb, binding } = local;
  const handler = createLambdaHandler({ ...options, clients: { sqs, dynamodb } });
  const mapping = startEventSourceMapping(sqs, binding, handler);
  return async () => {
    await mapping.stop();
    expect(mapping.errors).toEqual([]);
  };
};

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A queue, a publisher, and a way to put the host to work on it; all closed after the test. */
export async function setup(host: Host, options: LocalQueueOptions = {}) {
  const local = await openLocalQueue(options);
  closers.push(() => local.close());
  const publisher = createPublisher({ queue: local.binding });
  closers.push(() => publisher.stop());
  return {
    local,
    publishAll: (jobs: readonly string[]) =>
      Promise.all(jobs.map((job) => publisher.publish(JobQueued, { job }))),
    sendText: (MessageBody: string) =>
      local.sqs.send(new SendMessageCommand({ QueueUrl: local.binding.url, MessageBody })),
    isEmpty: () => eventually('all messages are gone', async () => (await local.depth()) === 0),
    work: (
      handle: (job: string, ctx: MessageContext) => Promise<void> | void = putEffect,
      over: Partial<LambdaHandlerOptions> = {},
    ): Log => {
      const log = eventLog();
      const stop = host(local, {
        queue: local.binding,
        idempotency: 'transactional',
        handlers: [on(JobQueued, ({ job }, ctx) => handle(job, ctx))],
        retry: { baseSeconds: 0, maxSeconds: 1 },
        abortGraceSeconds: 1,
        onEvent: log.onEvent,
        ...over,
      });
      closers.push(stop);
      return log;
    },
  };
}

/** Counts how often the job had its effect: an update, so that a second one would show. */
export function putEffect(job: string, ctx: MessageContext): void {
  ctx.write({
    Update: {
      TableName: EFFECTS,
      Key: { pk: { S: job } },
      UpdateExpression: 'ADD #n :one',
      ExpressionAttributeNames: { '#n': 'n' },
      ExpressionAttributeValues: { ':one': { N: '1' } },
    },
  });
}
