import { decideOnRecord, type IdempotencyRecord } from '../../core/idempotency/record.js';
import type {
  AcquireRequest,
  Acquisition,
  CommitOutcome,
  Fence,
  InboxEntry,
  InboxStore,
  KeyedRecord,
  LeaseStore,
  RecordRows,
  SeenRecord,
} from './store.js';

/** What can be done with records in any database. */
export interface RecordKeeper extends LeaseStore, Pick<InboxStore, 'look'> {
  /** The messages of a record have been published. */
  clearOutbox(key: string): Promise<void>;
  /** Marks a message as done, if nobody did before. */
  record(entry: InboxEntry): Promise<Exclude<CommitOutcome, { kind: 'write-refused' | 'conflict' }>>;
}

/**
 * The life of a record, made of the three steps of {@link RecordRows}:
 *
 * ```
 *            acquire(v)                              complete(v)
 *  absent ───────────────▶ IN_PROGRESS, ver=v ───────────────────▶ COMPLETED ──▶ (expires)
 *                            │    ▲      ▲ acquire(v+1), once the lease is over
 *                 release(v) ▼    │ acquire(v+1)
 *                          RELEASED
 * ```
 * `ver` is never reset while the record lives, so a holder that was overtaken fails every condition from then on. A key
 * is new nearly always, so it is inserted blindly; only one that is taken is read.
 */
export function createRecordKeeper(rows: RecordRows): RecordKeeper {
  return {
    acquire: (request) => acquire(rows, request),
    renew: (fence, leaseUntil) => change(rows, fence, { leaseUntil }),
    complete: (fence) => change(rows, fence, { state: 'COMPLETED' }),
    release: (fence) => change(rows, fence, { state: 'RELEASED' }),
    look: async (key, hash, now) => {
      const decision = decideOnRecord(await rows.read(key), { hash, now });
      if (decision.kind === 'completed') return { ...decision, kind: 'duplicate' };
      return decision.kind === 'mismatch' ? decision : { kind: 'unknown' };
    },
    clearOutbox: async (key) => {
      const record = await rows.read(key);
      if (record?.outbox) await rows.replace({ key, ...stampOf(record) }, { outbox: '' }, 0);
    },
    record: (entry) => record(rows, entry),
  };
}

async function acquire(rows: RecordRows, request: AcquireRequest): Promise<Acquisition> {
  const { key, owner, now } = request;
  const outcome = await place(rows, {
    next: { ...request, state: 'IN_PROGRESS', version: 1, leaseUntil: now + request.leaseMs },
    now,
  });
  switch (outcome.kind) {
    case 'placed':
      return { kind: 'acquired', fence: { key, version: outcome.version, owner } };
    case 'completed':
    case 'in-progress':
    case 'mismatch':
      return outcome;
  }
}

async function record(
  rows: RecordRows,
  entry: InboxEntry,
): Promise<Exclude<CommitOutcome, { kind: 'write-refused' | 'conflict' }>> {
  const { now, attempt } = entry;
  const outcome = await place(rows, {
    next: { ...entry, owner: attempt, state: 'COMPLETED', version: 1, leaseUntil: 0 },
    now,
  });
  switch (outcome.kind) {
    case 'placed':
      return { kind: 'committed' };
    case 'completed':
      return { ...outcome, kind: 'duplicate' };
    case 'in-progress':
    case 'mismatch':
      return outcome;
  }
}

type Placing =
  | { readonly kind: 'placed'; readonly version: number }
  | { readonly kind: 'completed'; readonly outbox?: string }
  | { readonly kind: 'in-progress'; readonly remainingMs: number }
  | { readonly kind: 'mismatch' };

/** Puts a record where none is, or where the one that is there has no claim any more. */
async function place(
  rows: RecordRows,
  { next, now }: { readonly next: KeyedRecord; readonly now: number },
): Promise<Placing> {
  const fresh = onlyRecord(next);
  if ((await rows.insert({ key: next.key, ...fresh }, now)) === 'inserted')
    return { kind: 'placed', version: next.version };
  const seen = await rows.read(next.key);
  // A call is repeated when its answer was lost: then it was this very attempt that put the record there.
  if (seen?.owner === next.owner && seen.state === next.state)
    return { kind: 'placed', version: seen.version };
  const decision = decideOnRecord(seen, { hash: next.hash, now });
  if (decision.kind !== 'free') return decision;
  // Gone by now, or of a shape nobody knows: never overwritten blindly; the message is tried again in a moment.
  if (seen === undefined) return { kind: 'in-progress', remainingMs: 0 };
  const version = seen.version + 1;
  const { state, owner, leaseUntil } = seen;
  const known: SeenRecord = { key: next.key, state, version: seen.version, owner, leaseUntil };
  // What the last holder had to publish goes with its record: it is not this one's to send.
  const cleared = seen.outbox === undefined ? {} : { outbox: '' };
  const answer = await rows.replace(known, { ...cleared, ...fresh, version }, now);
  if (answer === 'replaced') return { kind: 'placed', version };
  const after = await rows.read(next.key);
  const isOurs = after?.owner === next.owner && after.version === version;
  return isOurs ? { kind: 'placed', version } : { kind: 'in-progress', remainingMs: 0 };
}

/** Without what else may stick to the object: databases are given exactly the record. */
const onlyRecord = ({ outbox, ...record }: IdempotencyRecord): IdempotencyRecord => ({
  ...stampOf(record),
  leaseUntil: record.leaseUntil,
  expiresAt: record.expiresAt,
  hash: record.hash,
  ...(outbox !== undefined && { outbox }),
});

/** What tells one acquisition of a record from another. */
const stampOf = ({ state, version, owner }: IdempotencyRecord) => ({ state, version, owner });

/** A change that only the holder of the fence can make. */
async function change(
  rows: RecordRows,
  fence: Fence,
  next: Partial<IdempotencyRecord>,
): Promise<'kept' | 'lost'> {
  const answer = await rows.replace({ ...fence, state: 'IN_PROGRESS' }, next, 0);
  if (answer === 'replaced') return 'kept';
  // Lost, or made by a call whose answer was lost and which was repeated.
  const record = await rows.read(fence.key);
  const isMade =
    record?.version === fence.version &&
    record.owner === fence.owner &&
    (next.state === undefined
      ? record.state === 'IN_PROGRESS' && record.leaseUntil === next.leaseUntil
      : record.state === next.state);
  return isMade ? 'kept' : 'lost';
}
