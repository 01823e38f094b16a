import { refuseAll } from '../../core/errors.js';
import { textViolations, unknownNames } from '../../core/options.js';
import type { IdempotencyStore } from '../idempotency/store.js';
import { runStatement, type PostgresClient, type PostgresPool } from './postgres-client.js';
import { createPostgresMarks, createPostgresRows } from './postgres-rows.js';
import { POSTGRES_STORE_DEFAULTS, postgresSchema, postgresTables } from './postgres-schema.js';
import { createPostgresTransactions } from './postgres-transaction.js';

/** What a PostgreSQL store is made of. */
export interface PostgresStoreOptions {
  /**
   * A `Pool` of the package `pg`, or one of its shape; it stays open at the end. In mode `transactional` each handler holds
   * a connection: give the pool as many as the worker's `concurrency`, and a `connectionTimeoutMillis`.
   * @default - there is a `client`
   */
  readonly pool?: PostgresPool;
  /**
   * In place of a pool, for every mode but `transactional`: anything with `query`, e.g. a single `Client`.
   * @default - there is a `pool`
   */
  readonly client?: PostgresClient;
  /** The table of the records, with its schema if need be; marks are in `<table>_marks`. @default 'millrace_idempotency' */
  readonly table?: string;
}

/** Idempotency records in PostgreSQL. Made by {@link createPostgresStore}. */
export interface PostgresStore extends IdempotencyStore {
  /** Creates what is missing of {@link postgresSchema}. @throws {STORE_UNAVAILABLE} */
  ensureTables(): Promise<void>;
  /**
   * Deletes records that expired before `now` (epoch ms) and answers how many. PostgreSQL has no TTL: run it once an hour
   * or day. What has expired counts as absent in any case.
   * @throws {STORE_UNAVAILABLE}
   */
  prune(now: number): Promise<number>;
}

/**
 * Idempotency records in PostgreSQL, for every mode. In mode `transactional` the handler's own statements, made with
 * `ctx.sql`, and the record that marks the message as done are one transaction: the effect happens exactly once.
 * @example
 * const store = createPostgresStore({ pool: new Pool({ connectionString, max: 10 }) });
 * await store.ensureTables();
 * createQueueWorker({ queue: 'Builds', idempotency: 'transactional', store, handlers: [
 *   on(PushReceived, async (push, ctx) => { await ctx.sql('INSERT INTO builds (ref) VALUES ($1)', [push.ref]); }),
 * ] });
 * @throws {INVALID_OPTIONS}
 */
export function createPostgresStore(options: PostgresStoreOptions): PostgresStore {
  const { pool, table = POSTGRES_STORE_DEFAULTS.table } = options;
  const client = pool ?? options.client ?? NO_CLIENT;
  refuseAll("createPostgresStore can't use these options", [
    ...unknownNames(options, ['pool', 'client', 'table']),
    ...connectionViolations(options),
    ...textViolations('table', table),
  ]);
  const tables = postgresTables(table);
  return Object.freeze({
    name: 'PostgreSQL',
    records: createPostgresRows(client, tables),
    marks: createPostgresMarks(client, tables),
    ...(pool !== undefined && { sql: createPostgresTransactions(pool, tables) }),
    ensureTables: async () => {
      for (const statement of postgresSchema(table)) await runStatement(client, statement, []);
    },
    prune: async (now) => {
      // Counted there: of a busy queue the keys of an hour would not fit into this process.
      const text = `WITH pruned AS (DELETE FROM ${tables.records} WHERE expires_at < $1 RETURNING 1) SELECT count(*) AS pruned FROM pruned`;
      const { rows } = await runStatement(client, text, [Math.floor(now / 1_000)]);
      return Number((rows[0] as { readonly pruned?: unknown } | undefined)?.pruned ?? 0);
    },
  } satisfies PostgresStore);
}

/** Stands in until the violations are told. */
const NO_CLIENT: PostgresClient = { query: () => Promise.resolve({ rows: [] }) };

function connectionViolations({ pool, client }: PostgresStoreOptions): string[] {
  if ((pool === undefined) === (client === undefined)) return ['give either a pool or a client'];
  const isUsable =
    typeof (pool ?? client)?.query === 'function' &&
    (pool === undefined || typeof pool.connect === 'function');
  return isUsable ? [] : ['pool must be a Pool of the package pg, client something with its query method'];
}
