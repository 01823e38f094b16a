import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoApi } from '../../../lib/runtime/aws/dynamo-api.js';
import { createDynamoStore } from '../../../lib/runtime/stores/dynamo-store.js';
import { createMemoryStore } from '../../../lib/runtime/stores/memory-store.js';
import { createPostgresStore, type PostgresStore } from '../../../lib/runtime/stores/postgres-store.js';
import { createSystemClock } from '../../../lib/runtime/system/clock.js';
import { EFFECTS, openLocalQueue, type LocalQueue } from '../support/local-queue.js';
import { AwsFault, scriptedAws } from '../support/scripted-aws.js';
import { openPglite } from './postgres-support.js';
import { STORE_CASES, type StoreSubject } from './store-cases.js';

const TABLE = { table: 'jobs-idempotency', ttlAttribute: 'exp', region: 'us-east-1' };
const PORTS = { clock: createSystemClock(), random: { next: () => 0.5 } };
const put = (name: string) => ({ Put: { TableName: EFFECTS, Item: { pk: { S: name } } } });

async function storeOn(dynamodb: DynamoDBClient) {
  const store = createDynamoStore(await createDynamoApi(TABLE, dynamodb), TABLE, PORTS);
  if (store.inbox === undefined) throw new Error('DynamoDB has transactions');
  return { ...store, inbox: store.inbox };
}

/** The suite on one store; `open` is asked once. */
function describeConformance(open: () => Promise<StoreSubject & { close(): Promise<void> }>): void {
  let subject: StoreSubject & { close(): Promise<void> };
  beforeAll(async () => {
    subject = await open();
  });
  afterAll(() => subject.close());

  it.each(STORE_CASES)('$title', async ({ run }) => {
    await expect(run(subject)).resolves.toBeUndefined();
  });
}

describe('the memory store', () => {
  describeConformance(() => {
    const store = createMemoryStore();
    return Promise.resolve({
      store,
      transactions: {
        effect: ({ write }, name) => {
          write(put(name));
          return Promise.resolve();
        },
        effects: () =>
          Promise.resolve((store.written as ReturnType<typeof put>[]).map(({ Put }) => Put.Item.pk.S)),
      },
      close: () => Promise.resolve(),
    });
  });
});

describe('the DynamoDB store', () => {
  describeConformance(async () => {
    const local = await openLocalQueue();
    return {
      store: await storeOn(local.dynamodb),
      transactions: {
        effect: ({ write }, name) => {
          write(put(name));
          return Promise.resolve();
        },
        effects: async () => (await local.effects()).map(({ pk }) => pk ?? ''),
      },
      close: () => local.close(),
    };
  });
});

describe('the PostgreSQL store', () => {
  let store: PostgresStore;
  describeConformance(async () => {
    const { pool, close } = await openPglite();
    store = createPostgresStore({ pool });
    await store.ensureTables();
    await pool.query('CREATE TABLE effects (name text PRIMARY KEY)');
    return {
      store,
      transactions: {
        effect: async ({ sql }, name) => {
          await sql('INSERT INTO effects VALUES ($1)', [name]);
        },
        effects: async () =>
          (await pool.query<{ name: string }>('SELECT name FROM effects')).rows.map(({ name }) => name),
      },
      close,
    };
  });

  it('prunes what has expired, and answers how many that were', async () => {
    const record = { state: 'COMPLETED', version: 1, owner: 'a', leaseUntil: 0, hash: 'h' } as const;
    for (const expiresAt of [90, 99, 100])
      await store.records.insert({ key: `p${expiresAt}`, expiresAt, ...record }, 0);
    await expect(store.prune(100_900)).resolves.toBe(2);
    await expect(Promise.all(['p90', 'p99', 'p100'].map((key) => store.records.read(key)))).resolves.toEqual([
      undefined,
      undefined,
      expect.objectContaining({ expiresAt: 100 }),
    ]);
  });
});

