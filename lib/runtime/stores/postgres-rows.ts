import type { IdempotencyRecord } from '../../core/idempotency/record.js';
import type { KeyedRecord, MarkRows, RecordRows, SeenRecord } from '../idempotency/store.js';
import { runStatement, type PostgresClient } from './postgres-client.js';
import type { PostgresTables } from './postgres-schema.js';
import { readStoredRecord } from './stored-record.js';

/** Columns of a record beside its key. */
const COLUMNS = {
  state: 'state',
  version: 'version',
  owner: 'owner',
  leaseUntil: 'lease_until',
  expiresAt: 'expires_at',
  hash: 'hash',
  outbox: 'outbox',
} as const satisfies Readonly<Record<keyof Required<IdempotencyRecord>, string>>;

const NAMES = Object.keys(COLUMNS) as (keyof IdempotencyRecord)[];

/** Records as rows of a table: each step is one statement. */
export function createPostgresRows(client: PostgresClient, tables: PostgresTables): RecordRows {
  const columns = NAMES.map((name) => COLUMNS[name]).join(', ');
  const places = NAMES.map((_, index) => `$${index + 2}`).join(', ');
  const insert = `INSERT INTO ${tables.records} (key, ${columns}) VALUES ($1, ${places}) ON CONFLICT (key) DO NOTHING RETURNING key`;
  const read = `SELECT ${columns} FROM ${tables.records} WHERE key = $1`;
  return {
    insert: async (record) => {
      const { rows } = await runStatement(client, insert, insertValues(record));
      return rows.length === 1 ? 'inserted' : 'taken';
    },
    read: async (key) => {
      const { rows } = await runStatement(client, read, [key]);
      return readRow(rows[0]);
    },
    replace: async (seen, next) => {
      const { text, values } = replacement(tables, seen, next);
      return (await runStatement(client, text, values)).rows.length === 1 ? 'replaced' : 'changed';
    },
  };
}

/** Marks as rows: one statement moves them, and answers a row where it did. */
export function createPostgresMarks(client: PostgresClient, { marks }: PostgresTables): MarkRows {
  const advance = `INSERT INTO ${marks} AS mark (key, sequence, owner) VALUES ($1, $2, $3) ON CONFLICT (key) DO UPDATE SET sequence = excluded.sequence, owner = excluded.owner WHERE mark.sequence < excluded.sequence OR mark.owner = excluded.owner RETURNING key`;
  return {
    markOf: async (groupKey) => {
      const { rows } = await runStatement(client, `SELECT sequence FROM ${marks} WHERE key = $1`, [groupKey]);
      const sequence = memberOf(rows[0], 'sequence');
      return typeof sequence === 'string' ? sequence : undefined;
    },
    advance: async ({ groupKey, sequence, attempt }) => {
      const { rows } = await runStatement(client, advance, [groupKey, sequence, attempt]);
      return rows.length === 1 ? 'advanced' : 'behind';
    },
  };
}

const insertValues = ({ key, ...record }: KeyedRecord): readonly unknown[] => [
  key,
  ...NAMES.map((name) => record[name] ?? null),
];

function replacement({ records }: PostgresTables, seen: SeenRecord, next: Partial<IdempotencyRecord>) {
  const values: unknown[] = [];
  const place = (value: unknown): string => `$${values.push(value)}`;
  const sets = NAMES.flatMap((name) =>
    next[name] === undefined ? [] : [`${COLUMNS[name]} = ${place(next[name])}`],
  );
  const { key, state, version, owner, leaseUntil } = seen;
  const conditions = [
    `key = ${place(key)}`,
    `state = ${place(state)}`,
    `version = ${place(version)}`,
    `owner = ${place(owner)}`,
    ...(leaseUntil === undefined ? [] : [`lease_until = ${place(leaseUntil)}`]),
  ];
  const text = `UPDATE ${records} SET ${sets.join(', ')} WHERE ${conditions.join(' AND ')} RETURNING key`;
  return { text, values };
}

/** Drivers answer bigint as text or as a number; both are read. */
function readRow(row: unknown): IdempotencyRecord | undefined {
  return readStoredRecord(Object.fromEntries(NAMES.map((name) => [name, memberOf(row, COLUMNS[name])])));
}

function memberOf(row: unknown, name: string): unknown {
  return typeof row === 'object' && row !== null
    ? (row as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
