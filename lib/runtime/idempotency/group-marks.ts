import type { TransactionWrite } from '../aws/dynamo-api.js';
import { createRecentValues } from './recent-values.js';
import type { AdvanceOutcome, SequenceAdvance, SequenceStore } from './store.js';

/** Groups whose marks are remembered; beyond it, a group's mark is read again. */
const RECENT_GROUPS = 10_000;

/** A message of a FIFO group, as far as marks are concerned. */
export interface GroupMessage extends SequenceAdvance {
  readonly receiveCount: number;
}

/** How far a group has come. */
interface GroupMark {
  /** The last message that was handled here. */
  readonly reached: SequenceAdvance | undefined;
  /** The furthest mark that is known to be stored. */
  readonly stored: string | undefined;
}

const UNKNOWN: GroupMark = Object.freeze({ reached: undefined, stored: undefined });

/** A write that is out. */
interface MarkWrite {
  readonly sequence: string;
  readonly done: Promise<void>;
}

/**
 * How far the groups of one worker have come: what was `reached` here is known at once, what is `stored` lags behind it by
 * a run. All messages of a run that leave together move their mark with one write, to the last of them.
 *
 * ```
 *  stored ───────────── reached ─────────▶ sequence numbers of the group
 *         handled, still       to come
 *         in the queue
 * ```
 * A crash loses nothing: what stands between the two was not deleted, since a message's mark is stored before its delete.
 * It is received again and, as in every mode without writes, handled again.
 */
export class GroupMarks {
  readonly #store: SequenceStore;
  readonly #groups = createRecentValues<GroupMark>(RECENT_GROUPS);
  readonly #writes = new Map<string, MarkWrite>();
  /** The store failed, or nobody knows what it did: it is asked before the next handler runs. */
  #isDoubtful = false;

  constructor(store: SequenceStore) {
    this.#store = store;
  }

  /**
   * Whether a message was handled before. One that is received for the first time can't have been: then the store is
   * asked only where nothing is known of its group. @throws {STORE_UNAVAILABLE}
   */
  async isBehind({ groupKey, sequence, receiveCount }: GroupMessage): Promise<boolean> {
    const known = furthest(this.#markOf(groupKey));
    if (known >= sequence) return true;
    if (known !== '' && receiveCount === 1 && !this.#isDoubtful) return false;
    const stored = await this.#store.markOf(groupKey);
    this.#isDoubtful = false;
    if (stored === undefined) return false;
    this.#noteStored(groupKey, stored);
    return stored >= sequence;
  }

  /** A message was handled; its mark is still to be stored. */
  reach({ groupKey, sequence, attempt }: SequenceAdvance): void {
    const mark = this.#markOf(groupKey);
    if (furthest(mark) < sequence)
      this.#groups.set(groupKey, { ...mark, reached: { groupKey, sequence, attempt } });
  }

  /**
   * Stores the mark of a message that was handled, together with all that its group has reached since; resolves at once
   * where that was done before. @throws {STORE_UNAVAILABLE}
   */
  async store(advance: SequenceAdvance): Promise<void> {
    const { groupKey, sequence } = advance;
    const { reached, stored = '' } = this.#markOf(groupKey);
    if (stored >= sequence) return;
    const out = this.#writes.get(groupKey);
    if (out !== undefined && out.sequence >= sequence) return out.done;
    const last = reached !== undefined && reached.sequence > sequence ? reached : advance;
    const write = { sequence: last.sequence, done: this.storeWith(last, []).then(() => undefined) };
    this.#writes.set(groupKey, write);
    try {
      await write.done;
    } finally {
      if (this.#writes.get(groupKey) === write) this.#writes.delete(groupKey);
    }
  }

  /** Stores a mark in one transaction with the handler's writes. @throws {STORE_UNAVAILABLE} */
  async storeWith(advance: SequenceAdvance, writes: readonly TransactionWrite[]): Promise<AdvanceOutcome> {
    const { groupKey, sequence } = advance;
    try {
      const { reached, stored } = this.#markOf(groupKey);
      const isFirst = reached !== undefined && stored === undefined;
      const outcome = await this.#store.advance(isFirst ? { ...advance, isFirst } : advance, writes);
      // Where it was `behind`, somebody else has stored as much.
      if (outcome.kind === 'advanced' || outcome.kind === 'behind') this.#noteStored(groupKey, sequence);
      return outcome;
    } catch (error) {
      this.#isDoubtful = true;
      throw error;
    }
  }

  #noteStored(groupKey: string, sequence: string): void {
    const mark = this.#markOf(groupKey);
    if ((mark.stored ?? '') < sequence) this.#groups.set(groupKey, { ...mark, stored: sequence });
  }

  #markOf(groupKey: string): GroupMark {
    return this.#groups.get(groupKey) ?? UNKNOWN;
  }
}

/** Sequence numbers are digits of one length, so that text compares like the number; nothing is before them all. */
function furthest({ reached, stored = '' }: GroupMark): string {
  return reached !== undefined && reached.sequence > stored ? reached.sequence : stored;
}
