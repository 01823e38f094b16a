import { isMillraceError, MillraceError } from '../../core/errors.js';
import { createRecordKeeper } from '../idempotency/record-keeper.js';
import type {
  InboxEntry,
  SqlClaim,
  SqlResult,
  SqlTransaction,
  SqlTransactions,
} from '../idempotency/store.js';
import { postgresError, sqlStateOf, type PostgresConnection, type PostgresPool } from './postgres-client.js';
import { createPostgresRows } from './postgres-rows.js';
import type { PostgresTables } from './postgres-schema.js';

/** How long a twin waits at the inbox row of a transaction that is open elsewhere. */
const LOCK_WAIT_MS = 1_000;
/** `lock_not_available` */
const LOCKED = '55P03';

/** Transactions with the inbox row as their first write: a unique key, so that a twin can't commit one as well. */
export function createPostgresTransactions(pool: PostgresPool, tables: PostgresTables): SqlTransactions {
  return { claim: (entry) => claim(pool, tables, entry) };
}

async function claim(pool: PostgresPool, tables: PostgresTables, entry: InboxEntry): Promise<SqlClaim> {
  const connection = await connect(pool);
  const transaction = new PostgresTransaction(connection, tables, entry.key);
  try {
    // Whatever the database's default is: the inbox row must be seen as soon as a twin has committed it.
    await connection.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    await connection.query(`SET LOCAL lock_timeout = ${LOCK_WAIT_MS}`);
    const outcome = await createRecordKeeper(createPostgresRows(connection, tables)).record(entry);
    if (outcome.kind === 'committed') {
      await connection.query('SET LOCAL lock_timeout = DEFAULT');
      return { kind: 'claimed', transaction };
    }
    await transaction.rollback();
    return outcome;
  } catch (error) {
    await transaction.rollback();
    // Somebody handles the same message at this moment: it will have committed, or not, when this copy comes back.
    if (!isMillraceError(error)) throw postgresError(error, 'open a transaction');
    if (sqlStateOf(error.cause) === LOCKED) return { kind: 'in-progress', remainingMs: 0 };
    throw error;
  }
}

async function connect(pool: PostgresPool): Promise<PostgresConnection> {
  try {
    return await pool.connect();
  } catch (error) {
    throw postgresError(error, 'take a connection out of the pool');
  }
}

class PostgresTransaction implements SqlTransaction {
  readonly #connection: PostgresConnection;
  readonly #setOutbox: string;
  readonly #key: string;
  /** Statements that have not been answered. */
  readonly #underWay = new Set<Promise<unknown>>();
  #hasFailed = false;

  constructor(connection: PostgresConnection, tables: PostgresTables, key: string) {
    this.#connection = connection;
    this.#setOutbox = `UPDATE ${tables.records} SET outbox = $1 WHERE key = $2`;
    this.#key = key;
  }

  async query(text: string, values: readonly unknown[] = []): Promise<SqlResult> {
    const statement = this.#connection.query(text, [...values]);
    this.#underWay.add(statement);
    try {
      return await statement;
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    } finally {
      this.#underWay.delete(statement);
    }
  }

  async commit(outbox?: string): Promise<void> {
    // The handler may have left some unawaited: whether they failed has to be known before the COMMIT is sent.
    await Promise.allSettled(this.#underWay);
    if (this.#hasFailed) await this.#refuseIfAborted();
    try {
      if (outbox !== undefined) await this.#connection.query(this.#setOutbox, [outbox, this.#key]);
      await this.#connection.query('COMMIT');
    } catch (error) {
      this.#connection.release(true); // whatever state it is in, nobody shall get it
      throw postgresError(error, 'commit a transaction');
    }
    this.#connection.release();
  }

  /**
   * A failed statement aborts its transaction, unless the handler went back to a savepoint; COMMIT would then undo it and
   * call that a success.
   */
  async #refuseIfAborted(): Promise<void> {
    try {
      await this.#connection.query('SELECT 1');
    } catch (cause) {
      await this.rollback();
      throw new MillraceError(
        'TRANSACTION_REFUSED',
        'a statement of the handler failed, which undoes all of them though the handler went on: let its error through, or put a savepoint before it',
        { cause },
      );
    }
  }

  async rollback(): Promise<void> {
    try {
      await this.#connection.query('ROLLBACK');
      this.#connection.release();
    } catch {
      this.#connection.release(true); // a closed connection undoes its transaction
    }
  }
}
