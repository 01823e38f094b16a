import { randomUUID } from 'node:crypto';
import { createSqsEngine, type SqsEngine } from '../../lib/emulator/sqs/engine.js';
import { measureRate, Stopwatch, type Figure, type Run } from '../figures.js';
import type { MeasureOptions } from '../subject.js';
import {
  ACCOUNT_ID,
  callEngine,
  offTheWire,
  repeatableRandom,
  REGION,
  START,
  type Members,
} from './engine-call.js';
import { createSweeper } from './heap.js';

const TARGET = 300_000;
const BATCH = 10;
const MESSAGES_PER_RUN = 50_000;
/**
 * Between two batches: a twelfth of what a FIFO queue takes, whose limits are on. Five minutes of deduplication ids,
 * 75,000 of them, are remembered and forgotten all the time.
 */
const STEP_MS = 40;
/** Messages per round: their text is made before the watch runs, as it is the client's work. */
const ROUND = 1_000;
const GROUPS = 100;
const sweep = createSweeper();

interface Case {
  readonly kind: 'standard' | 'FIFO';
  readonly bytes: number;
  readonly backlog: number;
}

const CASES: readonly Case[] = (['standard', 'FIFO'] as const).flatMap((kind) =>
  [256, 1_024].flatMap((bytes) => [0, 100_000].map((backlog) => ({ kind, bytes, backlog }))),
);

/** SQS messages per second: each is sent, received and deleted. */
export async function* measureSqs({ runs, isWanted }: MeasureOptions): AsyncGenerator<Figure> {
  for (const { kind, bytes, backlog } of CASES) {
    const name = `${kind}, ${bytes} B, backlog ${backlog.toLocaleString('en-US')}`;
    if (!isWanted(name)) continue;
    const queue = new BenchQueue(kind === 'FIFO', bytes);
    queue.fill(backlog);
    yield await measureRate({ part: 'sqs', name, unit: 'messages/s', target: TARGET }, runs, () =>
      queue.run(),
    );
  }
}

class BenchQueue {
  readonly #engine: SqsEngine = createSqsEngine({
    region: REGION,
    accountId: ACCOUNT_ID,
    queueUrlBase: () => 'http://127.0.0.1:4566',
    randomId: randomUUID,
    random: repeatableRandom(),
  });
  readonly #isFifo: boolean;
  readonly #bytes: number;
  readonly #url: string;
  #now = START;
  #sent = 0;

  constructor(isFifo: boolean, bytes: number) {
    this.#isFifo = isFifo;
    this.#bytes = bytes;
    const input = isFifo
      ? { QueueName: 'bench.fifo', Attributes: { FifoQueue: 'true' } }
      : { QueueName: 'bench' };
    this.#url = this.#call('CreateQueue', input)['QueueUrl'] as string;
  }

  /** Sends what is to lie in the queue all the time. */
  fill(backlog: number): void {
    for (let held = 0; held < backlog; held += BATCH) this.#send(this.#entries(BATCH));
  }

  /** Moves the messages of one run through the queue. */
  run(): Run {
    const watch = new Stopwatch();
    for (let done = 0; done < MESSAGES_PER_RUN; done += ROUND) {
      const batches = Array.from({ length: ROUND / BATCH }, () => this.#entries(BATCH));
      sweep();
      watch.time(() => {
        for (const entries of batches) {
          this.#send(entries);
          this.#drainOne();
        }
      });
    }
    return { count: MESSAGES_PER_RUN, ...watch.spent };
  }

  #send(Entries: readonly Members[]): void {
    this.#now += STEP_MS;
    this.#call('SendMessageBatch', { QueueUrl: this.#url, Entries });
  }

  #drainOne(): void {
    const { Messages } = this.#call('ReceiveMessage', { QueueUrl: this.#url, MaxNumberOfMessages: BATCH });
    const messages = Messages as readonly { readonly ReceiptHandle: string }[];
    if (messages.length !== BATCH) throw new Error(`received ${messages.length} of ${BATCH}`);
    const Entries = messages.map(({ ReceiptHandle }, at) => ({ Id: ENTRY_IDS[at], ReceiptHandle }));
    const { Failed } = this.#call('DeleteMessageBatch', { QueueUrl: this.#url, Entries });
    if (Failed !== undefined) throw new Error('a delete failed');
  }

  #entries(count: number): readonly Members[] {
    const entries = Array.from({ length: count }, (_, at) => {
      this.#sent += 1;
      const MessageBody = `{"number":${this.#sent}}`.padEnd(this.#bytes, 'x');
      const entry = { Id: ENTRY_IDS[at], MessageBody };
      if (!this.#isFifo) return entry;
      // Group after group, so that a receive of ten opens one group, as a consumer that keeps up sees them.
      const group = Math.floor(this.#sent / BATCH) % GROUPS;
      return { ...entry, MessageGroupId: `group-${group}`, MessageDeduplicationId: `id-${this.#sent}` };
    });
    return offTheWire(entries);
  }

  #call(operation: string, input: Members): Members {
    return callEngine(this.#engine, { operation, input }, this.#now);
  }
}

const ENTRY_IDS = Array.from({ length: BATCH }, (_, at) => String(at));
