// One worker process for one queue: `worker.ts Builds|Triage|Audit`.
import { createQueueWorker, on } from 'millrace/runtime';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildWebhooks, triageWebhooks, webhooks } from './messages.js';
import { recordEffect } from './effects.js';

const MESSAGES = { Builds: buildWebhooks, Triage: triageWebhooks, Audit: webhooks };

const queue = process.argv[2] ?? '';
const table = process.env.EFFECTS_TABLE;
if (!isQueue(queue) || table === undefined) {
  throw new Error(
    `usage: EFFECTS_TABLE=<table> worker.ts <${Object.keys(MESSAGES).join('|')}>, got '${queue}' and table '${table ?? 'none'}'`,
  );
}

const worker = createQueueWorker({
  queue,
  idempotency: 'transactional',
  retry: { baseSeconds: 1, maxSeconds: 3 },
  handlers: MESSAGES[queue].map((message) =>
    on(message, async (webhook, context) => {
      await sleep(5, undefined, { signal: context.signal }); // the work: a build to start, a label to set
      if (webhook.payload.unprocessable === true) throw new Error('this delivery can never be processed');
      // Written in one transaction with the inbox record: a crash leaves both or neither.
      context.write(recordEffect(table, queue, webhook));
    }),
  ),
  onEvent: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
});
await worker.run();

function isQueue(name: string): name is keyof typeof MESSAGES {
  return name in MESSAGES;
}
