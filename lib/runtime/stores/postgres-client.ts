import { MillraceError } from '../../core/errors.js';
import type { SqlResult } from '../idempotency/store.js';

/** Anything that runs a statement: `Pool` and `Client` of the package `pg`, PGlite, and others of their shape. */
export interface PostgresClient {
  /** Runs a statement with `$1` placeholders; rejects with the server's `code`. */
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** A connection taken out of a pool. */
export interface PostgresConnection extends PostgresClient {
  /** Gives it back; with an error it is closed instead. */
  release(error?: Error | boolean): void;
}

/** A pool, e.g. `Pool` of the package `pg`. Transactions need one: each has a connection of its own. */
export interface PostgresPool extends PostgresClient {
  /** A connection of one's own, for a transaction. */
  connect(): Promise<PostgresConnection>;
}

/** Runs one of the store's own statements. @throws {STORE_UNAVAILABLE} the database did not answer, or refused it */
export async function runStatement(
  client: PostgresClient,
  text: string,
  values: readonly unknown[],
): Promise<SqlResult> {
  try {
    return await client.query(text, [...values]);
  } catch (error) {
    throw postgresError(error, 'run a statement of the idempotency store');
  }
}

/** A failure of the database as the one error the guards know. */
export function postgresError(cause: unknown, action: string): MillraceError {
  const code = sqlStateOf(cause) ?? (cause instanceof Error ? cause.name : typeof cause);
  return new MillraceError(
    'STORE_UNAVAILABLE',
    `can't ${action} in PostgreSQL: got ${code}; check that the database is reachable and that the tables are there (ensureTables), see the cause`,
    { cause },
  );
}

/** The five characters that name an error in SQL. @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
export function sqlStateOf(error: unknown): string | undefined {
  const code: unknown =
    typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}
