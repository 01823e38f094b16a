import { limitOf } from '../../contract/limits.js';
import { StringIndex } from '../structures/string-index.js';

const WINDOW_MS = limitOf('sqs.fifo.dedupWindow') * 1000;

/** What was answered to the first message with a deduplication id; its duplicates get the same. */
export interface Deduplicated {
  readonly messageId: string;
  readonly sequenceNumber: string;
  /** Epoch ms of the first message. */
  readonly at: number;
}

/** The ids of a stretch of time, the answers to them in columns: an object per id would cost more than it tells. */
class Chapter {
  readonly #places = new StringIndex();
  readonly #messageIds: string[] = [];
  readonly #sequenceNumbers: string[] = [];
  readonly #times: number[] = [];

  find(key: string): Deduplicated | undefined {
    const place = this.#places.find(key);
    if (place === undefined) return undefined;
    return {
      messageId: this.#messageIds[place] ?? '',
      sequenceNumber: this.#sequenceNumbers[place] ?? '',
      at: this.#times[place] ?? 0,
    };
  }

  remember(key: string, { messageId, sequenceNumber, at }: Deduplicated): void {
    this.#places.add(key);
    this.#messageIds.push(messageId);
    this.#sequenceNumbers.push(sequenceNumber);
    this.#times.push(at);
  }

  get size(): number {
    return this.#places.size;
  }

  get firstAt(): number {
    return this.#times[0] ?? Infinity;
  }

  get lastAt(): number {
    return this.#times.at(-1) ?? -Infinity;
  }
}

/** Two chapters are the least that forget as a whole; each more is one more place to look for an id. */
const CHAPTER_MS = WINDOW_MS / 2;

/**
 * Deduplication ids seen in the last five minutes, remembered also after the message was received and deleted. They
 * are kept by the time they came, half a window to a chapter, and are forgotten by the chapter: to strike each one out
 * of a map of 75,000 costs as much as all else that is done with it. At most one and a half windows of ids are held.
 */
export class DeduplicationWindow {
  /** The oldest first. */
  readonly #chapters: Chapter[] = [];

  /** How many ids are held, those included that are past and wait for their chapter's end. */
  get size(): number {
    return this.#chapters.reduce((sum, chapter) => sum + chapter.size, 0);
  }

  /** The first message with this key, when it was sent less than five minutes before `now`. */
  find(key: string, now: number): Deduplicated | undefined {
    this.forget(now);
    for (const chapter of this.#chapters) {
      const found = chapter.find(key);
      if (found !== undefined) return found.at + WINDOW_MS > now ? found : undefined;
    }
    return undefined;
  }

  /** Remembers a key that {@link find} did not. */
  remember(key: string, answer: Deduplicated): void {
    const newest = this.#chapters.at(-1);
    if (newest !== undefined && answer.at - newest.firstAt < CHAPTER_MS) {
      newest.remember(key, answer);
      return;
    }
    const chapter = new Chapter();
    chapter.remember(key, answer);
    this.#chapters.push(chapter);
  }

  /** Drops the chapters that are past as a whole. */
  forget(now: number): void {
    for (;;) {
      const [oldest] = this.#chapters;
      if (oldest === undefined || oldest.lastAt + WINDOW_MS > now) return;
      this.#chapters.shift();
    }
  }
}
