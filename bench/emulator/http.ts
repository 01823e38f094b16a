import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createLocalAws, type LocalAws } from '../../lib/testing/local-aws.js';
import { spreadOf, type Figure } from '../figures.js';
import type { MeasureOptions } from '../subject.js';
import type { ClientOrder, ClientReport } from './http-client.js';

const TARGET = 15_000;
const MESSAGES_PER_RUN = 30_000;
const BYTES = 256;
/** The client has its time, and an error of it would otherwise be waited for without end. */
const LONGEST_ORDER_MS = 60_000;

/** Messages per second that one client drains, receives and deletes by ten, and what that costs on either side. */
export async function* measureHttp({ runs }: MeasureOptions): AsyncGenerator<Figure> {
  await using aws = await createLocalAws({ dynamodb: false });
  const client = fork(fileURLToPath(new URL('./http-client.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });
  try {
    const queueUrl = await createQueue(aws);
    const order = {
      port: Number(new URL(aws.endpoint).port),
      queueUrl,
      messages: MESSAGES_PER_RUN,
      bytes: BYTES,
    };
    const drained: Drained[] = [];
    for (let run = 0; run <= runs; run += 1) {
      await give(client, { ...order, kind: 'fill' });
      const cpu = process.cpuUsage();
      const report = await give(client, { ...order, kind: 'drain' });
      const { user, system } = process.cpuUsage(cpu);
      // The first run warms both processes up.
      if (run > 0) drained.push({ ...report, serverCpuMs: (user + system) / 1_000 });
    }
    yield* figuresOf(drained);
  } finally {
    client.kill();
  }
}

interface Drained extends ClientReport {
  readonly serverCpuMs: number;
}

function* figuresOf(drained: readonly Drained[]): Generator<Figure> {
  const shared = { part: 'http', runs: drained.length };
  const rate = (milliseconds: (run: Drained) => number): Figure['wall'] =>
    spreadOf(drained.map((run) => (MESSAGES_PER_RUN / milliseconds(run)) * 1_000));
  yield {
    ...shared,
    name: `drained, ${BYTES} B, CPU of the server alone`,
    unit: 'messages/s',
    wall: rate(({ wallMs }) => wallMs),
    cpu: rate(({ serverCpuMs }) => serverCpuMs),
    target: TARGET,
  };
  yield {
    ...shared,
    name: `drained, ${BYTES} B, CPU of server and client`,
    unit: 'messages/s',
    wall: undefined,
    cpu: rate(({ serverCpuMs, cpuMs }) => serverCpuMs + cpuMs),
    target: TARGET,
  };
  yield {
    ...shared,
    name: 'server CPU per message drained',
    unit: 'µs',
    wall: undefined,
    cpu: spreadOf(drained.map(({ serverCpuMs }) => (serverCpuMs / MESSAGES_PER_RUN) * 1_000)),
    target: undefined,
  };
}

async function createQueue(aws: LocalAws): Promise<string> {
  const response = await fetch(aws.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'AmazonSQS.CreateQueue', 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify({ QueueName: 'bench' }),
  });
  return ((await response.json()) as { readonly QueueUrl: string }).QueueUrl;
}

async function give(client: ChildProcess, order: ClientOrder): Promise<ClientReport> {
  const signal = AbortSignal.timeout(LONGEST_ORDER_MS);
  const answered = once(client, 'message', { signal });
  const ended = once(client, 'exit', { signal }).then(() => {
    throw new Error(`the client ended while it was to ${order.kind} the queue`);
  });
  client.send(order);
  const [report] = (await Promise.race([answered, ended])) as [ClientReport];
  ended.catch(() => undefined);
  return report;
}
