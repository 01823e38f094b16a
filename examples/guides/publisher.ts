import { isMillraceError } from 'millrace/contract';
import { createPublisher } from 'millrace/runtime';
import { PushReceived } from '../quickstart/messages.js';

type Push = { readonly delivery: string; readonly ref: string };

/** Programs of docs/publisher.md; test/examples/guides.test.ts runs them. */
export async function publishOne(push: Push): Promise<string> {
  // #region publish
  const publisher = createPublisher({ queue: 'Builds', messages: [PushReceived] }); // or { topic: 'RepositoryEvents' }
  const { messageId } = await publisher.publish(PushReceived, push); // SQS has it
  await publisher.stop(); // sends what waits, then closes
  // #endregion publish
  return messageId;
}

export async function publishMany(pushes: readonly Push[]): Promise<number> {
  // #region many
  await using publisher = createPublisher({ queue: 'Builds' });
  const results = await Promise.allSettled(pushes.map((push) => publisher.publish(PushReceived, push)));
  const refused = results.filter(({ status }) => status === 'rejected');
  // #endregion many
  return refused.length;
}

export async function publishOrExplain(push: Push): Promise<string> {
  await using publisher = createPublisher({ queue: 'Builds' });
  // #region errors
  try {
    await publisher.publish(PushReceived, push);
    return 'published';
  } catch (error) {
    if (isMillraceError(error, 'INVALID_PAYLOAD')) return `never: ${error.violations.join('; ')}`;
    if (isMillraceError(error, 'PUBLISH_FAILED')) return 'not now: publish it again later';
    throw error;
  }
  // #endregion errors
}

export async function publishLater(push: Push): Promise<void> {
  await using publisher = createPublisher({ queue: 'Builds' });
  // #region delay
  await publisher.publish(PushReceived, push, { delaySeconds: 60 }); // standard queues only
  // #endregion delay
}

export async function publishLean(push: Push): Promise<void> {
  // #region lean
  await using publisher = createPublisher({ topic: 'RepositoryEvents', transport: 'lean' });
  await publisher.publish(PushReceived, push);
  // #endregion lean
}
