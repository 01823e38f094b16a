import { createEmulatedAws, type EmulatedAws } from '../../lib/emulator/aws.js';
import { createVirtualClock } from '../../lib/testing/virtual-clock.js';
import { ACCOUNT_ID, repeatableRandom, REGION, type Members } from './engine-call.js';

/** How long the traffic lasts and how dense it is. */
export interface SoakOptions {
  /** Simulated hours, the first ones included in which streams fill up to their retention of 24 hours. */
  readonly hours: number;
  /** The hour of the first sample. */
  readonly firstSample: number;
  /** Hours between two samples; a sample costs a collection of garbage. */
  readonly sampleEvery: number;
  /** Simulated seconds between two rounds of traffic. */
  readonly roundSeconds: number;
  /** Collects garbage and gives the bytes of the heap in use. */
  readonly heapBytes: () => number;
}

/** The account at one moment. */
export interface SoakSample {
  readonly hour: number;
  readonly heapBytes: number;
  /** Messages in the queues, dead ones included. */
  readonly messages: number;
  /** Entries that were sent, published and put since the start. */
  readonly taken: number;
}

const BATCH = 10;
const BACKLOG = 1_000;
const HOUR_MS = 3_600_000;
/** Every so many rounds a poisonous message is sent, which nobody deletes until it is dead and old. */
const ROUNDS_PER_POISON = 20;
const POISON = 'poison';
const BODY_BYTES = 256;
const RECORD_BYTES = 100;
const IDS = Array.from({ length: BATCH }, (_, at) => String(at));

/**
 * Traffic through a whole account, at the level of its HTTP API, on virtual time: a standard queue with a dead-letter
 * queue and deletes that come late, a FIFO queue with deduplication ids, a topic in front of a queue, and a stream that
 * is written and read. As much leaves as comes in: what is held stays the same, and so must the heap.
 * @returns The samples
 */
export async function* soak(options: SoakOptions): AsyncGenerator<SoakSample> {
  const { hours, firstSample, sampleEvery, roundSeconds, heapBytes } = options;
  const clock = createVirtualClock({ settlingTurns: 2 });
  const aws = await createEmulatedAws({
    region: REGION,
    accountId: ACCOUNT_ID,
    clock,
    random: repeatableRandom(),
    randomId: countedIds(),
    baseUrl: () => 'http://127.0.0.1',
    dynamodb: false,
    kinesis: { transitionMs: 0 },
  });
  const traffic = new Traffic(aws);
  await traffic.begin();
  const roundsPerHour = HOUR_MS / 1_000 / roundSeconds;
  for (let hour = 1; hour <= hours; hour += 1) {
    for (let round = 0; round < roundsPerHour; round += 1) {
      await clock.advanceBy(roundSeconds * 1_000);
      await traffic.round();
    }
    const isSampled = hour >= firstSample && (hour - firstSample) % sampleEvery === 0;
    if (isSampled)
      yield { hour, heapBytes: heapBytes(), messages: await traffic.messages(), taken: traffic.taken };
  }
  aws.close();
}

function countedIds(): () => string {
  let count = 0;
  return () => `00000000-0000-4000-8000-${String((count += 1)).padStart(12, '0')}`;
}

