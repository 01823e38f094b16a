import { refuseAll } from '../../core/errors.js';
import type { IdempotencyRecord } from '../../core/idempotency/record.js';
import { textViolations, unknownNames } from '../../core/options.js';
import type { IdempotencyStore, MarkRows, RecordRows } from '../idempotency/store.js';
import { createScript, readFields, runScript, type RedisClient } from './redis-client.js';
import { readStoredRecord } from './stored-record.js';

/** What a Redis store is made of. */
export interface RedisStoreOptions {
  /**
   * A connected client of Redis 6 or later, or of Valkey: of the `redis`, `ioredis` or `iovalkey` package. It stays open
   * at the end. One that queues commands while it is offline makes an outage look like slowness: give it a command
   * timeout.
   */
  readonly client: RedisClient;
  /** What every key begins with. @default 'millrace:' */
  readonly prefix?: string;
}

/** Defaults of {@link RedisStoreOptions}. */
export const REDIS_STORE_DEFAULTS = Object.freeze({ prefix: 'millrace:' });

/**
 * Idempotency records in Redis or Valkey, for the modes `lease`, `record-after` and `sequence`: one hash per record, each
 * change one script, expiry by the server. Records live as long as the server's memory: a fail-over to a replica that
 * lags forgets the newest, and a `maxmemory-policy` other than `noeviction` forgets at will. Where that matters, use
 * DynamoDB or PostgreSQL.
 * @example
 * const client = await createClient({ url }).connect(); // of the package redis
 * createQueueWorker({ queue: 'Builds', idempotency: 'lease', store: createRedisStore({ client }), handlers });
 * @throws {INVALID_OPTIONS}
 */
export function createRedisStore(options: RedisStoreOptions): IdempotencyStore {
  const { client, prefix = REDIS_STORE_DEFAULTS.prefix } = options;
  refuseAll("createRedisStore can't use these options", [
    ...unknownNames(options, ['client', 'prefix']),
    ...clientViolations(client),
    ...textViolations('prefix', prefix),
  ]);
  return Object.freeze({
    name: 'Redis',
    records: createRedisRows(client, prefix),
    marks: createRedisMarks(client, prefix),
  });
}

function clientViolations(client: unknown): string[] {
  const members: Partial<Record<string, unknown>> =
    typeof client === 'object' && client !== null
      ? { ...pick(client, 'call'), ...pick(client, 'sendCommand') }
      : {};
  return Object.values(members).some((member) => typeof member === 'function')
    ? []
    : ['client must be a connected client of the package redis, ioredis or iovalkey'];
}

const pick = (value: object, name: string): Record<string, unknown> => ({
  [name]: (value as Partial<Record<string, unknown>>)[name],
});

/** Fields of a record's hash, as in DynamoDB. */
const FIELDS = ['st', 'ver', 'own', 'lease', 'exp', 'hash', 'box'] as const;

/** ARGV: life in ms, then fields and values. */
const INSERT = createScript(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`);

/** ARGV: state, version, owner and lease that must be there (an empty lease is any), life in ms or empty, then fields and values. */
const REPLACE = createScript(`
local seen = redis.call('HMGET', KEYS[1], 'st', 'ver', 'own', 'lease')
for i = 1, 3 do if seen[i] ~= ARGV[i] then return 0 end end
if ARGV[4] ~= '' and seen[4] ~= ARGV[4] then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 6))
if ARGV[5] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[5]) end
return 1`);

/** ARGV: sequence, attempt. Sequences are digits of one length, so that text compares like the number. */
const ADVANCE = createScript(`
local mark = redis.call('HMGET', KEYS[1], 'seq', 'own')
if mark[1] and mark[1] >= ARGV[1] and mark[2] ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'seq', ARGV[1], 'own', ARGV[2])
return 1`);

function createRedisRows(client: RedisClient, prefix: string): RecordRows {
  return {
    insert: async ({ key, ...record }, now) => {
      const args = [lifeMs(record.expiresAt, now), ...fieldsOf(record)];
      return (await runScript(client, INSERT, { key: prefix + key, args })) === 1 ? 'inserted' : 'taken';
    },
    read: async (key) => {
      const [state, version, owner, leaseUntil, expiresAt, hash, outbox] = await readFields(
        client,
        prefix + key,
        FIELDS,
      );
      return readStoredRecord({ state, version, owner, leaseUntil, expiresAt, hash, outbox });
    },
    replace: async (seen, next, now) => {
      const { key, state, version, owner, leaseUntil = '' } = seen;
      const life = next.expiresAt === undefined ? '' : lifeMs(next.expiresAt, now);
      const args = [state, String(version), owner, String(leaseUntil), life, ...fieldsOf(next)];
      return (await runScript(client, REPLACE, { key: prefix + key, args })) === 1 ? 'replaced' : 'changed';
    },
  };
}

function createRedisMarks(client: RedisClient, prefix: string): MarkRows {
  return {
    markOf: async (groupKey) => (await readFields(client, prefix + groupKey, ['seq']))[0] ?? undefined,
    advance: async ({ groupKey, sequence, attempt }) => {
      const args = [sequence, attempt];
      return (await runScript(client, ADVANCE, { key: prefix + groupKey, args })) === 1
        ? 'advanced'
        : 'behind';
    },
  };
}

/** At least a millisecond: Redis deletes at once what has none left, and the record is to be seen expire. */
const lifeMs = (expiresAt: number, now: number): string => String(Math.max(1, expiresAt * 1_000 - now));

function fieldsOf(record: Partial<IdempotencyRecord>): string[] {
  const { state, version, owner, leaseUntil, expiresAt, hash, outbox } = record;
  const values = [state, version, owner, leaseUntil, expiresAt, hash, outbox];
  return FIELDS.flatMap((field, position) => {
    const value = values[position];
    return value === undefined ? [] : [field, String(value)];
  });
}
