import { parseSequenceNumber } from './sequence-number.js';
import { sequenceNumberOf, tipOf } from './shards.js';
import type { Shard } from './stream-state.js';

/** A place in a shard: at a sequence number, or just after it. */
export interface ShardPosition {
  readonly bound: 'at' | 'after';
  readonly sequenceNumber: string;
}

/** What a shard iterator says. */
export interface ShardIterator {
  readonly streamId: string;
  readonly shardId: string;
  readonly position: ShardPosition;
  readonly issuedAt: number;
}

/** Where the oldest record that is still held lies. */
export const trimHorizonPosition = (shard: Shard): ShardPosition => ({
  bound: 'at',
  sequenceNumber: shard.startingSequenceNumber,
});

/** After everything the shard holds now. */
export const latestPosition = (shard: Shard, now: number): ShardPosition => ({
  bound: 'after',
  sequenceNumber: tipOf(shard, now),
});

/** At the first record that arrived at or after the given time; at the end when there is none. */
export function timestampPosition(shard: Shard, time: number, now: number): ShardPosition {
  const record = shard.log.at(shard.log.positionAtTime(time));
  return record === undefined
    ? latestPosition(shard, now)
    : { bound: 'at', sequenceNumber: sequenceNumberOf(shard, record) };
}

/** The offset into the shard's log that a position means now; what was trimmed is passed over without a word. */
export function offsetOf(shard: Shard, position: ShardPosition): number {
  const place = parseSequenceNumber(position.sequenceNumber) ?? { index: 0, at: 0 };
  return position.bound === 'at' ? shard.log.positionAt(place) : shard.log.positionAfter(place);
}

/** Writes an iterator as the opaque text clients hold. It says everything, so the emulator keeps none of them. */
export function formatIterator(iterator: ShardIterator): string {
  const { streamId, shardId, position, issuedAt } = iterator;
  const plain = [streamId, shardId, position.bound, position.sequenceNumber, issuedAt].join('|');
  return `AAAAAAAAAA${Buffer.from(plain).toString('base64')}`;
}

/** Reads an iterator; undefined when it is none of ours. */
export function parseIterator(text: string): ShardIterator | undefined {
  if (!text.startsWith('AAAAAAAAAA')) return undefined;
  const parts = Buffer.from(text.slice(10), 'base64').toString().split('|');
  const [streamId, shardId, bound, sequenceNumber, issuedAt] = parts;
  if (streamId === undefined || shardId === undefined || sequenceNumber === undefined) return undefined;
  if ((bound !== 'at' && bound !== 'after') || issuedAt === undefined || !/^\d+$/.test(issuedAt))
    return undefined;
  return { streamId, shardId, position: { bound, sequenceNumber }, issuedAt: Number(issuedAt) };
}
