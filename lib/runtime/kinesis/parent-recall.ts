import { decodeRecord } from '../../contract/record-envelope.js';
import type { RepeatFilter } from '../../core/stream/repeat-filter.js';
import { unpackRecord, type UnpackTools } from '../../core/stream/unpack.js';
import type { LeaseRecord, LeaseStore } from '../stores/lease-store.js';
import type { KinesisApi } from './kinesis-api.js';

/** What {@link recallParents} needs. */
export interface ParentRecall {
  readonly api: KinesisApi;
  readonly store: LeaseStore;
  readonly hashing: UnpackTools;
  readonly parents: readonly string[];
  readonly repeats: RepeatFilter;
}

const MOST_RECORDS = 10_000;
const MOST_GENERATIONS = 4;

/**
 * Notes the last records of a shard's parents as seen. A producer whose answer was lost just as the shard was split or
 * merged puts the same records again, and they land on the child: without this the child would not know them.
 *
 * An ordered producer has one Kinesis record per shard under way, so the last one is all it can put again; whoever was
 * the last writer is covered, and what cannot be read any more is left to chance.
 */
export async function recallParents(
  recall: ParentRecall,
  signal: AbortSignal,
  generations = MOST_GENERATIONS,
): Promise<void> {
  for (const shardId of recall.parents) {
    const parent = await recall.store.read(shardId).catch(() => undefined);
    if (parent?.last !== undefined) await recallEnd(recall, parent, signal);
    // A shard that closed before anything was written to it: what came last is its parents'.
    else if (parent !== undefined && generations > 1)
      await recallParents({ ...recall, parents: parent.parents }, signal, generations - 1);
  }
}

async function recallEnd(
  { api, hashing, repeats }: ParentRecall,
  { shardId, last, hashRange }: LeaseRecord,
  signal: AbortSignal,
): Promise<void> {
  if (last === undefined) return;
  try {
    const start = { kind: 'at', sequenceNumber: last.sequenceNumber } as const;
    const iterator = await api.openIterator({ shardId, start }, signal);
    const { records } = await api.getRecords({ iterator, limit: MOST_RECORDS }, signal);
    for (const record of records) {
      for (const { partitionKey, data } of unpackRecord(record, hashRange, hashing).records) {
        const decoded = decodeRecord(Buffer.from(data).toString('utf8'));
        if (decoded.kind === 'record' && decoded.envelope.origin !== undefined)
          repeats.isRepeat(partitionKey, decoded.envelope.origin);
      }
    }
  } catch {
    // Trimmed, throttled, unreachable: whatever it is, reading on matters more than a copy that may not exist.
  }
}
