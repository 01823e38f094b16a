import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createQueueWorker, on } from '../../lib/runtime/index.js';
import { spreadOf, type Figure } from '../figures.js';
import type { MeasureOptions } from '../subject.js';
import { BODY_BYTES, startServer, type Server } from './consume.js';
import { clientConfig } from './consumers/client-config.js';
import { bindingOf, JobQueued } from './work.js';

const MESSAGES = 500;
const TABLE = 'bench-idempotency';

/** What idempotency in lease mode costs in DynamoDB. */
export async function* measureLease({ runs }: MeasureOptions): AsyncGenerator<Figure> {
  await using server = await startServer();
  await server.give({ kind: 'table', name: TABLE });
  const calls: number[] = [];
  for (let run = 0; run < runs; run += 1) calls.push(await callsPerMessage(server, `run-${run}`));
  yield {
    part: 'lease',
    name: 'DynamoDB calls, lease mode',
    unit: 'calls/message',
    runs,
    wall: spreadOf(calls),
    cpu: undefined,
    target: 0.2,
    isCeiling: true,
  };
}

async function callsPerMessage(server: Server, consumer: string): Promise<number> {
  const made = { kind: 'queue', fifo: false, messages: MESSAGES, bytes: BODY_BYTES, groups: 0 } as const;
  const { place, counts: before } = await server.give(made);
  if (place === undefined) throw new Error('the server made no queue');
  const clients = {
    sqs: new SQSClient(clientConfig(place)),
    dynamodb: new DynamoDBClient(clientConfig(place)),
  };
  let left = MESSAGES;
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  await using worker = createQueueWorker({
    queue: bindingOf(place, TABLE),
    idempotency: 'lease',
    consumer,
    handlers: [on(JobQueued, () => undefined)],
    clients,
    signals: false,
    onEvent: ({ kind }) => {
      if (kind === 'handled' && (left -= 1) === 0) finish();
    },
  });
  await Promise.race([finished, worker.run()]);
  await worker.stop();
  const { counts: after } = await server.give({ kind: 'counts' });
  for (const client of Object.values(clients)) client.destroy();
  return (dynamoCalls(after) - dynamoCalls(before)) / MESSAGES;
}

const dynamoCalls = (counts: Readonly<Record<string, number>>): number =>
  Object.entries(counts).reduce(
    (sum, [name, count]) => (name.startsWith('dynamodb.') ? sum + count : sum),
    0,
  );
