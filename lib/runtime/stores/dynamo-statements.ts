import type { BatchStatementRequest } from '@aws-sdk/client-dynamodb';
import type { IdempotencyRecord } from '../../core/idempotency/record.js';
import type { KeyedRecord, SeenRecord, SequenceAdvance } from '../idempotency/store.js';
import { N, S, type RecordTable } from './dynamo-record.js';

/** One conditional write, and the item it is about: a batch takes no two of one item. */
export interface KeyedStatement {
  readonly key: string;
  readonly request: BatchStatementRequest;
}

type Value = NonNullable<BatchStatementRequest['Parameters']>[number];
type Attribute = readonly [name: string, value: Value];

/** Adds a record; `DuplicateItem` where its key is taken. */
export function insertRecord(table: RecordTable, { key, ...record }: KeyedRecord): KeyedStatement {
  return insert(table, key, attributesOf(table, record));
}

/** Changes a record that is still what was seen; `ConditionalCheckFailed` otherwise, also where it is gone. */
export function replaceRecord(
  table: RecordTable,
  seen: SeenRecord,
  next: Partial<IdempotencyRecord>,
): KeyedStatement {
  const { key, state, version, owner, leaseUntil } = seen;
  const condition: readonly Attribute[] = [
    ['st', S(state)],
    ['ver', N(version)],
    ['own', S(owner)],
    ...(leaseUntil === undefined ? [] : [['lease', N(leaseUntil)] as const]),
  ];
  const set = attributesOf(table, next);
  return update(table, key, { set, where: condition.map(([name, value]) => [name, '=', value]) });
}

/** Makes the first mark of a group. */
export function insertMark(table: RecordTable, advance: SequenceAdvance): KeyedStatement {
  return insert(table, advance.groupKey, markAttributes(advance));
}

/** Moves a mark forward; `ConditionalCheckFailed` where it is as far, or there is none. */
export function advanceMark(table: RecordTable, advance: SequenceAdvance): KeyedStatement {
  return update(table, advance.groupKey, {
    set: markAttributes(advance),
    where: [['seq', '<', S(advance.sequence)]],
  });
}

const markAttributes = ({ sequence, attempt }: SequenceAdvance): readonly Attribute[] => [
  ['seq', S(sequence)],
  ['own', S(attempt)],
];

function attributesOf(table: RecordTable, record: Partial<IdempotencyRecord>): readonly Attribute[] {
  const { state, version, owner, leaseUntil, hash, expiresAt, outbox } = record;
  const text = (name: string, value: string | undefined): readonly Attribute[] =>
    value === undefined ? [] : [[name, S(value)]];
  const number = (name: string, value: number | undefined): readonly Attribute[] =>
    value === undefined ? [] : [[name, N(value)]];
  return [
    ...text('st', state),
    ...number('ver', version),
    ...text('own', owner),
    ...number('lease', leaseUntil),
    ...text('hash', hash),
    ...number(table.ttlAttribute, expiresAt),
    ...text('box', outbox),
  ];
}

function insert({ table }: RecordTable, key: string, attributes: readonly Attribute[]): KeyedStatement {
  const all: readonly Attribute[] = [['pk', S(key)], ...attributes];
  const members = all.map(([name]) => `'${name}': ?`).join(', ');
  return {
    key,
    request: {
      Statement: `INSERT INTO "${table}" VALUE {${members}}`,
      Parameters: all.map(([, value]) => value),
    },
  };
}

interface Update {
  readonly set: readonly Attribute[];
  readonly where: readonly (readonly [name: string, operator: '=' | '<', value: Value])[];
}

function update({ table }: RecordTable, key: string, { set, where }: Update): KeyedStatement {
  const sets = set.map(([name]) => `SET "${name}" = ?`).join(' ');
  const conditions = where.map(([name, operator]) => ` AND "${name}" ${operator} ?`).join('');
  return {
    key,
    request: {
      Statement: `UPDATE "${table}" ${sets} WHERE "pk" = ?${conditions}`,
      Parameters: [...set.map(([, value]) => value), S(key), ...where.map(([, , value]) => value)],
    },
  };
}
