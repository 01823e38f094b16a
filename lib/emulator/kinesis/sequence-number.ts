/**
 * A sequence number is 56 decimal digits, always: text order is numeric order, as it is at AWS for the numbers of one
 * stream version. The layout is ours and private: `49`, the shard's generation (11), its write index (16), arrival in
 * epoch milliseconds (15), shard number (12). A child's generation is above its parents', so numbers increase along a
 * lineage too, whatever the clock does.
 */
export interface SequenceParts {
  readonly generation: number;
  readonly index: number;
  readonly at: number;
  readonly shardNumber: number;
}

const VERSION = '49';
const FORM = /^49(\d{11})(\d{16})(\d{15})(\d{12})$/;

/** Writes a sequence number. */
export function formatSequenceNumber({ generation, index, at, shardNumber }: SequenceParts): string {
  return (
    VERSION +
    String(generation).padStart(11, '0') +
    String(index).padStart(16, '0') +
    String(at).padStart(15, '0') +
    String(shardNumber).padStart(12, '0')
  );
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
