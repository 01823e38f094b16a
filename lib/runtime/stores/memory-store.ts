import { decideOnRecord, type IdempotencyRecord } from '../../core/idempotency/record.js';
import type { Fence, InboxStore, LeaseStore } from '../idempotency/store.js';

/** Both stores over one map. */
export interface MemoryStore extends LeaseStore, InboxStore {
  /** What is stored, by key. */
  readonly records: ReadonlyMap<string, IdempotencyRecord>;
  /** Writes that commits carried, in order. */
  readonly written: readonly unknown[];
}

/**
 * Idempotency records in this process's memory: for tests and single-process tools. It keeps every promise of the
 * DynamoDB stores except to survive the process, and is proved by the same suite.
 */
export function createMemoryStore(): MemoryStore {
  const records = new Map<string, IdempotencyRecord>();
  const written: unknown[] = [];

  const change = (fence: Fence, alter: (record: IdempotencyRecord) => IdempotencyRecord): 'kept' | 'lost' => {
    const record = records.get(fence.key);
    const isOurs =
      record?.state === 'IN_PROGRESS' && record.version === fence.version && record.owner === fence.owner;
    if (!isOurs) return 'lost';
    records.set(fence.key, alter(record));
    return 'kept';
  };

  return {
    records,
    written,
    acquire: (request) => {
      const record = records.get(request.key);
      const decision = decideOnRecord(record, request);
      if (decision.kind !== 'free') return Promise.resolve(decision);
      const version = (record?.version ?? 0) + 1;
      const { key, hash, owner, expiresAt, now, leaseMs } = request;
      records.set(key, { state: 'IN_PROGRESS', version, owner, leaseUntil: now + leaseMs, expiresAt, hash });
      return Promise.resolve({ kind: 'acquired', fence: { key, version, owner } });
    },
    renew: (fence, leaseUntil) => Promise.resolve(change(fence, (record) => ({ ...record, leaseUntil }))),
    complete: (fence) => Promise.resolve(change(fence, (record) => ({ ...record, state: 'COMPLETED' }))),
    release: (fence) => Promise.resolve(change(fence, (record) => ({ ...record, state: 'RELEASED' }))),
    look: (key, hash, now) => {
      const decision = decideOnRecord(records.get(key), { hash, now });
      if (decision.kind === 'completed') return Promise.resolve('duplicate');
      return Promise.resolve(decision.kind === 'mismatch' ? 'mismatch' : 'unknown');
    },
    commit: (entry, writes) => {
      const record = records.get(entry.key);
      const isLive = record !== undefined && record.expiresAt >= Math.floor(entry.now / 1_000);
      if (isLive) return Promise.resolve({ kind: record.hash === entry.hash ? 'duplicate' : 'mismatch' });
      const { key, hash, expiresAt, attempt } = entry;
      records.set(key, { state: 'COMPLETED', version: 1, owner: attempt, leaseUntil: 0, expiresAt, hash });
      written.push(...writes);
      return Promise.resolve({ kind: 'committed' });
    },
  };
}
