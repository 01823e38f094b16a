import { isRecord } from '../structures/call-input.js';
import type { PublishedMessage } from './published-message.js';

const DAY_MS = 86_400_000;

/** From when to when archived messages are to be delivered again; epoch ms, both ends included. */
export interface ReplayPolicy {
  readonly from: number;
  /** With an end, the subscription gets nothing that is published after it. */
  readonly until: number | undefined;
}

/**
 * One copy of every message published to a FIFO topic since its archive was turned on, as long as the archive policy
 * says.
 * @see https://docs.aws.amazon.com/sns/latest/dg/fifo-message-archiving-replay.html
 */
export class TopicArchive {
  /** Epoch ms from which messages can be replayed. */
  readonly since: number;
  readonly #days: number;
  readonly #messages: PublishedMessage[] = [];
  #first = 0;

  constructor(days: number, since: number, earlier?: TopicArchive) {
    this.#days = days;
    this.since = earlier?.since ?? since;
    if (earlier !== undefined)
      this.#messages.push(...earlier.between({ from: earlier.since, until: undefined }));
  }

  add(message: PublishedMessage): void {
    this.#messages.push(message);
    this.#forget(message.publishedAt);
  }

  /** Messages published in a span of time, oldest first. */
  between({ from, until = Infinity }: ReplayPolicy): readonly PublishedMessage[] {
    return this.#messages
      .slice(this.#first)
      .filter(({ publishedAt }) => publishedAt >= from && publishedAt <= until);
  }

  /** Skips what is too old, and gives its memory back when that is half of all. */
  #forget(now: number): void {
    const oldest = now - this.#days * DAY_MS;
    while ((this.#messages[this.#first]?.publishedAt ?? now) < oldest) this.#first += 1;
    if (this.#first * 2 <= this.#messages.length) return;
    this.#messages.splice(0, this.#first);
    this.#first = 0;
  }
}

/** Reads a replay policy; undefined when it is none. */
export function readReplayPolicy(text: string): ReplayPolicy | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(json) || json['PointType'] !== 'Timestamp') return undefined;
  const from = timeOf(json['StartingPoint']);
  const until = timeOf(json['EndingPoint']);
  if (from === undefined || (json['EndingPoint'] !== undefined && until === undefined)) return undefined;
  return until !== undefined && until < from ? undefined : { from, until };
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? undefined : time;
}
