import type { IdempotencyRecord } from '../../core/idempotency/record.js';
import { createRecordKeeper, type RecordKeeper } from '../idempotency/record-keeper.js';
import type { IdempotencyStore, InboxStore, MarkRows, RecordRows } from '../idempotency/store.js';

/** All of it over two maps. */
export interface MemoryStore extends IdempotencyStore {
  /** Takes the handler's writes along, for mode `transactional`. */
  readonly inbox: InboxStore;
  /** What is stored, by key. */
  readonly stored: ReadonlyMap<string, IdempotencyRecord>;
  /** Writes that commits carried, in order. */
  readonly written: readonly unknown[];
}

/**
 * Idempotency records in this process's memory: for tests and single-process tools. It keeps every promise of the other
 * stores except to survive the process, and is proved by the same suite. In mode `transactional` it keeps what
 * `ctx.write` was given in `written`.
 * @example
 * const store = createMemoryStore();
 * createQueueWorker({ queue: 'Builds', idempotency: 'lease', store, handlers });
 */
export function createMemoryStore(): MemoryStore {
  const stored = new Map<string, IdempotencyRecord>();
  const written: unknown[] = [];
  const records = createMemoryRows(stored);
  const keeper: RecordKeeper = createRecordKeeper(records);
  return Object.freeze({
    name: 'memory',
    records,
    marks: createMemoryMarks(),
    stored,
    written,
    inbox: {
      look: keeper.look,
      commit: async (entry, writes) => {
        const outcome = await keeper.record(entry);
        if (outcome.kind === 'committed') written.push(...writes);
        return outcome;
      },
    } satisfies InboxStore,
  });
}

function createMemoryRows(stored: Map<string, IdempotencyRecord>): RecordRows {
  return {
    insert: ({ key, ...record }) => {
      if (stored.has(key)) return Promise.resolve('taken');
      stored.set(key, record);
      return Promise.resolve('inserted');
    },
    read: (key) => Promise.resolve(stored.get(key)),
    replace: (seen, next) => {
      const record = stored.get(seen.key);
      const isSeen =
        record?.state === seen.state &&
        record.version === seen.version &&
        record.owner === seen.owner &&
        (seen.leaseUntil === undefined || record.leaseUntil === seen.leaseUntil);
      if (!isSeen) return Promise.resolve('changed');
      stored.set(seen.key, { ...record, ...next });
      return Promise.resolve('replaced');
    },
  };
}

function createMemoryMarks(): MarkRows {
  const marks = new Map<string, { readonly sequence: string; readonly attempt: string }>();
  return {
    markOf: (groupKey) => Promise.resolve(marks.get(groupKey)?.sequence),
    advance: ({ groupKey, sequence, attempt }) => {
      const mark = marks.get(groupKey);
      if (mark !== undefined && mark.sequence >= sequence && mark.attempt !== attempt)
        return Promise.resolve('behind');
      marks.set(groupKey, { sequence, attempt });
      return Promise.resolve('advanced');
    },
  };
}
