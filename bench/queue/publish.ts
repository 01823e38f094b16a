import { SQSClient } from '@aws-sdk/client-sqs';
import { createPublisher, type Publisher } from '../../lib/runtime/index.js';
import { spreadOf, type Figure } from '../figures.js';
import type { MeasureOptions } from '../subject.js';
import { BODY_BYTES, startServer } from './consume.js';
import { clientConfig } from './consumers/client-config.js';
import { bindingOf, JobQueued, payloadOf } from './work.js';

const MESSAGES = 10_000;
/** Callers that each wait for their message before they publish the next. */
const CALLERS = 200;
const LONE_MESSAGES = 20;
const IDLE_MS = 50;

/** How full a publisher's calls are under load, and how long a lone message waits. */
export async function* measurePublish({ runs }: MeasureOptions): AsyncGenerator<Figure> {
  await using server = await startServer();
  const { place } = await server.give({ kind: 'queue', fifo: false, messages: 0, bytes: 0, groups: 0 });
  if (place === undefined) throw new Error('the server made no queue');
  const sqs = new SQSClient(clientConfig(place));
  const perCall: number[] = [];
  const loneMs: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await using publisher = createPublisher({ queue: bindingOf(place), transport: 'lean', clients: { sqs } });
    await underLoad(publisher);
    const { published, calls } = publisher.stats();
    perCall.push(published / calls);
    loneMs.push(await loneLatency(publisher));
  }
  sqs.destroy();
  const figure = { part: 'publish', runs, cpu: undefined };
  yield {
    ...figure,
    name: `${CALLERS} callers, 1 KB`,
    unit: 'messages/call',
    wall: spreadOf(perCall),
    target: 9.5,
  };
  yield {
    ...figure,
    name: 'a lone message, published to taken',
    unit: 'ms',
    wall: spreadOf(loneMs),
    target: 20, // the age that a batch may reach: a lone message does not wait for it
    isCeiling: true,
  };
}

async function underLoad(publisher: Publisher): Promise<void> {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < MESSAGES) await publisher.publish(JobQueued, payloadOf((next += 1), BODY_BYTES));
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

/** The median of several, each on an idle publisher. */
async function loneLatency(publisher: Publisher): Promise<number> {
  const latencies: number[] = [];
  for (let sent = 0; sent < LONE_MESSAGES; sent += 1) {
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    const start = performance.now();
    await publisher.publish(JobQueued, payloadOf(sent, BODY_BYTES));
    latencies.push(performance.now() - start);
  }
  return spreadOf(latencies).median;
}
