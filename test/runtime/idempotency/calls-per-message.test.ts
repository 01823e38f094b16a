import { createQueueWorker, on, type IdempotencyMode } from '../../../lib/runtime/index.js';
import { openEmbeddedQueue } from '../support/embedded-queue.js';
import { JobQueued } from '../sqs/fixtures.js';

const MESSAGES = 500;
/** Virtual; the work itself takes no time. */
const PATIENCE_MS = 60_000;
/** What a call takes inside a region, about. */
const ROUND_TRIP_MS = 5;

/** Handles a full queue in one mode on a clock of its own, and counts what DynamoDB was asked meanwhile. */
async function callsPerMessage(idempotency: IdempotencyMode, groups = 0): Promise<number> {
  const fifo = groups > 0;
  const { aws, clock, sqs, dynamodb, binding, send, close } = await openEmbeddedQueue({
    fifo,
    hasTable: true,
  });
  const jobs = Array.from({ length: MESSAGES }, (_, index) => ({
    id: `job${index}`,
    ...(fifo && { group: `group${index % groups}` }),
  }));
  await send(jobs);
  aws.faults.set([{ effect: { kind: 'slow', delayMs: ROUND_TRIP_MS } }]);
  const before = aws.calls.count('dynamodb');
  const worker = createQueueWorker({
    queue: binding,
    idempotency,
    handlers: [on(JobQueued, () => undefined)],
    concurrency: 50,
    clients: { sqs, dynamodb },
    clock,
    random: { next: () => 0.5 },
    signals: false,
  });
  const running = worker.run();
  const end = clock.monotonic() + PATIENCE_MS;
  while (worker.stats().handled < MESSAGES && clock.monotonic() < end) await clock.advanceBy(ROUND_TRIP_MS);
  const handled = worker.stats().handled;
  const state = { isStopped: false };
  const stopping = worker.stop().finally(() => (state.isStopped = true));
  while (!state.isStopped) await clock.advanceBy(500);
  await Promise.all([stopping, running]);
  const calls = aws.calls.count('dynamodb') - before;
  await close();
  expect(handled).toBe(MESSAGES);
  return calls / MESSAGES;
}

/** Counted, not timed: a busy machine is only slow at it. */
const TIMEOUT_MS = 120_000;

// The figures of docs/idempotency.md. On a virtual clock they say what the modes ask for, not how busy the machine is.
describe('DynamoDB calls per message of a full queue, concurrency 50', () => {
  it.each([
    ['lease', 0.2],
    ['record-after', 0.2],
    ['transactional', 0.2], // handlers that write nothing; one that writes has a transaction of its own
    ['none', 0],
  ] as const)(
    'are few in mode %s: at most %d',
    async (mode, most) => {
      const calls = await callsPerMessage(mode);
      process.stdout.write(`${mode}: ${calls.toFixed(3)} DynamoDB calls per message\n`);
      expect(calls).toBeLessThanOrEqual(most);
    },
    TIMEOUT_MS,
  );

  it.each([1, 10, 100, 500])(
    'are few in mode sequence, in %d groups: at most 0.2',
    async (groups) => {
      const calls = await callsPerMessage('sequence', groups);
      process.stdout.write(`sequence, ${groups} groups: ${calls.toFixed(3)} DynamoDB calls per message\n`);
      expect(calls).toBeLessThanOrEqual(0.2);
    },
    TIMEOUT_MS,
  );
});
