import { BucketSet } from '../structures/bucket-set.js';

const TOPIC = { perSecond: 3_000, capacity: 3_000 };
const GROUP = { perSecond: 300, capacity: 300 };

/**
 * The throughput of one FIFO topic in messages a second: 300 per group and, where `FifoThroughputScope` is the topic,
 * 3,000 for all of it.
 * @see https://docs.aws.amazon.com/general/latest/gr/sns.html
 */
export class TopicThroughput {
  readonly #topic = new BucketSet(TOPIC);
  readonly #groups = new BucketSet(GROUP);

  /** Counts messages by their groups; false when they are too many. */
  admits(
    groups: readonly string[],
    { isPerTopic, now }: { readonly isPerTopic: boolean; readonly now: number },
  ): boolean {
    const counts = new Map<string, number>();
    for (const group of groups) counts.set(group, (counts.get(group) ?? 0) + 1);
    if (!this.#groups.tryTake(counts, now)) return false;
    return !isPerTopic || this.#topic.tryTake(new Map([['', groups.length]]), now);
  }
}
