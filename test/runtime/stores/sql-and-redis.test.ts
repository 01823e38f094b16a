import type { SqlTransaction } from '../../../lib/runtime/idempotency/store.js';
import { createPostgresStore, type PostgresStore } from '../../../lib/runtime/stores/postgres-store.js';
import { createRedisStore } from '../../../lib/runtime/stores/redis-store.js';
import { turns } from '../support/fake-clock.js';

const ENTRY = { key: 'k', hash: 'h', attempt: 'a', now: 1_000, expiresAt: 60 };
const RECORD = {
  state: 'COMPLETED',
  version: 1,
  owner: 'a',
  leaseUntil: 0,
  expiresAt: 60,
  hash: 'h',
} as const;

/** A database error by its SQLSTATE. */
const sqlError = (code: string): Error => Object.assign(new Error(code), { code });

/** A pool whose statements are answered by a script; it keeps what was run and how connections came back. */
function setup(script: (text: string) => unknown = () => undefined) {
  const statements: string[] = [];
  const released: unknown[] = [];
  const query = async (text: string) => {
    statements.push(text.split(' ', 2).join(' '));
    const answer = await script(text);
    if (answer instanceof Error) throw answer;
    return { rows: text.startsWith('INSERT') ? [{ key: 'k' }] : [] };
  };
  const pool = {
    query,
    connect: () =>
      Promise.resolve({ query, release: (error?: Error | boolean) => void released.push(error ?? false) }),
  };
  return { store: createPostgresStore({ pool }), statements, released };
}

async function claimed(store: PostgresStore): Promise<SqlTransaction> {
  const claim = await store.sql?.claim(ENTRY);
  if (claim?.kind !== 'claimed') throw new Error(`expected a claim, got ${claim?.kind ?? 'nothing'}`);
  return claim.transaction;
}

describe('a PostgreSQL transaction', () => {
  it('has the inbox row before the handler’s statements, and gives its connection back after the commit', async () => {
    const { store, statements, released } = setup();
    const transaction = await claimed(store);
    await transaction.query('UPDATE accounts SET cents = 0');
    await transaction.commit();
    expect(statements).toEqual([
      'BEGIN ISOLATION',
      'SET LOCAL',
      'INSERT INTO',
      'SET LOCAL',
      'UPDATE accounts',
      'COMMIT',
    ]);
    expect(released).toEqual([false]);
  });

  it('rejects a commit after a statement that failed, which PostgreSQL would call a success', async () => {
    const { store, statements, released } = setup((text) =>
      ['UPDATE', 'SELECT 1'].some((start) => text.startsWith(start)) ? sqlError('25P02') : undefined,
    );
    const transaction = await claimed(store);
    await expect(transaction.query('UPDATE accounts SET cents = 0')).rejects.toThrow('25P02');
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'TRANSACTION_REFUSED' });
    expect(statements.slice(-2)).toEqual(['SELECT 1', 'ROLLBACK']);
    expect(released).toEqual([false]);
  });

  it('waits for statements that its handler did not, and rejects the commit if one of them fails', async () => {
    const { store, statements } = setup(async (text) => {
      await turns();
      return ['UPDATE', 'SELECT 1'].some((start) => text.startsWith(start)) ? sqlError('25P02') : undefined;
    });
    const transaction = await claimed(store);
    const unawaited = transaction.query('UPDATE accounts SET cents = 0').catch(() => 'seen by its handler');
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'TRANSACTION_REFUSED' });
    await expect(unawaited).resolves.toBe('seen by its handler');
    expect(statements.slice(-2)).toEqual(['SELECT 1', 'ROLLBACK']);
  });

  it('commits after a failed statement that a savepoint took back', async () => {
    const { store, statements } = setup((text) =>
      text.startsWith('UPDATE') ? sqlError('23505') : undefined,
    );
    const transaction = await claimed(store);
    await expect(transaction.query('UPDATE accounts SET cents = 0')).rejects.toThrow('23505');
    await transaction.commit();
    expect(statements.at(-1)).toBe('COMMIT');
  });

  it('closes a connection whose commit got no answer, and says that nobody knows', async () => {
    const { store, released } = setup((text) => (text === 'COMMIT' ? sqlError('ECONNRESET') : undefined));
    const transaction = await claimed(store);
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(released).toEqual([true]);
  });

  it('closes a connection that can’t even be rolled back', async () => {
    const { store, released } = setup((text) => (text === 'ROLLBACK' ? sqlError('ECONNRESET') : undefined));
    await (await claimed(store)).rollback();
    expect(released).toEqual([true]);
  });

  it('calls a row that is locked elsewhere a message in progress', async () => {
    const { store, released } = setup((text) => (text.startsWith('INSERT') ? sqlError('55P03') : undefined));
    await expect(store.sql?.claim(ENTRY)).resolves.toEqual({ kind: 'in-progress', remainingMs: 0 });
    expect(released).toEqual([false]);
  });

  it.each(['BEGIN', 'INSERT'])('rejects as one error when the database fails at %s', async (start) => {
    const { store } = setup((text) => (text.startsWith(start) ? sqlError('57P01') : undefined));
    await expect(store.sql?.claim(ENTRY)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('57P01') as string,
    });
  });

  it('rejects as one error when the pool has no connection to give', async () => {
    const pool = {
      query: () => Promise.resolve({ rows: [] }),
      connect: () => Promise.reject(new Error('timeout')),
    };
    await expect(createPostgresStore({ pool }).sql?.claim(ENTRY)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  });
});

