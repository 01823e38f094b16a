import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { QueueBinding } from 'millrace/contract';
import { createPublisher, createQueueWorker, on, type MessageContext } from 'millrace/runtime';
import { createLocalAws, createVirtualClock, type LocalAws } from 'millrace/testing';
import { PushReceived } from '../quickstart/messages.js';

/** Programs of docs/testing.md; test/examples/guides.test.ts runs them. */

// #region handler
type Push = { readonly delivery: string; readonly ref: string };

/** The handler under test asks for no more of its context than it uses. */
export async function buildPush(push: Push, { signal }: Pick<MessageContext, 'signal'>): Promise<string> {
  signal.throwIfAborted();
  return Promise.resolve(`built ${push.ref}`);
}
// #endregion handler

export async function callHandler(): Promise<string> {
  // #region call
  const { signal } = new AbortController();
  const outcome = await buildPush({ delivery: 'd1', ref: 'refs/heads/main' }, { signal });
  // #endregion call
  return outcome;
}

// #region binding
/** What `MILLRACE_QUEUE_BUILDS` says after a deployment, for a queue made by hand. */
export async function createBuildsQueue(aws: LocalAws): Promise<QueueBinding> {
  const sqs = new SQSClient(aws.clientConfig);
  const create = async (QueueName: string) => {
    const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName }));
    return { url, arn: `arn:aws:sqs:${aws.region}:${aws.accountId}:${QueueName}` };
  };
  const [queue, deadLetterQueue] = [await create('Builds'), await create('BuildsDlq')];
  sqs.destroy();
  return {
    v: 1,
    kind: 'queue',
    name: 'Builds',
    ...queue,
    region: aws.region,
    endpoint: aws.endpoint,
    fifo: false,
    delivery: 'raw',
    messages: [{ name: PushReceived.name, version: 1 }],
    handlerTimeoutSeconds: 30,
    visibilityTimeoutSeconds: 30,
    maxReceiveCount: 3,
    retentionSeconds: 345_600,
    maxMessageBytes: 1_048_576,
    deadLetterQueue,
  };
}
// #endregion binding

export async function drainQueue(): Promise<readonly string[]> {
  // #region drain
  await using aws = await createLocalAws({ dynamodb: false });
  const clients = { sqs: new SQSClient(aws.clientConfig) };
  const queue = await createBuildsQueue(aws);
  const built: string[] = [];
  await using publisher = createPublisher({ queue, clients });
  await using worker = createQueueWorker({
    queue,
    clients,
    idempotency: 'none',
    signals: false,
    handlers: [on(PushReceived, async (push, context) => void built.push(await buildPush(push, context)))],
  });
  const running = worker.run();
  await publisher.publish(PushReceived, { delivery: 'd1', ref: 'refs/heads/main' });
  while (built.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await worker.stop(); // resolves when the message is deleted
  await running;
  // #endregion drain
  clients.sqs.destroy();
  return built;
}

export async function failOnce(): Promise<Readonly<Record<string, number>>> {
  // #region faults
  await using aws = await createLocalAws({ dynamodb: false });
  const clients = { sqs: new SQSClient(aws.clientConfig) };
  const queue = await createBuildsQueue(aws);
  aws.faults.set([{ operation: 'SendMessageBatch', times: 1, effect: { kind: 'throttle' } }]);
  await using publisher = createPublisher({ queue, clients });
  await publisher.publish(PushReceived, { delivery: 'd1', ref: 'refs/heads/main' }); // tried again
  // #endregion faults
  clients.sqs.destroy();
  return aws.faults.injected; // { throttle: 1 }
}

export async function passTime(): Promise<number> {
  // #region time
  const clock = createVirtualClock();
  let due = 0;
  clock.schedule(60_000, () => (due += 1));
  await clock.advanceBy(60_000); // a minute, at once
  // #endregion time
  return due;
}
