import { createPublisher, createQueueWorker, on, whenError, type QueueWorker } from 'millrace/runtime';
import { PushReceived } from '../quickstart/messages.js';

/** Programs of docs/queue-worker.md; test/examples/guides.test.ts runs them. */
type Push = { readonly delivery: string; readonly ref: string };

export class RepositoryGone extends Error {
  override readonly name = 'RepositoryGone';
}

export function createBuildWorker(build: (push: Push, signal: AbortSignal) => Promise<void>): QueueWorker {
  // #region worker
  const worker = createQueueWorker({
    queue: 'Builds',
    idempotency: 'none',
    handlers: [
      on(PushReceived, async (push, context) => {
        await build(push, context.signal); // aborts when its time is over or the message is no longer ours
      }),
    ],
  });
  // #endregion worker
  return worker;
}

export function createForgivingWorker(build: (push: Push) => Promise<void>): QueueWorker {
  return createQueueWorker({
    queue: 'Builds',
    idempotency: 'none',
    handlers: [on(PushReceived, (push) => build(push))],
    // #region errors
    errors: [
      whenError('RateLimited', { then: 'snooze', seconds: 60 }),
      whenError(RepositoryGone, { then: 'dead-letter' }), // at once, with the reason
      whenError('Outdated', { then: 'drop' }), // deleted, told through onEvent
    ],
    // #endregion errors
  });
}

export function createElasticWorker(build: (push: Push) => Promise<void>): QueueWorker {
  // #region overload
  const worker = createQueueWorker({
    queue: 'Builds',
    idempotency: 'none',
    handlers: [on(PushReceived, (push) => build(push))],
    concurrency: { min: 2, max: 50 }, // follows latency and errors; a number stays as it is
    circuitBreaker: { failureShare: 0.5 }, // or false
    prefetch: { messages: 20, bytes: 8_388_608, perGroup: 10 },
  });
  // #endregion overload
  return worker;
}

export function createLeanPair(build: (push: Push) => Promise<void>) {
  // #region lean
  const worker = createQueueWorker({
    queue: 'Builds',
    transport: 'lean',
    idempotency: 'none',
    handlers: [on(PushReceived, (push) => build(push))],
  });
  const publisher = createPublisher({ queue: 'Builds', transport: 'lean' });
  // #endregion lean
  return { worker, publisher };
}
