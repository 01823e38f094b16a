import { isRecord } from '../structures/call-input.js';
import { BucketSet } from '../structures/bucket-set.js';
import type { QueueSettings } from './queue-attributes.js';

/** Calls a second of one kind; a batch of ten is one call. */
const RATE = { perSecond: 300, capacity: 300 };

/** Operations that are counted, and with which others. */
const KINDS: Readonly<Record<string, string>> = {
  SendMessage: 'send',
  SendMessageBatch: 'send',
  ReceiveMessage: 'receive',
  DeleteMessage: 'delete',
  DeleteMessageBatch: 'delete',
  ChangeMessageVisibility: 'change',
  ChangeMessageVisibilityBatch: 'change',
};

/**
 * The throughput of one FIFO queue: 300 calls a second of each kind. In high-throughput mode the limit holds for the
 * sends of each message group instead; the regional quota above them is out of a local machine's reach.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-fifo.html
 */
export class FifoThroughput {
  readonly #calls = new BucketSet(RATE);

  /** Counts a call; false when it is one too many. */
  admits(
    operation: string,
    input: Readonly<Record<string, unknown>>,
    { settings, now }: { readonly settings: QueueSettings; readonly now: number },
  ): boolean {
    const kind = KINDS[operation];
    if (kind === undefined) return true;
    if (settings.throughputLimit === 'perQueue') return this.#calls.tryTake(new Map([[kind, 1]]), now);
    if (kind !== 'send') return true;
    return this.#calls.tryTake(new Map(groupsOf(input).map((group) => [`send ${group}`, 1])), now);
  }
}

function groupsOf(input: Readonly<Record<string, unknown>>): readonly string[] {
  const entries: readonly unknown[] = Array.isArray(input['Entries']) ? input['Entries'] : [input];
  return entries.flatMap((entry) => {
    const group = isRecord(entry) ? entry['MessageGroupId'] : undefined;
    return typeof group === 'string' ? [group] : [];
  });
}
