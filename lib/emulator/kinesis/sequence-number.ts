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

/** Fifteen digits by two small integers: the engine writes those several times faster than one large number. */
function fifteenDigits(value: number): string {
  const high = Math.floor(value / BILLION);
  const upper = high === 0 ? '000000' : String(1_000_000 + high).slice(1);
  return upper + String(BILLION + (value % BILLION)).slice(1);
}

/** Records come in bursts of one millisecond, so the last time written is often the next one, too. */
const lastTime = { at: -1, digits: '' };

function timeDigits(at: number): string {
  if (lastTime.at !== at) {
    lastTime.at = at;
    lastTime.digits = fifteenDigits(at);
  }
  return lastTime.digits;
}

/** What all sequence numbers of one shard have in common, written once. */
export interface SequenceFrame {
  readonly start: string;
  readonly end: string;
}

/** Writes the common part. */
export const frameSequenceNumbers = (generation: number, shardNumber: number): SequenceFrame => ({
  start: VERSION + String(generation).padStart(11, '0'),
  end: String(shardNumber).padStart(13, '0'),
});

/** Writes a sequence number. */
export const formatSequenceNumber = (frame: SequenceFrame, index: number, at: number): string =>
  frame.start + fifteenDigits(index) + timeDigits(at) + frame.end;

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
