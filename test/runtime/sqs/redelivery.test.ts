import { createQueueWorker, on } from '../../../lib/runtime/index.js';
import { openEmbeddedQueue } from '../support/embedded-queue.js';
import { eventLog, JobQueued } from './fixtures.js';

describe('a standard queue that brings a message back after its delete succeeded', () => {
  it('trap 9: has it recognised by its business id, and no handler run twice', async () => {
    const { aws, clock, sqs, dynamodb, binding, send, depths, close } = await openEmbeddedQueue({
      hasTable: true,
    });
    const log = eventLog();
    const handled: string[] = [];
    const worker = createQueueWorker({
      queue: binding,
      idempotency: 'transactional',
      handlers: [on(JobQueued, ({ job }) => void handled.push(job))],
      clients: { sqs, dynamodb },
      clock,
      random: { next: () => 0.5 },
      signals: false,
      onEvent: log.onEvent,
    });
    // SQS answers that it deleted the message, and its replica keeps it.
    aws.faults.set([
      {
        service: 'sqs',
        operation: 'DeleteMessageBatch',
        times: 1,
        effect: { kind: 'hazard', hazard: 'forget' },
      },
    ]);
    await send([{ id: 'job1' }]);
    const running = worker.run();
    const end = clock.monotonic() + 120_000;
    while (worker.stats().duplicates === 0 && clock.monotonic() < end) await clock.advanceBy(1_000);
    await clock.advanceBy(5_000);
    expect({ handled, depths: await depths() }).toEqual({
      handled: ['job1'],
      depths: { queue: 0, deadLetters: 0 },
    });
    expect(worker.stats()).toMatchObject({ handled: 1, duplicates: 1, failed: 0 });
    const state = { isStopped: false };
    const stopping = worker.stop().finally(() => (state.isStopped = true));
    while (!state.isStopped) await clock.advanceBy(500);
    await Promise.all([stopping, running]);
    await close();
  });
});
