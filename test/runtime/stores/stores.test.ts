import { LEASE_SKEW_MS } from '../../../lib/core/idempotency/record.js';
import type {
  AcquireRequest,
  Fence,
  InboxStore,
  LeaseStore,
} from '../../../lib/runtime/idempotency/store.js';
import type { TransactionWrite } from '../../../lib/runtime/aws/dynamo-api.js';

import { createDynamoApi } from '../../../lib/runtime/aws/dynamo-api.js';
import { createDynamoInboxStore } from '../../../lib/runtime/stores/dynamo-inbox-store.js';
import { createDynamoLeaseStore } from '../../../lib/runtime/stores/dynamo-lease-store.js';
import { createMemoryStore } from '../../../lib/runtime/stores/memory-store.js';
import { EFFECTS, openLocalQueue, type LocalQueue } from '../support/local-queue.js';
import { AwsFault, scriptedAws } from '../support/scripted-aws.js';

const TABLE = { table: 'jobs-idempotency', ttlAttribute: 'exp', region: 'us-east-1' };
const put = (name: string) => ({ Put: { TableName: EFFECTS, Item: { pk: { S: name } } } });

describeStoreConformance('the memory store', () => {
  const store = createMemoryStore();
  return Promise.resolve({
    store,
    write: put,
    written: () =>
      Promise.resolve((store.written as ReturnType<typeof put>[]).map(({ Put }) => Put.Item.pk.S)),
  });
});