describe('pruning a PostgreSQL store', () => {
  it('answers a count, not the keys of all that it deleted', async () => {
    const texts: string[] = [];
    const query = (text: string) => {
      texts.push(text);
      return Promise.resolve({ rows: [{ pruned: '36000000' }] });
    };
    await expect(createPostgresStore({ client: { query } }).prune(90_500)).resolves.toBe(36_000_000);
    expect(texts.join()).toContain('count(*)');
  });
});

describe('the options of the stores', () => {
  const client = { query: () => Promise.resolve({ rows: [] }) };

  it('give PostgreSQL without a pool no transactions', () => {
    expect(createPostgresStore({ client }).sql).toBeUndefined();
  });

  it.each([
    ['neither', {}, 'either a pool or a client'],
    [
      'both',
      { client, pool: { ...client, connect: () => Promise.reject(new Error('no')) } },
      'either a pool',
    ],
    ['a misspelt name', { cleint: client, client }, "did you mean 'client'"],
    ['no client', { client: {} as never }, 'its query method'],
    ['no table', { client, table: '' }, 'table must be text'],
  ])('rejects for PostgreSQL: %s', (_title, options, words) => {
    expect(() => createPostgresStore(options)).toThrow(words);
  });

  it.each([
    ['no client', { client: {} as never }, 'client must be a connected client'],
    [
      'a misspelt name',
      { client: { sendCommand: () => Promise.resolve(1) }, prefx: 'x' },
      "did you mean 'prefix'",
    ],
    [
      'an empty prefix',
      { client: { sendCommand: () => Promise.resolve(1) }, prefix: '' },
      'prefix must be text',
    ],
  ])('rejects for Redis: %s', (_title, options, words) => {
    expect(() => createRedisStore(options)).toThrow(words);
  });
});

describe('the Redis store', () => {
  it('sends a script in full only to a server that does not know it', async () => {
    const commands: string[] = [];
    const { records } = createRedisStore({
      client: {
        sendCommand: ([command = '']) => {
          commands.push(command);
          const isUnknown = command === 'EVALSHA' && commands.length === 1;
          return isUnknown ? Promise.reject(new Error('NOSCRIPT No matching script')) : Promise.resolve(1);
        },
      },
    });
    await expect(records.insert({ key: 'k', ...RECORD }, 1_000)).resolves.toBe('inserted');
    await expect(records.insert({ key: 'k', ...RECORD }, 1_000)).resolves.toBe('inserted');
    expect(commands).toEqual(['EVALSHA', 'EVAL', 'EVALSHA']);
  });

  it('speaks to clients of ioredis in their own way', async () => {
    const calls: (readonly string[])[] = [];
    const { marks } = createRedisStore({
      client: {
        call: (...command) => {
          calls.push(command);
          return Promise.resolve(['0007']);
        },
      },
      prefix: 'jobs:',
    });
    await expect(marks.markOf('group')).resolves.toBe('0007');
    expect(calls).toEqual([['HMGET', 'jobs:group', 'seq']]);
  });

  it('rejects as one error while the server does not answer', async () => {
    const client = { sendCommand: () => Promise.reject(new Error('the client is closed')) };
    const { records } = createRedisStore({ client });
    for (const call of [records.read('k'), records.insert({ key: 'k', ...RECORD }, 1_000)])
      await expect(call).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});