describe('the handler’s writes on DynamoDB', () => {
  let local: LocalQueue;
  beforeAll(async () => {
    local = await openLocalQueue();
  });
  afterAll(() => local.close());

  it('are told apart when one is refused, and none is made', async () => {
    const { inbox } = await storeOn(local.dynamodb);
    const refused = { ...put('refused').Put, ConditionExpression: 'attribute_exists(pk)' };
    const entry = { key: 'refused', hash: 'h', now: 0, expiresAt: 9_999_999_999, attempt: 'a' };
    await expect(inbox.commit(entry, [put('fine'), { Put: refused }])).resolves.toEqual({
      kind: 'write-refused',
      index: 1,
      code: 'ConditionalCheckFailed',
    });
    expect((await local.effects()).map(({ pk }) => pk)).not.toContain('fine');
  });
});

describe('the DynamoDB stores under faults', () => {
  const entry = { key: 'k', hash: 'h', now: 0, expiresAt: 1, attempt: 'a' };
  const inbox = async (fault: unknown) => {
    const { dynamodb } = scriptedAws(() => {
      throw fault;
    });
    return (await storeOn(dynamodb)).inbox;
  };

  it('tells an outage as one error with a remedy', async () => {
    const store = await inbox(new AwsFault('ProvisionedThroughputExceededException'));
    await expect(store.commit(entry, [put('x')])).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining("in table 'jobs-idempotency'") as string,
    });
  });

  it('tells a conflict with another transaction, which is worth another try', async () => {
    const CancellationReasons = [{ Code: 'None' }, { Code: 'TransactionConflict' }];
    const store = await inbox(new AwsFault('TransactionCanceledException', 400, { CancellationReasons }));
    await expect(store.commit(entry, [put('x')])).resolves.toEqual({ kind: 'conflict' });
  });

  it('takes a repeated transaction whose first answer was lost as committed', async () => {
    const Item = { pk: { S: 'k' }, st: { S: 'COMPLETED' }, own: { S: 'a' }, hash: { S: 'h' } };
    const CancellationReasons = [{ Code: 'ConditionalCheckFailed', Item }, { Code: 'None' }];
    const store = await inbox(new AwsFault('TransactionCanceledException', 400, { CancellationReasons }));
    await expect(store.commit(entry, [put('x')])).resolves.toEqual({ kind: 'committed' });
  });

  it('sends the same token for a repeated commit and another for another attempt', async () => {
    const { dynamodb, calls } = scriptedAws(() => ({}));
    const { inbox: store } = await storeOn(dynamodb);
    await store.commit(entry, [put('x')]);
    await store.commit(entry, [put('x')]);
    await store.commit({ ...entry, attempt: 'b' }, [put('x')]);
    const tokens = calls.map(({ input }) => input['ClientRequestToken']);
    expect(tokens[0]).toBe(tokens[1]);
    expect(tokens[2]).not.toBe(tokens[0]);
    expect(String(tokens[0]).length).toBeLessThanOrEqual(36);
  });

  it('tells a conflict with another transaction in mode sequence, too', async () => {
    const CancellationReasons = [{ Code: 'None' }, { Code: 'TransactionConflict' }];
    const { dynamodb } = scriptedAws(() => {
      throw new AwsFault('TransactionCanceledException', 400, { CancellationReasons });
    });
    const { sequence } = createDynamoStore(await createDynamoApi(TABLE, dynamodb), TABLE, PORTS);
    const advance = { groupKey: 'g', sequence: '1', attempt: 'a' };
    await expect(sequence?.advance(advance, [put('x')])).resolves.toEqual({ kind: 'conflict' });
  });

  it('repeats single statements that were throttled, and only those', async () => {
    const asked: number[] = [];
    const { dynamodb } = scriptedAws((_operation, input) => {
      const { length } = input['Statements'] as readonly unknown[];
      asked.push(length);
      const isFirst = asked.length === 1;
      return {
        Responses: Array.from({ length }, (_, position) =>
          isFirst && position === 1 ? { Error: { Code: 'ThrottlingError', Message: '' } } : {},
        ),
      };
    });
    const { marks } = await storeOn(dynamodb);
    const advances = ['g1', 'g2', 'g3'].map((groupKey) =>
      marks.advance({ groupKey, sequence: '1', attempt: 'a' }),
    );
    await expect(Promise.all(advances)).resolves.toEqual(['advanced', 'advanced', 'advanced']);
    expect(asked).toEqual([3, 1]);
  });
});
