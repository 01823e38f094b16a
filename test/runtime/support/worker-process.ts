import type { QueueBinding } from '../../../lib/contract/index.js';
import { createQueueWorker, on } from '../../../lib/runtime/index.js';
import { JobQueued } from '../sqs/fixtures.js';

/** A worker as a process of its own: takes HANDLER_MS for each message and says what it does, a line each. */
const handlerMs = Number(process.env['HANDLER_MS']);
const worker = createQueueWorker({
  queue: JSON.parse(process.env['QUEUE'] ?? '') as QueueBinding,
  idempotency: 'none',
  handlers: [
    on(JobQueued, async ({ job }) => {
      process.stdout.write(`started ${job}\n`);
      await new Promise((resolve) => setTimeout(resolve, handlerMs));
      process.stdout.write(`ended ${job}\n`);
    }),
  ],
});
await worker.run();
process.stdout.write('quiet\n');