const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT_ID}:events`;
const queueArn = (name: string): string => `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:${name}`;

interface Message {
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly Attributes: Readonly<Record<string, string>>;
}

/** The clients of the account. */
class Traffic {
  /** Entries that were sent, published and put. */
  taken = 0;
  readonly #aws: EmulatedAws;
  readonly #urls = new Map<string, string>();
  #iterators: readonly string[] = [];
  #rounds = 0;

  constructor(aws: EmulatedAws) {
    this.#aws = aws;
  }

  /** Makes what there is to be, and what lies in the queues all the time. */
  async begin(): Promise<void> {
    await this.#createQueue('dead', { MessageRetentionPeriod: '3600' });
    const redrive = { deadLetterTargetArn: queueArn('dead'), maxReceiveCount: 3 };
    await this.#createQueue('work', { RedrivePolicy: JSON.stringify(redrive) });
    await this.#createQueue('order.fifo', { FifoQueue: 'true' });
    const allow = { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' };
    await this.#createQueue('notes', { Policy: JSON.stringify({ Statement: [allow] }) });
    await this.#form({ Action: 'CreateTopic', Name: 'events' });
    await this.#form({ Action: 'Subscribe', TopicArn: TOPIC, Protocol: 'sqs', Endpoint: queueArn('notes') });
    await this.#json('Kinesis_20131202.CreateStream', { StreamName: 'soak', ShardCount: 2 });
    for (let held = 0; held < BACKLOG; held += BATCH) {
      await this.#send('work', BATCH);
      await this.#send('order.fifo', BATCH);
    }
    this.#iterators = [await this.#iterator(0), await this.#iterator(1)];
  }

  /** Some of everything, as much in as out. */
  async round(): Promise<void> {
    this.#rounds += 1;
    await this.#send('work', BATCH);
    if (this.#rounds % ROUNDS_PER_POISON === 0) await this.#send('work', 1, POISON);
    await this.#drain('work', BATCH);
    await this.#send('order.fifo', BATCH);
    await this.#drain('order.fifo', BATCH);
    await this.#form({ Action: 'Publish', TopicArn: TOPIC, Message: `note ${this.#rounds}` });
    this.taken += 1;
    await this.#drain('notes', 1);
    await this.#putAndGet();
  }

  /** Messages in all queues. */
  async messages(): Promise<number> {
    let sum = 0;
    for (const QueueUrl of this.#urls.values()) {
      const input = { QueueUrl, AttributeNames: ['All'] };
      const { Attributes } = await this.#json('AmazonSQS.GetQueueAttributes', input);
      const counts = Attributes as Readonly<Record<string, string>>;
      for (const state of ['', 'NotVisible', 'Delayed'])
        sum += Number(counts[`ApproximateNumberOfMessages${state}`]);
    }
    return sum;
  }

  async #createQueue(QueueName: string, Attributes: Readonly<Record<string, string>>): Promise<void> {
    const { QueueUrl } = await this.#json('AmazonSQS.CreateQueue', { QueueName, Attributes });
    this.#urls.set(QueueName, QueueUrl as string);
  }

  async #send(queue: string, count: number, body?: string): Promise<void> {
    const Entries = IDS.slice(0, count).map((Id) => {
      this.taken += 1;
      const entry = { Id, MessageBody: body ?? `message ${this.taken} `.padEnd(BODY_BYTES, 'x') };
      const ids = { MessageGroupId: `group-${Id}`, MessageDeduplicationId: `${this.taken}` };
      return queue.endsWith('.fifo') ? { ...entry, ...ids } : entry;
    });
    await this.#json('AmazonSQS.SendMessageBatch', { QueueUrl: this.#urls.get(queue), Entries });
  }

  /**
   * Deletes `count` messages. On the standard queue the first one of each round is left lying the first time it comes,
   * and comes again when its visibility timeout is over; poison is never deleted.
   */
  async #drain(queue: string, count: number): Promise<void> {
    const QueueUrl = this.#urls.get(queue);
    let isSpared = queue !== 'work';
    for (let left = count; left > 0;) {
      const { Messages } = await this.#json('AmazonSQS.ReceiveMessage', {
        QueueUrl,
        MaxNumberOfMessages: Math.min(BATCH, left),
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      });
      if (Messages === undefined) throw new Error(`${queue} ran dry`);
      const done = (Messages as readonly Message[]).filter(({ Body, Attributes }) => {
        if (Body === POISON) return false;
        const isLeft = !isSpared && Attributes['ApproximateReceiveCount'] === '1';
        if (isLeft) isSpared = true;
        return !isLeft;
      });
      if (done.length === 0) continue;
      const Entries = done.map(({ ReceiptHandle }, at) => ({ Id: IDS[at], ReceiptHandle }));
      await this.#json('AmazonSQS.DeleteMessageBatch', { QueueUrl, Entries });
      left -= done.length;
    }
  }

  async #iterator(shard: number): Promise<string> {
    const { ShardIterator } = await this.#json('Kinesis_20131202.GetShardIterator', {
      StreamName: 'soak',
      ShardId: `shardId-${String(shard).padStart(12, '0')}`,
      ShardIteratorType: 'TRIM_HORIZON',
    });
    return ShardIterator as string;
  }

  async #putAndGet(): Promise<void> {
    const Records = IDS.map((id) => {
      this.taken += 1;
      return {
        PartitionKey: `key-${id}-${this.taken}`,
        Data: Buffer.alloc(RECORD_BYTES, id).toString('base64'),
      };
    });
    await this.#json('Kinesis_20131202.PutRecords', { StreamName: 'soak', Records });
    const next: string[] = [];
    for (const ShardIterator of this.#iterators) {
      const page = await this.#json('Kinesis_20131202.GetRecords', { ShardIterator });
      next.push(page['NextShardIterator'] as string);
    }
    this.#iterators = next;
  }

  async #json(target: string, input: Members): Promise<Members> {
    const answer = await this.#post({ 'x-amz-target': target }, JSON.stringify(input));
    return JSON.parse(answer === '' ? '{}' : answer) as Members;
  }

  async #form(parameters: Readonly<Record<string, string>>): Promise<void> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await this.#post(headers, new URLSearchParams({ Version: '2010-03-31', ...parameters }).toString());
  }

  async #post(headers: Readonly<Record<string, string>>, body: string): Promise<string> {
    const request = { method: 'POST', path: '/', headers, body };
    const response = await this.#aws.handle(request, { whenGone: () => undefined });
    if (response?.status !== 200 || typeof response.body !== 'string')
      throw new Error(`${JSON.stringify(headers)} was answered ${JSON.stringify(response)}`);
    return response.body;
  }
}
