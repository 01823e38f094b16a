import { randomUUID } from 'node:crypto';
import {
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { z } from 'zod';
import {
  defineMessage,
  type ContractReference,
  type MessageDefinition,
  type QueueBinding,
  type TopicBinding,
} from '../../lib/contract/index.js';
import { createPublisher, createQueueWorker, on, type QueueWorker } from '../../lib/runtime/index.js';
import { attributesFor, typeFor, type FilterPolicy } from './matching-attributes.js';
import { probeTopic } from './probe-topic.js';
import { tried, within, type EngineConfig, type ProbeResult } from './probe.js';

/**
 * Workers of every deployed queue, and what they were handed. They run as long as the probes do: a poll that a stopped
 * worker leaves open at the service may still take a message, which then comes back only after its visibility timeout.
 */
class ProbeWorkers {
  readonly #handled = new Map<string, (type: string) => void>();
  readonly #workers: readonly QueueWorker[];
  readonly #ended: readonly Promise<void>[];

  constructor(queues: readonly QueueBinding[]) {
    this.#workers = queues.map((queue) =>
      createQueueWorker({
        queue,
        idempotency: queue.idempotency === undefined ? 'none' : 'transactional',
        signals: false,
        handlers: queue.messages
          .map((reference) => declare(reference, {}))
          .map((message) => on(message, (_payload, { id }) => this.#handled.get(id)?.(message.name))),
      }),
    );
    this.#ended = this.#workers.map((worker) => worker.run());
  }

  /** Resolves with the message type once a worker was handed `id`; rejects when a worker ends before. */
  async arrivalOf(id: string): Promise<string> {
    const arrival = new Promise<string>((resolve) => this.#handled.set(id, resolve));
    const failure = Promise.race(this.#ended).then(() => Promise.reject(new Error('a worker ended')));
    return Promise.race([arrival, failure]);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await Promise.allSettled(this.#ended);
  }
}

/**
 * Publishes a message to each queue behind each topic, past the filters that were deployed, and sends one straight to each
 * queue that takes them; a worker of the queue must handle every one.
 */
export async function probeMessages(
  bindings: { readonly topics: readonly TopicBinding[]; readonly queues: readonly QueueBinding[] },
  aws: EngineConfig,
): Promise<readonly ProbeResult[]> {
  const { topics, queues } = bindings;
  const workers = new ProbeWorkers(queues);
  const sns = new SNSClient(aws);
  try {
    const routes: Route[] = [];
    for (const topic of topics) {
      for (const { queueArn, filter } of await queueSubscriptions(sns, topic.arn)) {
        const queue = queues.find(({ arn }) => arn === queueArn);
        // Without a binding there is no worker that would know what to do.
        if (queue !== undefined) routes.push({ destination: topic, queue, filter });
      }
    }
    const direct = queues.filter(({ delivery }) => delivery === 'raw');
    routes.push(...direct.map((queue) => ({ destination: queue, queue, filter: {} })));
    const alone = topics.filter((topic) => !routes.some(({ destination }) => destination === topic));
    return await Promise.all([
      ...routes.map((route) => tried(nameOf(route), () => send(route, workers))),
      ...alone.map((topic) =>
        tried(`topic ${topic.name} → a queue of the probe`, () => probeTopic(topic, aws)),
      ),
    ]);
  } finally {
    sns.destroy();
    await workers.stop();
  }
}

interface Route {
  readonly destination: TopicBinding | QueueBinding;
  readonly queue: QueueBinding;
  readonly filter: FilterPolicy;
}

const nameOf = ({ destination, queue }: Route): string =>
  destination === queue ? `queue ${queue.name}` : `topic ${destination.name} → queue ${queue.name}`;

async function send({ destination, queue, filter }: Route, workers: ProbeWorkers): Promise<string> {
  const type = typeFor(
    filter,
    destination.messages.map(({ name }) => name),
  );
  const reference = destination.messages.find(({ name }) => name === type);
  if (reference === undefined)
    throw new Error(`the filter lets ${type} pass, which ${destination.name} does not carry`);
  const message = declare(reference, filter);
  const id = randomUUID();
  const publisher = createPublisher({
    ...(destination.kind === 'topic' ? { topic: destination } : { queue: destination }),
    messages: [message],
  });
  try {
    const arrival = workers.arrivalOf(id);
    await publisher.publish(message, { id });
    const name = await within(arrival, `a worker of ${queue.name} to be handed ${type}`);
    return `${name} published, delivered, handled`;
  } finally {
    await publisher.stop();
  }
}

type Probe = MessageDefinition<string, { id: string }, { id: string }>;

const declare = ({ name, version }: ContractReference, filter: FilterPolicy): Probe =>
  defineMessage(name, {
    version,
    schema: z.object({ id: z.string() }),
    id: ({ id }) => id,
    group: ({ id }) => id,
    attributes: () => attributesFor(filter),
  });

interface QueueSubscription {
  readonly queueArn: string;
  readonly filter: FilterPolicy;
}

async function queueSubscriptions(sns: SNSClient, TopicArn: string): Promise<readonly QueueSubscription[]> {
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  const queues = Subscriptions.filter(({ Protocol }) => Protocol === 'sqs');
  return Promise.all(
    queues.map(async ({ SubscriptionArn, Endpoint = '' }) => {
      const { Attributes = {} } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
      const policy = Attributes['FilterPolicy'];
      return { queueArn: Endpoint, filter: policy ? (JSON.parse(policy) as FilterPolicy) : {} };
    }),
  );
}
