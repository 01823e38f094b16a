import type { TransactWriteItem, Update } from '@aws-sdk/client-dynamodb';
import { MillraceError } from '../../core/errors.js';
import { compareCheckpoints, encodeCheckpoint, type Checkpoint } from '../../core/stream/position.js';
import { classifyAwsError } from '../aws/errors.js';
import {
  FLEET_KEY,
  leaseItem,
  readFleet,
  readLease,
  readWorker,
  shardKey,
  workerKey,
  type Item,
} from './lease-items.js';
import type { FencedOutcome, LeaseGrant, LeaseRecord, LeaseStore } from './lease-store.js';
import type { LeaseTableApi } from './lease-table-api.js';

/** Leases in a DynamoDB table with HASH key `leaseKey` (S) that belongs to one reader; its layout is in `lease-items.ts`. */
export function createDynamoLeaseStore(api: LeaseTableApi): LeaseStore {
  return { ...fleetPart(api), ...leasePart(api) };
}

type FleetPart = Pick<
  LeaseStore,
  'load' | 'fleetVersion' | 'claim' | 'announce' | 'markInitialized' | 'beat' | 'bury'
>;

function fleetPart(api: LeaseTableApi): FleetPart {
  return {
    async load() {
      const items = await api.scan();
      return {
        leases: items.map(readLease).filter((lease) => lease !== undefined),
        workers: items.map(readWorker).filter((worker) => worker !== undefined),
        fleet: readFleet(items.find((item) => item.leaseKey?.S === FLEET_KEY)),
      };
    },
    // An old answer costs a second of patience, nothing else: half the price of a consistent one.
    fleetVersion: async () => readFleet(await api.get(FLEET_KEY)).version,
    claim: (reader) => claim(api, reader),
    async announce() {
      await api.update(FLEET_KEY, {
        UpdateExpression: 'SET entityType = :type ADD version :one',
        ExpressionAttributeValues: { ':type': { S: 'fleet' }, ':one': { N: '1' } },
      });
    },
    async markInitialized() {
      await api.update(FLEET_KEY, {
        UpdateExpression: 'SET initialized = :true',
        ExpressionAttributeValues: { ':true': { BOOL: true } },
      });
    },
    async beat({ workerId, isDraining }) {
      await api.update(workerKey(workerId), {
        UpdateExpression: 'SET draining = :draining, entityType = :type ADD beat :one',
        ExpressionAttributeValues: {
          ':draining': { BOOL: isDraining },
          ':type': { S: 'worker' },
          ':one': { N: '1' },
        },
      });
    },
    async bury({ workerId, beat }) {
      const isStill = {
        ConditionExpression: 'beat = :beat',
        ExpressionAttributeValues: { ':beat': { N: String(beat) } },
      };
      await conditional(api.remove(workerKey(workerId), beat === undefined ? {} : isStill));
    },
  };
}

async function claim(api: LeaseTableApi, reader: string): Promise<void> {
  const outcome = await conditional(
    api.update(FLEET_KEY, {
      UpdateExpression: 'SET reader = :reader, entityType = :type ADD version :one',
      ConditionExpression: 'attribute_not_exists(reader) OR reader = :reader',
      ExpressionAttributeValues: { ':reader': { S: reader }, ':type': { S: 'fleet' }, ':one': { N: '1' } },
    }),
  );
  if (outcome === 'stored') return;
  throw new MillraceError(
    'BINDING_MISMATCH',
    `lease table '${api.table}' belongs to another reader, not to '${reader}': give each reader a table of its own, ` +
      `since two readers in one table would skip each other's records`,
  );
}

type LeasePart = Omit<LeaseStore, keyof FleetPart>;

function leasePart(api: LeaseTableApi): LeasePart {
  return {
    async create(lease) {
      const isNew = 'attribute_not_exists(leaseKey)';
      await conditional(api.put({ Item: leaseItem(lease), ConditionExpression: isNew }));
    },
    async remove(shardId) {
      const hasEnded = {
        ConditionExpression: '#checkpoint = :end',
        ExpressionAttributeNames: { '#checkpoint': 'checkpoint' },
        ExpressionAttributeValues: { ':end': { S: encodeCheckpoint({ kind: 'shard-end' }) } },
      };
      await conditional(api.remove(shardKey(shardId), hasEnded));
    },
    take: (seen, workerId) => take(api, seen, workerId),
    checkpoint: (grant, checkpoint) => writeFenced(api, grant, { checkpoint, isRelease: false }),
    release: (grant, checkpoint) => writeFenced(api, grant, { checkpoint, isRelease: true }),
    end: (grant, last) =>
      writeFenced(api, grant, {
        checkpoint: { kind: 'shard-end' },
        isRelease: true,
        ...(last !== undefined && { last: encodeCheckpoint({ kind: 'at', position: last }) }),
      }),
    async read(shardId) {
      const item = await api.get(shardKey(shardId));
      return item === undefined ? undefined : readLease(item);
    },
    commit: (grant, checkpoint, items) => commit(api, { grant, checkpoint, items }),
  };
}

type FencedUpdate = Omit<Update, 'TableName' | 'Key' | 'UpdateExpression'> & {
  readonly UpdateExpression: string;
};

interface FencedChange {
  readonly checkpoint: Checkpoint;
  readonly isRelease: boolean;
  /** The shard's last record, at its end. */
  readonly last?: string;
}

