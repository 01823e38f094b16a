import type { ApiResult } from '../engine.js';
import { inputReader, text, type InputOf, type Shape } from './fields.js';
import type { KinesisState } from './stream-state.js';

/** One API operation: reads its input, does it. */
export type Operation = (
  state: KinesisState,
  input: Readonly<Record<string, unknown>>,
  now: number,
) => ApiResult;

/** Makes an operation of the shape of its input and of what it does with an input that keeps it. */
export function operation<const S extends Shape>(
  shape: S,
  perform: (state: KinesisState, input: InputOf<S>, now: number) => ApiResult,
): Operation {
  const readInput = inputReader(shape);
  return (state, input, now) => {
    const read = readInput(input);
    return read.kind === 'fault' ? read : perform(state, read.input, now);
  };
}

/** A stream's name. */
export const streamName = text({ min: 1, max: 128, form: /^[a-zA-Z0-9_.-]+$/ });
/** A stream's ARN. */
export const streamArn = text({ min: 1, max: 2_048, form: /^arn:aws.*:kinesis:.*:\d{12}:stream\/\S+$/ });
/** A shard's id. */
export const shardId = text({ min: 1, max: 128, form: /^[a-zA-Z0-9_.-]+$/ });
/** The members with which most operations name their stream. */
export const STREAM_REFERENCE = { StreamName: streamName, StreamARN: streamArn } as const;
/** Hash keys in decimal. */
export const hashKey = text({ form: /^(0|[1-9]\d{0,38})$/ });
/** Sequence numbers in decimal. */
export const sequenceNumber = text({ form: /^(0|[1-9]\d{0,128})$/ });
/** Opaque continuation tokens. */
export const token = text({ min: 1, max: 1_048_576 });
