/** Where a record stands in its shard: Kinesis numbers the record, aggregation numbers the record inside it. */
export interface Position {
  /** Decimal, without leading zeros, as Kinesis gives it. */
  readonly sequenceNumber: string;
  /** Index inside the aggregate, counted before anything is filtered out; 0 for a plain record. */
  readonly subSequence: number;
}

/** How far a shard was handled. */
export type Checkpoint =
  /** Nothing yet: begin at the oldest record there is. */
  | { readonly kind: 'trim-horizon' }
  /**
   * Nothing yet: begin at what arrived from this moment on. Kept as a time and not as the word LATEST, which would mean
   * a later moment, and so a gap, after each restart before the first record.
   */
  | { readonly kind: 'since'; readonly epochMs: number }
  /** Everything up to and with this position is handled. */
  | { readonly kind: 'at'; readonly position: Position }
  /** Everything is handled and the shard is closed. */
  | { readonly kind: 'shard-end' };

/** Negative when `a` stands before `b`. Sequence numbers outgrow a double, so they compare by length, then by digits. */
export function comparePositions(a: Position, b: Position): number {
  return compareSequenceNumbers(a.sequenceNumber, b.sequenceNumber) || a.subSequence - b.subSequence;
}

/** Negative when sequence number `a` is the lower one. */
export function compareSequenceNumbers(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const BEFORE_ALL_RECORDS = '000.';
const TRIM_HORIZON = `${BEFORE_ALL_RECORDS}TRIM_HORIZON`;
const SINCE = `${BEFORE_ALL_RECORDS}SINCE.`;
const SHARD_END = '~SHARD_END';
const SUB_SEQUENCE_DIGITS = 7;

/**
 * A checkpoint as text that sorts like the checkpoint: the store can then refuse a step backwards with one string
 * comparison on its own side, whoever writes.
 *
 * | text                              | meaning                                                                  |
 * |-----------------------------------|--------------------------------------------------------------------------|
 * | `000.TRIM_HORIZON`                | from the oldest record                                                   |
 * | `000.SINCE.<15 digits>`           | from this epoch millisecond                                              |
 * | `<3 digits>.<sequence>.<7 digits>`| number of digits of the sequence number, the number itself, sub-sequence |
 * | `~SHARD_END`                      | the end                                                                  |
 */
export function encodeCheckpoint(checkpoint: Checkpoint): string {
  switch (checkpoint.kind) {
    case 'trim-horizon':
      return TRIM_HORIZON;
    case 'since':
      return SINCE + String(checkpoint.epochMs).padStart(15, '0');
    case 'shard-end':
      return SHARD_END;
    case 'at': {
      const { sequenceNumber, subSequence } = checkpoint.position;
      const digits = String(sequenceNumber.length).padStart(3, '0');
      return `${digits}.${sequenceNumber}.${String(subSequence).padStart(SUB_SEQUENCE_DIGITS, '0')}`;
    }
  }
}

/** Reads what {@link encodeCheckpoint} wrote; `undefined` for any other text. */
export function decodeCheckpoint(text: string): Checkpoint | undefined {
  if (text === TRIM_HORIZON) return { kind: 'trim-horizon' };
  if (text === SHARD_END) return { kind: 'shard-end' };
  if (text.startsWith(SINCE)) return decodeSince(text.slice(SINCE.length));
  const [digits, sequenceNumber, sub] = text.split('.');
  if (sequenceNumber === undefined || sub === undefined || Number(digits) !== sequenceNumber.length)
    return undefined;
  if (!/^\d+$/.test(sequenceNumber) || !/^\d+$/.test(sub)) return undefined;
  return { kind: 'at', position: { sequenceNumber, subSequence: Number(sub) } };
}

function decodeSince(digits: string): Checkpoint | undefined {
  return /^\d+$/.test(digits) ? { kind: 'since', epochMs: Number(digits) } : undefined;
}

/** Negative when checkpoint `a` is the earlier one. */
export function compareCheckpoints(a: Checkpoint, b: Checkpoint): number {
  const [left, right] = [encodeCheckpoint(a), encodeCheckpoint(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Whether a record at `position` was handled already when `checkpoint` was stored. */
export function isHandled(position: Position, checkpoint: Checkpoint): boolean {
  switch (checkpoint.kind) {
    case 'trim-horizon':
    case 'since':
      return false;
    case 'shard-end':
      return true;
    case 'at':
      return comparePositions(position, checkpoint.position) <= 0;
  }
}
