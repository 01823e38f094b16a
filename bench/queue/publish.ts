import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import {
  createPublisher,
  type Publisher,
  type PublisherOptions,
  type Transport,
} from '../../lib/runtime/index.js';
import { spreadOf, Stopwatch, type Figure, type Spent } from '../figures.js';
import type { MeasureOptions } from '../subject.js';
import { BODY_BYTES, startServer, type Server } from './consume.js';
import { clientConfig } from './consumers/client-config.js';
import { bindingOf, JobQueued, payloadOf, topicBindingOf } from './work.js';

const MESSAGES = 10_000;
/** Callers that each wait for their message before they publish the next. */
const CALLERS = 200;
const LONE_MESSAGES = 20;
const IDLE_MS = 50;
const TRANSPORTS: readonly Transport[] = ['sdk', 'lean'];

/** Where a bench publishes to, and the client it uses. */
interface Destination {
  readonly name: 'queue' | 'topic';
  readonly options: Pick<PublisherOptions, 'queue' | 'topic' | 'clients'>;
  readonly close: () => void;
}

/** One run of one publisher. */
interface Published extends Spent {
  readonly perCall: number;
  readonly loneMs: number;
}

/**
 * How full a publisher's calls are under load, what its messages cost over each transport, and how long a lone one waits.
 * The transports take turns: a change of the machine's mood then hits both of them.
 */
export async function* measurePublish({ runs, isWanted }: MeasureOptions): AsyncGenerator<Figure> {
  await using server = await startServer();
  for (const open of [openQueue, openTopic]) {
    const destination = await open(server);
    const measured = new Map<Transport, Published[]>(TRANSPORTS.map((transport) => [transport, []]));
    if (isWanted(destination.name))
      for (let run = 0; run <= runs; run += 1)
        for (const transport of TRANSPORTS) {
          const published = await publishOnce(destination, transport);
          if (run > 0) measured.get(transport)?.push(published); // the first one warms up
        }
    destination.close();
    for (const transport of TRANSPORTS)
      yield* figuresOf(destination.name, transport, {
        own: measured.get(transport) ?? [],
        sdk: measured.get('sdk') ?? [],
      });
  }
}

async function openQueue(server: Server): Promise<Destination> {
  const { place } = await server.give({ kind: 'queue', fifo: false, messages: 0, bytes: 0, groups: 0 });
  if (place === undefined) throw new Error('the server made no queue');
  const sqs = new SQSClient(clientConfig(place));
  return {
    name: 'queue',
    options: { queue: bindingOf(place), clients: { sqs } },
    close: () => sqs.destroy(),
  };
}

async function openTopic(server: Server): Promise<Destination> {
  const { topic } = await server.give({ kind: 'topic' });
  if (topic === undefined) throw new Error('the server made no topic');
  const sns = new SNSClient(clientConfig(topic));
  return {
    name: 'topic',
    options: { topic: topicBindingOf(topic), clients: { sns } },
    close: () => sns.destroy(),
  };
}

async function publishOnce({ options }: Destination, transport: Transport): Promise<Published> {
  await using publisher = createPublisher({ ...options, transport });
  const stopwatch = new Stopwatch();
  await stopwatch.timeAsync(() => underLoad(publisher));
  const { published, calls } = publisher.stats();
  return { ...stopwatch.spent, perCall: published / calls, loneMs: await loneLatency(publisher) };
}

function* figuresOf(
  destination: Destination['name'],
  transport: Transport,
  { own, sdk }: { readonly own: readonly Published[]; readonly sdk: readonly Published[] },
): Generator<Figure> {
  if (own.length === 0) return;
  const name = `${destination}, ${transport}, ${CALLERS} callers, 1 KB`;
  const figure = { part: 'publish', runs: own.length, cpu: undefined, wall: undefined, target: undefined };
  yield {
    ...figure,
    name,
    unit: 'messages/call',
    wall: spreadOf(own.map(({ perCall }) => perCall)),
    target: 9.5,
  };
  yield {
    ...figure,
    name,
    unit: 'messages/s',
    wall: spreadOf(own.map(({ wallMs }) => (MESSAGES / wallMs) * 1_000)),
    cpu: spreadOf(own.map(({ cpuMs }) => (MESSAGES / cpuMs) * 1_000)),
  };
  if (transport !== 'sdk')
    yield {
      ...figure,
      name: `${name}: CPU beside sdk`,
      unit: 'x',
      cpu: spreadOf(own.map(({ cpuMs }, run) => cpuMs / (sdk[run]?.cpuMs ?? NaN))),
    };
  yield {
    ...figure,
    name: `${destination}, ${transport}, a lone message, published to taken`,
    unit: 'ms',
    wall: spreadOf(own.map(({ loneMs }) => loneMs)),
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
