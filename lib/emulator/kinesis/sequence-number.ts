/**
 * A sequence number is 56 decimal digits, always: text order is numeric order, as it is at AWS for the numbers of one
 * stream version. The layout is ours and private: `49`, the shard's generation (11), its write index (15), arrival in
 * epoch milliseconds (15), shard number (13). A child's generation is above its parents', so numbers increase along a
 * lineage too, whatever the clock does.
 */
export interface SequenceParts {
  readonly generation: number;
  readonly index: number;
  readonly at: number;
  readonly shardNumber: number;
}

const VERSION = '49';
const FORM = /^49(\d{11})(\d{15})(\d{15})(\d{13})$/;
const BILLION = 1_000_000_000;

/** Six and nine digits by two small integers: the engine writes those several times faster than one large number. */
const sixDigits = (value: number): string => String(1_000_000 + value).slice(1);
const nineDigits = (value: number): string => String(BILLION + value).slice(1);
const fifteenDigits = (value: number): string =>
  sixDigits(Math.floor(value / BILLION)) + nineDigits(value % BILLION);

/**
 * What the sequence numbers of one shard have in common, and what the last one written had: records come in bursts of
 * one millisecond, so that all but three digits are mostly there already.
 */
export interface SequenceFrame {
  readonly start: string;
  readonly end: string;
  readonly last: { thousand: number; before: string; at: number; after: string };
}

/** Three digits of every number below a thousand: the only ones that differ from most records to the next. */
const THREE_DIGITS = Array.from({ length: 1_000 }, (_, value) => String(value).padStart(3, '0'));

/** Writes the common part. */
export function frameSequenceNumbers(generation: number, shardNumber: number): SequenceFrame {
  return {
    start: VERSION + String(generation).padStart(11, '0'),
    end: String(shardNumber).padStart(13, '0'),
    last: { thousand: -1, before: '', at: -1, after: '' },
  };
}

/** Writes a sequence number. */
export function formatSequenceNumber(frame: SequenceFrame, index: number, at: number): string {
  const { last } = frame;
  const thousand = Math.floor(index / 1_000);
  if (last.thousand !== thousand) {
    last.thousand = thousand;
    last.before = frame.start + fifteenDigits(index).slice(0, 12);
  }
  if (last.at !== at) {
    last.at = at;
    last.after = fifteenDigits(at) + frame.end;
  }
  return last.before + (THREE_DIGITS[index % 1_000] ?? '') + last.after;
}

/** Reads a sequence number; undefined when this emulator can't have given it out. */
export function parseSequenceNumber(text: string): SequenceParts | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, generation, index, at, shardNumber] = match;
  return {
    generation: Number(generation),
    index: Number(index),
    at: Number(at),
    shardNumber: Number(shardNumber),
  };
}
