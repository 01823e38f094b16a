import { DynamoDBClient, GetItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { WHOLE_RANGE } from '../../../lib/core/stream/hash-range.js';
import type { Checkpoint } from '../../../lib/core/stream/position.js';
import type { NewLease } from '../../../lib/core/stream/shard-graph.js';
import { createDynamoLeaseStore } from '../../../lib/runtime/stores/lease-dynamodb.js';
import { createMemoryLeaseStore } from '../../../lib/runtime/stores/lease-memory.js';
import type { LeaseGrant, LeaseRecord, LeaseStore } from '../../../lib/runtime/stores/lease-store.js';
import { createLeaseTableApi } from '../../../lib/runtime/stores/lease-table-api.js';
import { createLeaseTable } from '../kinesis/support/local-table.js';
import { createLocalAws, type LocalAws } from '../../../lib/testing/index.js';

const at = (sequenceNumber: string, subSequence = 0): Checkpoint => ({
  kind: 'at',
  position: { sequenceNumber, subSequence },
});

const newLease = (shardId: string, parents: readonly string[] = []): NewLease => ({
  shardId,
  parents,
  hashRange: WHOLE_RANGE,
  checkpoint: { kind: 'trim-horizon' },
});

interface Subject {
  readonly store: LeaseStore;
  effects(): Promise<readonly string[]>;
}

const effect = (name: string): TransactWriteItem => ({
  Put: { TableName: 'effects', Item: { leaseKey: { S: name } } },
});

let aws: LocalAws;
let client: DynamoDBClient;
let tables = 0;

beforeAll(async () => {
  aws = await createLocalAws();
  client = new DynamoDBClient(aws.clientConfig);
  await createTable('effects');
});

afterAll(async () => {
  client.destroy();
  await aws.close();
});

const createTable = (name: string): Promise<string> => createLeaseTable(client, name);

const subjects: readonly (readonly [string, () => Promise<Subject>])[] = [
  [
    'in memory',
    () => {
      const written: string[] = [];
      const onCommit = (items: readonly TransactWriteItem[]): void => {
        written.push(...items.map((item) => item.Put?.Item?.leaseKey?.S ?? ''));
      };
      return Promise.resolve({
        store: createMemoryLeaseStore({ onCommit }),
        effects: () => Promise.resolve(written),
      });
    },
  ],
  [
    'in DynamoDB',
    async () => {
      tables += 1;
      const table = await createTable(`leases-${tables}`);
      const api = await createLeaseTableApi({ region: aws.region, endpoint: aws.endpoint }, table, client);
      return {
        store: createDynamoLeaseStore(api),
        effects: async () => {
          const names = ['first', 'second'];
          const found = await Promise.all(
            names.map((name) =>
              client.send(new GetItemCommand({ TableName: 'effects', Key: { leaseKey: { S: name } } })),
            ),
          );
          return found.flatMap(({ Item }) => Item?.leaseKey?.S ?? []);
        },
      };
    },
  ],
];

describe.each(subjects)('a lease store %s', (_name, create) => {
  async function setup(): Promise<
    Subject & { take(workerId: string): Promise<LeaseGrant>; lease(): Promise<LeaseRecord> }
  > {
    const subject = await create();
    await subject.store.create(newLease('s1'));
    const lease = async (): Promise<LeaseRecord> => (await subject.store.load()).leases[0]!;
    const take = async (workerId: string): Promise<LeaseGrant> =>
      (await subject.store.take(await lease(), workerId))!;
    return { ...subject, lease, take };
  }

  it('makes a lease once and keeps what it is made with', async () => {
    const { store } = await setup();
    const grant = await store.take((await store.load()).leases[0]!, 'a');
    await store.create({ ...newLease('s1'), parents: ['other'] });
    await store.create(newLease('s2', ['s1', 's0']));
    const { leases } = await store.load();
    expect(leases).toContainEqual(
      expect.objectContaining({ shardId: 's1', owner: 'a', epoch: grant?.epoch, parents: [] }),
    );
    expect(leases).toContainEqual({
      shardId: 's2',
      epoch: 0,
      parents: expect.arrayContaining(['s0', 's1']) as string[],
      hashRange: WHOLE_RANGE,
      checkpoint: { kind: 'trim-horizon' },
      hasEnded: false,
      hasBegun: false,
    });
  });

  it('gives a lease to the first of two that saw it free', async () => {
    const { store, lease } = await setup();
    const seen = await lease();
    const [first, second] = [await store.take(seen, 'a'), await store.take(seen, 'b')];
    expect(first).toMatchObject({
      shardId: 's1',
      workerId: 'a',
      epoch: 1,
      checkpoint: { kind: 'trim-horizon' },
    });
    expect(second).toBeUndefined();
  });

  it('moves the checkpoint forward only, whoever asks', async () => {
    const { store, take, lease } = await setup();
    const grant = await take('a');
    expect(await store.checkpoint(grant, at('99', 5))).toBe('stored');
    expect(await store.checkpoint(grant, at('99', 5))).toBe('stored');
    expect(await store.checkpoint(grant, at('98', 9))).toBe('stored');
    expect((await lease()).checkpoint).toEqual(at('99', 5));
    expect(await store.checkpoint(grant, at('100', 0))).toBe('stored');
    expect((await lease()).checkpoint).toEqual(at('100', 0));
  });

  it('refuses every write under an epoch that has passed', async () => {
    const { store, take, lease, effects } = await setup();
    const zombie = await take('a');
    await take('b');
    expect(await store.checkpoint(zombie, at('5'))).toBe('lost');
    expect(await store.release(zombie, at('5'))).toBe('lost');
    expect(await store.end(zombie, undefined)).toBe('lost');
    expect(await store.commit(zombie, at('5'), [effect('zombie')])).toBe('lost');
    expect(await lease()).toMatchObject({ owner: 'b', epoch: 2, checkpoint: { kind: 'trim-horizon' } });
    expect(await effects()).not.toContain('zombie');
  });

  it('refuses the same worker under an epoch that has passed', async () => {
    const { store, take } = await setup();
    const before = await take('a');
    await take('a');
    expect(await store.checkpoint(before, at('5'))).toBe('lost');
  });

  it('gives a lease back with its checkpoint in one write', async () => {
    const { store, take, lease } = await setup();
    const grant = await take('a');
    expect(await store.release(grant, at('7', 1))).toBe('stored');
    const free = await lease();
    expect(free.owner).toBeUndefined();
    expect(free).toMatchObject({ epoch: 1, checkpoint: at('7', 1), hasBegun: true });
    expect(await store.take(free, 'b')).toMatchObject({ epoch: 2, checkpoint: at('7', 1) });
  });

  it('gives a lease back also when a later checkpoint of its own stands there', async () => {
    const { store, take, lease } = await setup();
    const grant = await take('a');
    await store.checkpoint(grant, at('9'));
    expect(await store.release(grant, at('7'))).toBe('stored');
    expect((await lease()).owner).toBeUndefined();
    expect((await lease()).checkpoint).toEqual(at('9'));
  });

  it('ends a shard for good, with its last record', async () => {
    const { store, take, lease } = await setup();
    const grant = await take('a');
    expect(await store.end(grant, { sequenceNumber: '44', subSequence: 2 })).toBe('stored');
    expect(await store.read('s1')).toMatchObject({
      hasEnded: true,
      last: { sequenceNumber: '44', subSequence: 2 },
    });
    expect(await store.take(await lease(), 'b')).toBeUndefined();
  });

  it('removes leases that ended and no others, and raises none from the dead', async () => {
    const { store, take, lease } = await setup();
    const seen = await lease();
    await store.remove('s1');
    const grant = await take('a');
    await store.end(grant, undefined);
    await store.remove('s1');
    expect(await store.read('s1')).toBeUndefined();
    expect(await store.take(seen, 'b')).toBeUndefined();
    expect(await store.checkpoint(grant, at('5'))).toBe('lost');
    expect((await store.load()).leases).toEqual([]);
  });

  it('writes effects and position together, once', async () => {
    const { store, take, lease, effects } = await setup();
    const grant = await take('a');
    expect(await store.commit(grant, at('10'), [effect('first')])).toBe('stored');
    expect(await effects()).toEqual(['first']);
    // The same commit again, as after a lost answer: found out, not written twice.
    expect(await store.commit(grant, at('10'), [effect('second')])).toBe('stored');
    expect(await effects()).toEqual(['first']);
    expect((await lease()).checkpoint).toEqual(at('10'));
  });

  it('counts heartbeats, tells who is leaving, and buries by the beat that was seen', async () => {
    const { store } = await setup();
    await store.beat({ workerId: 'a', isDraining: false });
    await store.beat({ workerId: 'a', isDraining: true });
    expect((await store.load()).workers).toEqual([{ workerId: 'a', beat: 2, isDraining: true }]);
    await store.bury({ workerId: 'a', beat: 1 });
    expect((await store.load()).workers).toHaveLength(1);
    await store.bury({ workerId: 'a', beat: 2 });
    expect((await store.load()).workers).toEqual([]);
  });

  it('tells of news by its version and keeps that the first sync is done', async () => {
    const { store } = await setup();
    const before = await store.fleetVersion();
    await store.announce();
    expect(await store.fleetVersion()).toBeGreaterThan(before);
    expect((await store.load()).fleet.isInitialized).toBe(false);
    await store.markInitialized();
    expect((await store.load()).fleet.isInitialized).toBe(true);
  });

  it('rejects a second reader', async () => {
    const { store } = await setup();
    await store.claim('Flights/delays');
    await store.claim('Flights/delays');
    await expect(store.claim('Flights/archive')).rejects.toMatchObject({ code: 'BINDING_MISMATCH' });
  });
});

describe('a lease store in DynamoDB', () => {
  it("leaves it to the user when a condition of the user's own failed, and stores no position", async () => {
    const { store } = await subjects[1]![1]();
    await store.create(newLease('s1'));
    const grant = (await store.take((await store.load()).leases[0]!, 'a'))!;
    const condition = { ...effect('guarded').Put!, ConditionExpression: 'attribute_exists(nothing)' };
    await expect(store.commit(grant, at('10'), [{ Put: condition }])).rejects.toMatchObject({
      name: 'TransactionCanceledException',
    });
    expect((await store.load()).leases[0]?.checkpoint).toEqual({ kind: 'trim-horizon' });
  });

  it('rejects an item that is no lease of ours, and says what to do', async () => {
    const table = await createTable('foreign');
    const api = await createLeaseTableApi({ region: aws.region, endpoint: aws.endpoint }, table, client);
    await api.put({ Item: { leaseKey: { S: 'shard#s1' }, checkpoint: { S: 'TRIM_HORIZON' } } });
    await expect(createDynamoLeaseStore(api).load()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});
