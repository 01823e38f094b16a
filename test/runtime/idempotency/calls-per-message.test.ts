import { createQueueWorker, createPublisher, on, type IdempotencyMode } from '../../../lib/runtime/index.js';
import { JobQueued } from '../sqs/fixtures.js';
import { eventually, openLocalQueue } from '../support/local-queue.js';

const MESSAGES = 500;

/** Handles a full queue in one mode and counts what DynamoDB was asked meanwhile. */
async function callsPerMessage(idempotency: IdempotencyMode): Promise<number> {
  const fifo = idempotency === 'sequence';
  const local = await openLocalQueue({ fifo });
  const publisher = createPublisher({ queue: local.binding });
  try {
    const jobs = Array.from(
      { length: MESSAGES },
      (_, index) => `${'abcdefghijklmnopqrst'[index % 20] ?? ''}${index}`,
    );
    await Promise.all(jobs.map((job) => publisher.publish(JobQueued, { job })));
    const before = local.aws.calls.count('dynamodb');
    const worker = createQueueWorker({
      queue: local.binding,
      idempotency,
      handlers: [on(JobQueued, () => undefined)],
      concurrency: 50,
      signals: false,
    });
    const running = worker.run();
    await eventually('all are handled', () => worker.stats().handled === MESSAGES);
    await worker.stop();
    await running;
    return (local.aws.calls.count('dynamodb') - before) / MESSAGES;
  } finally {
    await publisher.stop();
    await local.close();
  }
}

// The figures of docs/idempotency.md, with room for a machine that is slower than it was.
describe('DynamoDB calls per message of a full queue, concurrency 50', () => {
  it.each([
    ['lease', 0.2],
    ['record-after', 0.2],
    ['sequence', 0.4], // 20 groups, so 20 messages at once
    ['transactional', 0.2], // handlers that write nothing; one that writes has a transaction of its own
    ['none', 0],
  ] as const)('are few in mode %s: at most %d', async (mode, most) => {
    const calls = await callsPerMessage(mode);
    process.stdout.write(`${mode}: ${calls.toFixed(3)} DynamoDB calls per message\n`);
    expect(calls).toBeLessThanOrEqual(most);
  });
});
