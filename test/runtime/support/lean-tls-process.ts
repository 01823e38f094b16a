import { SQSClient } from '@aws-sdk/client-sqs';
import { isIntact } from '../../../lib/runtime/aws/checksums.js';
import type { ReceivedMessage } from '../../../lib/runtime/aws/sqs-api.js';
import { createLeanSqsApi } from '../../../lib/runtime/aws/wire/lean-sqs-api.js';
import { createSystemClock } from '../../../lib/runtime/system/clock.js';
import { LazyAbort } from '../../../lib/runtime/system/lazy-abort.js';

/** Sends, receives and deletes ten messages over the endpoint it is given, and says what came of it as JSON. */
const [endpoint = '', queueUrl = ''] = process.argv.slice(2);
const BODY = 'ü'.repeat(10_000);

const target = { region: 'us-east-1', endpoint };
const client = new SQSClient({ ...target, credentials: { accessKeyId: 'tls', secretAccessKey: 'tls' } });
const lean = await createLeanSqsApi({ target, client, clock: createSystemClock() });
const sent = await lean.sendBatch(
  queueUrl,
  Array.from({ length: 10 }, (_, at) => ({ body: `${at}${BODY}`, attributes: {} })),
);
const received: ReceivedMessage[] = [];
while (received.length < 10) {
  const request = { queueUrl, maxMessages: 10, waitSeconds: 1, visibilityTimeoutSeconds: 60 };
  received.push(...(await lean.receive(request, new LazyAbort())));
}
const intact = received.filter((message) =>
  isIntact(message, { ofBody: message.md5OfBody, ofAttributes: message.md5OfAttributes }),
);
const deleted = await lean.deleteBatch(
  queueUrl,
  received.map(({ receiptHandle }) => receiptHandle),
);
lean.close();
client.destroy();
const done = (outcomes: readonly { readonly kind: string }[]): number =>
  outcomes.filter(({ kind }) => kind === 'done').length;
process.stdout.write(JSON.stringify({ sent: done(sent), intact: intact.length, deleted: done(deleted) }));
