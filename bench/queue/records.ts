import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createQueueWorker, on } from '../../lib/runtime/index.js';
import { spreadOf, type Figure } from '../figures.js';
import type { MeasureOptions } from '../subject.js';
import { BODY_BYTES, startServer, type Server } from './consume.js';
import { clientConfig } from './consumers/client-config.js';
import { bindingOf, JobQueued } from './work.js';

const MESSAGES = 500;
/** Groups the messages of mode `sequence` are spread over; with as many messages as groups each group has one. */
const GROUPS = [1, 10, 100, 1_000] as const;
const TABLE = 'bench-idempotency';

/** What idempotency in lease mode costs in DynamoDB. */
export async function* measureLease({ runs }: MeasureOptions): AsyncGenerator<Figure> {
  await using server = await startServer();
  await server.give({ kind: 'table', name: TABLE });
  const measure = { mode: 'lease', groups: 0, messages: MESSAGES } as const;
  yield await measureMode(server, measure, { part: 'lease', name: 'DynamoDB calls, lease mode', runs });
}

/** The same in sequence mode, by the number of FIFO groups. */
export async function* measureSequence({ runs }: MeasureOptions): AsyncGenerator<Figure> {
  await using server = await startServer();
  await server.give({ kind: 'table', name: TABLE });
  for (const groups of GROUPS) {
    const name = `DynamoDB calls, sequence mode, ${groups} groups`;
    const measure = { mode: 'sequence', groups, messages: Math.max(MESSAGES, 5 * groups) } as const;
    yield await measureMode(server, measure, { part: 'sequence', name, runs });
  }
}

/** What is handled, and how. */
interface Measure {
  readonly mode: 'lease' | 'sequence';
  /** 0 is a standard queue. */
  readonly groups: number;
  readonly messages: number;
}

async function measureMode(
  server: Server,
  measure: Measure,
  { runs, ...names }: { readonly part: string; readonly name: string; readonly runs: number },
): Promise<Figure> {
  const calls: number[] = [];
  for (let run = 0; run < runs; run += 1)
    calls.push(await callsPerMessage(server, measure, `${names.name}-${run}`));
  return {
    ...names,
    unit: 'calls/message',
    runs,
    wall: spreadOf(calls),
    cpu: undefined,
    target: 0.2,
    isCeiling: true,
  };
}

async function callsPerMessage(
  server: Server,
  { mode, groups, messages }: Measure,
  consumer: string,
): Promise<number> {
  const made = { kind: 'queue', fifo: groups > 0, messages, bytes: BODY_BYTES, groups } as const;
  const { place, counts: before } = await server.give(made);
  if (place === undefined) throw new Error('the server made no queue');
  const clients = {
    sqs: new SQSClient(clientConfig(place)),
    dynamodb: new DynamoDBClient(clientConfig(place)),
  };
  let left = messages;
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  await using worker = createQueueWorker({
    queue: bindingOf(place, TABLE),
    idempotency: mode,
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
  return (dynamoCalls(after) - dynamoCalls(before)) / messages;
}

const dynamoCalls = (counts: Readonly<Record<string, number>>): number =>
  Object.entries(counts).reduce(
    (sum, [name, count]) => (name.startsWith('dynamodb.') ? sum + count : sum),
    0,
  );
