import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { MillraceError } from '../../core/errors.js';
import { WHOLE_RANGE, type HashRange } from '../../core/stream/hash-range.js';
import type { WorkerView } from '../../core/stream/lease-plan.js';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../../core/stream/position.js';
import type { NewLease } from '../../core/stream/shard-graph.js';
import type { Fleet, LeaseRecord } from './lease-store.js';

/**
 * The items of a lease table (HASH `leaseKey`, S).
 *
 * | `leaseKey`    | attribute            | type | written by         | meaning                                               |
 * |---------------|----------------------|------|--------------------|-------------------------------------------------------|
 * | `shard#<id>`  | `owner`              | S    | take, release      | worker that holds the lease; absent when it is free   |
 * |               | `epoch`              | N    | take               | number of acquisitions; every write must name it      |
 * |               | `checkpoint`         | S    | create, checkpoint | sortable text, see `lib/core/stream/position.ts`      |
 * |               | `parents`            | SS   | create             | shards to finish first; absent when there are none    |
 * |               | `hashStart`,`hashEnd`| S    | create             | hash keys, 32 hexadecimal digits, inclusive           |
 * |               | `last`               | S    | end                | the shard's last record, as checkpoint text           |
 * | `worker#<id>` | `beat`               | N    | heartbeat          | counter; a worker is dead when it stands still        |
 * |               | `draining`           | BOOL | heartbeat          | it gives its leases back and takes none               |
 * | `fleet`       | `version`            | N    | announce           | moves when there is something to look at              |
 * |               | `initialized`        | BOOL | first sync         | every shard of the beginning has its lease            |
 * |               | `reader`             | S    | first start        | `<stream>/<reader>` that this table belongs to        |
 *
 * Every item also has `entityType` (S: `shard`, `worker`, `fleet`), so that people and tools can tell them apart.
 */
export type Item = Readonly<Record<string, AttributeValue>>;

/** Key of the item that all workers of a reader share. */
export const FLEET_KEY = 'fleet';

/** Key of a shard's lease. */
export const shardKey = (shardId: string): string => `shard#${shardId}`;

/** Key of a worker's heartbeat. */
export const workerKey = (workerId: string): string => `worker#${workerId}`;

/** A new lease as an item. */
export function leaseItem(lease: NewLease): Item {
  return {
    leaseKey: { S: shardKey(lease.shardId) },
    entityType: { S: 'shard' },
    epoch: { N: '0' },
    checkpoint: { S: encodeCheckpoint(lease.checkpoint) },
    hashStart: { S: lease.hashRange.start },
    hashEnd: { S: lease.hashRange.end },
    ...(lease.parents.length > 0 && { parents: { SS: [...lease.parents] } }),
  };
}

/** Reads a lease, or undefined when the item is something else. */
export function readLease(item: Item): LeaseRecord | undefined {
  const key = item.leaseKey?.S ?? '';
  if (!key.startsWith('shard#')) return undefined;
  const checkpoint = readCheckpoint(key, item.checkpoint?.S);
  const owner = item.owner?.S;
  const last = item.last?.S === undefined ? undefined : decodeCheckpoint(item.last.S);
  return {
    shardId: key.slice('shard#'.length),
    epoch: Number(item.epoch?.N ?? '0'),
    parents: item.parents?.SS ?? [],
    hashRange: readRange(item),
    checkpoint,
    hasEnded: checkpoint.kind === 'shard-end',
    hasBegun: checkpoint.kind === 'at' || checkpoint.kind === 'shard-end',
    ...(owner !== undefined && { owner }),
    ...(last?.kind === 'at' && { last: last.position }),
  };
}

function readRange(item: Item): HashRange {
  return { start: item.hashStart?.S ?? WHOLE_RANGE.start, end: item.hashEnd?.S ?? WHOLE_RANGE.end };
}

/** Reads a worker, or undefined when the item is something else. */
export function readWorker(item: Item): WorkerView | undefined {
  const key = item.leaseKey?.S ?? '';
  if (!key.startsWith('worker#')) return undefined;
  return {
    workerId: key.slice('worker#'.length),
    beat: Number(item.beat?.N ?? '0'),
    isDraining: item.draining?.BOOL === true,
  };
}

/** Reads the fleet item; before the first worker there is none. */
export function readFleet(item: Item | undefined): Fleet {
  return { version: Number(item?.version?.N ?? '0'), isInitialized: item?.initialized?.BOOL === true };
}

function readCheckpoint(key: string, text: string | undefined): Checkpoint {
  const checkpoint = text === undefined ? undefined : decodeCheckpoint(text);
  if (checkpoint !== undefined) return checkpoint;
  throw new MillraceError(
    'STORE_UNAVAILABLE',
    `the lease table's item '${key}' has no checkpoint this package can read (got ${text === undefined ? 'nothing' : `'${text}'`}): ` +
      `is this the table of a KCL application, or was the item changed by hand? Give the reader a table of its own, or restore the item`,
  );
}