describe('on DynamoDB', () => {
  let local: LocalQueue;
  let before = new Set<string>();
  beforeAll(async () => {
    local = await openLocalQueue();
  });
  beforeEach(async () => {
    before = new Set((await local.effects()).map(({ pk }) => pk ?? ''));
  });
  afterAll(() => local.close());

  describeStoreConformance('the DynamoDB store', async () => {
    const dynamo = await createDynamoApi(TABLE, local.dynamodb);
    return {
      store: { ...createDynamoLeaseStore(dynamo, TABLE), ...createDynamoInboxStore(dynamo, TABLE) },
      write: put,
      written: async () => (await local.effects()).map(({ pk }) => pk ?? '').filter((pk) => !before.has(pk)),
    };
  });

  it('says which of the handler’s writes was refused, and writes nothing', async () => {
    const dynamo = await createDynamoApi(TABLE, local.dynamodb);
    const store = createDynamoInboxStore(dynamo, TABLE);
    const refused = { ...put('refused').Put, ConditionExpression: 'attribute_exists(pk)' };
    const entry = { key: 'refused', hash: 'h', now: 0, expiresAt: 9_999_999_999, attempt: 'a' };
    await expect(store.commit(entry, [put('fine'), { Put: refused }])).resolves.toEqual({
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
    return createDynamoInboxStore(await createDynamoApi(TABLE, dynamodb), TABLE);
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

  it('takes a repeated put whose first answer was lost as committed', async () => {
    const Item = { pk: { S: 'k' }, st: { S: 'COMPLETED' }, own: { S: 'a' }, hash: { S: 'h' } };
    const store = await inbox(new AwsFault('ConditionalCheckFailedException', 400, { Item }));
    await expect(store.commit(entry, [])).resolves.toEqual({ kind: 'committed' });
  });

  it('sends the same token for a repeated commit and another for another attempt', async () => {
    const { dynamodb, calls } = scriptedAws(() => ({}));
    const store = createDynamoInboxStore(await createDynamoApi(TABLE, dynamodb), TABLE);
    await store.commit(entry, [put('x')]);
    await store.commit(entry, [put('x')]);
    await store.commit({ ...entry, attempt: 'b' }, [put('x')]);
    const tokens = calls.map(({ input }) => input['ClientRequestToken']);
    expect(tokens[0]).toBe(tokens[1]);
    expect(tokens[2]).not.toBe(tokens[0]);
    expect(String(tokens[0]).length).toBeLessThanOrEqual(36);
  });
});

/** What a store under test has to bring. */
interface StoreBundle {
  readonly store: LeaseStore & InboxStore;
  /** A write of the effects table that succeeds once, or with `again` every time. */
  readonly write: (name: string) => TransactionWrite;
  /** Names of the effects that were written. */
  readonly written: () => Promise<readonly string[]>;
}

const NOW = 1_700_000_000_000;
const SECOND = 1_000;

/** What every store of idempotency records has to keep, whatever it is made of. */
function describeStoreConformance(name: string, setup: () => Promise<StoreBundle>): void {
  let count = 0;
  const request = (over: Partial<AcquireRequest> = {}): AcquireRequest => ({
    key: `key-${count}`,
    hash: 'body',
    owner: 'first',
    leaseMs: 30 * SECOND,
    now: NOW,
    expiresAt: NOW / SECOND + 3_600,
    ...over,
  });
  const entry = (over: Partial<{ key: string; hash: string; now: number; attempt: string }> = {}) => ({
    key: `key-${count}`,
    hash: 'body',
    now: NOW,
    expiresAt: NOW / SECOND + 3_600,
    attempt: `attempt-${(attempts += 1)}`,
    ...over,
  });
  let attempts = 0;
  const acquired = async (store: LeaseStore, over: Partial<AcquireRequest> = {}): Promise<Fence> => {
    const acquisition = await store.acquire(request(over));
    if (acquisition.kind !== 'acquired') throw new Error(`expected to acquire, got ${acquisition.kind}`);
    return acquisition.fence;
  };

  beforeEach(() => void (count += 1));

  describe(`${name} as a lease store`, () => {
    it('lets one in and tells the second how long the first may take', async () => {
      const { store } = await setup();
      await acquired(store);
      await expect(store.acquire(request({ owner: 'second', now: NOW + SECOND }))).resolves.toEqual({
        kind: 'in-progress',
        remainingMs: 29 * SECOND + LEASE_SKEW_MS,
      });
    });

    it('calls a completed record a duplicate until it expires', async () => {
      const { store } = await setup();
      await expect(store.complete(await acquired(store))).resolves.toBe('kept');
      await expect(store.acquire(request({ owner: 'second' }))).resolves.toEqual({ kind: 'completed' });
      const late = NOW + 3_700 * SECOND;
      await expect(
        store.acquire(request({ owner: 'third', now: late, expiresAt: late / SECOND + 60 })),
      ).resolves.toMatchObject({
        kind: 'acquired',
      });
    });

    it('lets the next one in at once after a release', async () => {
      const { store } = await setup();
      await expect(store.release(await acquired(store))).resolves.toBe('kept');
      await expect(store.acquire(request({ owner: 'second' }))).resolves.toMatchObject({ kind: 'acquired' });
    });

    it('lets the next one in when the lease is over, and shuts the first one out for good', async () => {
      const { store } = await setup();
      const first = await acquired(store);
      const late = NOW + 30 * SECOND + LEASE_SKEW_MS + 1;
      const second = await acquired(store, { owner: 'second', now: late });
      expect(second.version).toBeGreaterThan(first.version);
      for (const change of [store.complete(first), store.release(first), store.renew(first, late + 60_000)])
        await expect(change).resolves.toBe('lost');
      await expect(store.complete(second)).resolves.toBe('kept');
    });

    it('keeps others out as long as the lease is renewed', async () => {
      const { store } = await setup();
      const fence = await acquired(store);
      await expect(store.renew(fence, NOW + 60 * SECOND)).resolves.toBe('kept');
      await expect(
        store.acquire(request({ owner: 'second', now: NOW + 40 * SECOND })),
      ).resolves.toMatchObject({
        kind: 'in-progress',
      });
    });

    it('takes an acquisition that is repeated because its answer was lost as the same one', async () => {
      const { store } = await setup();
      await acquired(store);
      const again = await store.acquire(request());
      // Either answer is safe: it is ours, or it looks like somebody's; never a second version.
      expect(['acquired', 'in-progress']).toContain(again.kind);
      await expect(store.acquire(request({ owner: 'second' }))).resolves.toMatchObject({
        kind: 'in-progress',
      });
    });

    it('tells another body under the same key', async () => {
      const { store } = await setup();
      await store.complete(await acquired(store));
      await expect(store.acquire(request({ owner: 'second', hash: 'other' }))).resolves.toEqual({
        kind: 'mismatch',
      });
    });

    it('lets exactly one of many in', async () => {
      const { store } = await setup();
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) => store.acquire(request({ owner: `racer-${index}` }))),
      );
      expect(answers.filter(({ kind }) => kind === 'acquired')).toHaveLength(1);
    });
  });

  describe(`${name} as an inbox`, () => {
    it('commits the row and the writes together, once', async () => {
      const { store, write, written } = await setup();
      await expect(store.commit(entry(), [write('one')])).resolves.toEqual({ kind: 'committed' });
      await expect(store.commit(entry(), [write('two')])).resolves.toEqual({ kind: 'duplicate' });
      expect(await written()).toEqual(['one']);
    });

    it('commits a message that wrote nothing, once', async () => {
      const { store } = await setup();
      await expect(store.commit(entry(), [])).resolves.toEqual({ kind: 'committed' });
      await expect(store.commit(entry(), [])).resolves.toEqual({ kind: 'duplicate' });
    });

    it('knows a committed message when asked, and promises nothing before', async () => {
      const { store } = await setup();
      const { key } = entry();
      await expect(store.look(key, 'body', NOW)).resolves.toBe('unknown');
      await store.commit(entry(), []);
      await expect(store.look(key, 'body', NOW)).resolves.toBe('duplicate');
      await expect(store.look(key, 'other', NOW)).resolves.toBe('mismatch');
      await expect(store.look(key, 'body', NOW + 3_700 * SECOND)).resolves.toBe('unknown');
    });

    it('commits anew after the row has expired', async () => {
      const { store } = await setup();
      await store.commit(entry(), []);
      await expect(store.commit(entry({ now: NOW + 3_700 * SECOND }), [])).resolves.toEqual({
        kind: 'committed',
      });
    });

    it('commits exactly one of many', async () => {
      const { store, write, written } = await setup();
      const outcomes = await Promise.all(
        Array.from({ length: 6 }, (_, index) => store.commit(entry(), [write(`racer-${index}`)])),
      );
      expect(outcomes.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
      expect(await written()).toHaveLength(1);
    });
  });
}