/**
 * The fence: the owner and the epoch must be the writer's, and the checkpoint must not go back. An equal checkpoint
 * passes, so that the SDK's own second attempt after a lost answer is no loss of the lease.
 */
function fence(grant: LeaseGrant, { checkpoint, isRelease, last }: FencedChange): FencedUpdate {
  const sets = last === undefined ? '#checkpoint = :checkpoint' : '#checkpoint = :checkpoint, #last = :last';
  return {
    UpdateExpression: `SET ${sets}${isRelease ? ' REMOVE #owner' : ''}`,
    ConditionExpression: '#owner = :me AND epoch = :epoch AND #checkpoint <= :checkpoint',
    ExpressionAttributeNames: {
      '#owner': 'owner',
      '#checkpoint': 'checkpoint',
      ...(last !== undefined && { '#last': 'last' }),
    },
    ExpressionAttributeValues: {
      ':me': { S: grant.workerId },
      ':epoch': { N: String(grant.epoch) },
      ':checkpoint': { S: encodeCheckpoint(checkpoint) },
      ...(last !== undefined && { ':last': { S: last } }),
    },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}

/** A refused write whose lease is still the writer's met a later checkpoint of its own, from an answer that was lost. */
async function writeFenced(
  api: LeaseTableApi,
  grant: LeaseGrant,
  change: FencedChange,
): Promise<FencedOutcome> {
  try {
    await api.update(shardKey(grant.shardId), fence(grant, change));
    return 'stored';
  } catch (error) {
    const found = leaseInRefusal(error);
    const isMine = found?.owner === grant.workerId && found.epoch === grant.epoch;
    if (!isMine || compareCheckpoints(found.checkpoint, change.checkpoint) <= 0) return 'lost';
    if (!change.isRelease) return 'stored';
    return writeFenced(api, grant, { ...change, checkpoint: found.checkpoint });
  }
}

async function take(
  api: LeaseTableApi,
  seen: LeaseRecord,
  workerId: string,
): Promise<LeaseGrant | undefined> {
  const epoch = seen.epoch + 1;
  try {
    const item = await api.update(shardKey(seen.shardId), {
      UpdateExpression: 'SET #owner = :me, epoch = :next',
      // The epoch alone says that nobody took it since; it also refuses to raise a removed lease from the dead.
      ConditionExpression: 'epoch = :seen AND #checkpoint <> :end',
      ExpressionAttributeNames: { '#owner': 'owner', '#checkpoint': 'checkpoint' },
      ExpressionAttributeValues: {
        ':me': { S: workerId },
        ':seen': { N: String(seen.epoch) },
        ':next': { N: String(epoch) },
        ':end': { S: encodeCheckpoint({ kind: 'shard-end' }) },
      },
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    return grantOf(item === undefined ? undefined : readLease(item), workerId, epoch);
  } catch (error) {
    // A first attempt whose answer was lost left exactly this behind, and only this worker writes its own name.
    return grantOf(leaseInRefusal(error), workerId, epoch);
  }
}

function grantOf(lease: LeaseRecord | undefined, workerId: string, epoch: number): LeaseGrant | undefined {
  if (lease?.owner !== workerId || lease.epoch !== epoch) return undefined;
  const { shardId, checkpoint, hashRange, parents } = lease;
  return { shardId, workerId, epoch, checkpoint, hashRange, parents };
}

/** The lease as a failed condition found it; anything but a failed condition is thrown on. */
function leaseInRefusal(error: unknown): LeaseRecord | undefined {
  if (classifyAwsError(error).kind !== 'condition-failed') throw error;
  const item = (error as { readonly Item?: Item }).Item;
  return item === undefined ? undefined : readLease(item);
}

async function commit(
  api: LeaseTableApi,
  work: {
    readonly grant: LeaseGrant;
    readonly checkpoint: Checkpoint;
    readonly items: readonly TransactWriteItem[];
  },
): Promise<FencedOutcome> {
  const { grant, checkpoint, items } = work;
  const lease: Update = {
    TableName: api.table,
    Key: { leaseKey: { S: shardKey(grant.shardId) } },
    ...fence(grant, { checkpoint, isRelease: false }),
    // Strictly forward: a second transaction for the same records would write their effects twice.
    ConditionExpression: '#owner = :me AND epoch = :epoch AND #checkpoint < :checkpoint',
  };
  try {
    await api.transactWrite([{ Update: lease }, ...items]);
    return 'stored';
  } catch (error) {
    const item = fenceReason(error);
    if (item === undefined) throw error;
    const isMine = item.owner?.S === grant.workerId && item.epoch?.N === String(grant.epoch);
    return isMine && (item.checkpoint?.S ?? '') >= encodeCheckpoint(checkpoint) ? 'stored' : 'lost';
  }
}

/** The lease as the failed fence found it; undefined when the fence held and something else cancelled or broke. */
function fenceReason(error: unknown): Item | undefined {
  const reasons = (error as { readonly CancellationReasons?: unknown }).CancellationReasons;
  if (!Array.isArray(reasons)) return undefined;
  const [first] = reasons as { readonly Code?: string; readonly Item?: Item }[];
  return first?.Code === 'ConditionalCheckFailed' ? (first.Item ?? {}) : undefined;
}

/** A failed condition is an answer; everything else stays an error. */
async function conditional(write: Promise<unknown>): Promise<FencedOutcome> {
  try {
    await write;
    return 'stored';
  } catch (error) {
    if (classifyAwsError(error).kind === 'condition-failed') return 'lost';
    throw error;
  }
}
