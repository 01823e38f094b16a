import { base64, setupKinesis, zeros } from './kinesis-bundle.js';

const KIB = 1_024;
const small = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ Data: base64('x'), PartitionKey: `k${index}` }));
const failures = (results: readonly { readonly ErrorCode?: string }[]) =>
  results.filter(({ ErrorCode }) => ErrorCode !== undefined);

describe('put limits of a shard', () => {
  it('takes 1,000 records at once and refuses the others one by one', () => {
    const kinesis = setupKinesis();
    kinesis.createStream(1);

    const results = [...kinesis.put(small(500)), ...kinesis.put(small(500)), ...kinesis.put(small(10))];

    expect(results.findIndex(({ ErrorCode }) => ErrorCode !== undefined)).toBe(1_000);
    expect(failures(results)).toEqual(
      Array(10).fill(expect.objectContaining({ ErrorCode: 'ProvisionedThroughputExceededException' })),
    );
  });

  it('takes 1,000 records more a second later', () => {
    const kinesis = setupKinesis();
    kinesis.createStream(1);
    kinesis.put(small(500));
    kinesis.put(small(500));

    kinesis.now += 500;
    const results = [...kinesis.put(small(500)), ...kinesis.put(small(1))];

    expect(failures(results)).toHaveLength(1);
  });

  it('takes 1 MiB a second, keys counted', () => {
    const kinesis = setupKinesis();
    kinesis.createStream(1);
    const entry = { Data: zeros(512 * KIB - 1), PartitionKey: 'k' };

    const results = kinesis.put([entry, entry, { Data: base64('x'), PartitionKey: 'k' }]);

    expect(results.map(({ ErrorCode }) => ErrorCode === undefined)).toEqual([true, true, false]);
  });

  it('refuses PutRecord as a whole', () => {
    const kinesis = setupKinesis();
    kinesis.createStream(1);
    kinesis.put(small(500));
    kinesis.put(small(500));

    const fault = kinesis.fault('PutRecord', {
      StreamName: 'flights',
      Data: base64('x'),
      PartitionKey: 'k',
    });

    expect(fault).toMatchObject({ code: 'ProvisionedThroughputExceededException', status: 400 });
  });

  it('limits each shard by itself', () => {
    const kinesis = setupKinesis();
    kinesis.createStream(2);
    const to = (ExplicitHashKey: string) => small(500).map((entry) => ({ ...entry, ExplicitHashKey }));
    kinesis.put(to('0'));
    kinesis.put(to('0'));

    expect(failures(kinesis.put(to((2n ** 127n).toString())))).toEqual([]);
    expect(failures(kinesis.put(to('0')))).toHaveLength(500);
  });

  it('lets a 10 MiB record through a rested shard, which then takes nothing for nine seconds', () => {
    const kinesis = setupKinesis();
    kinesis.createStream(1, { MaxRecordSizeInKiB: 10_240 });
    const big = { Data: zeros(10 * KIB * KIB - 1), PartitionKey: 'k' };
    expect(failures(kinesis.put([big]))).toEqual([]);

    kinesis.now += 8_900;
    const early = kinesis.put(small(1));
    kinesis.now += 200;
    const late = kinesis.put(small(1));

    expect([failures(early).length, failures(late).length]).toEqual([1, 0]);
  });

  it('can be lifted', () => {
    const kinesis = setupKinesis({ areLimitsEnforced: false });
    kinesis.createStream(1);

    const results = Array.from({ length: 10 }, () => kinesis.put(small(500))).flat();

    expect(failures(results)).toEqual([]);
  });
});

describe('read limits of a shard', () => {
  it('answers five GetRecords a second', () => {
    const kinesis = setupKinesis();
    kinesis.createStream(1);
    const iterator = kinesis.iterator('shardId-000000000000');
    for (let call = 0; call < 5; call += 1) kinesis.page(iterator);

    expect(kinesis.fault('GetRecords', { ShardIterator: iterator })).toMatchObject({
      code: 'ProvisionedThroughputExceededException',
    });
    kinesis.now += 200;
    expect(kinesis.page(iterator).Records).toEqual([]);
  });

  it('answers five GetShardIterator a second', () => {
    const kinesis = setupKinesis();
    kinesis.createStream(1);
    for (let call = 0; call < 5; call += 1) kinesis.iterator('shardId-000000000000');

    const fault = kinesis.fault('GetShardIterator', {
      StreamName: 'flights',
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'LATEST',
    });

    expect(fault.code).toBe('ProvisionedThroughputExceededException');
  });

  it('gives at most 10 MiB and then nothing for five seconds', () => {
    const kinesis = setupKinesis();
    kinesis.createStream(1);
    for (let put = 0; put < 12; put += 1) {
      kinesis.put([{ Data: zeros(KIB * KIB - 1), PartitionKey: 'k' }]);
      kinesis.now += 1_100;
    }
    const page = kinesis.read('shardId-000000000000');
    const next = { ShardIterator: page.NextShardIterator };

    kinesis.now += 4_900;
    const early = kinesis.call('GetRecords', next);
    kinesis.now += 200;
    const late = kinesis.output('GetRecords', next);

    expect(page.Records).toHaveLength(10);
    expect(early.kind).toBe('fault');
    expect(late['Records']).toHaveLength(2);
  });

  it('slows down control calls as the service does', () => {
    const kinesis = setupKinesis();
    kinesis.createStream(1);
    for (let call = 0; call < 10; call += 1) kinesis.output('DescribeStream', { StreamName: 'flights' });

    expect(kinesis.fault('DescribeStream', { StreamName: 'flights' }).code).toBe('LimitExceededException');
  });
});

describe('on-demand streams', () => {
  it('start with four shards and split one that carries more than half its limit for a minute', () => {
    const kinesis = setupKinesis();
    kinesis.output('CreateStream', {
      StreamName: 'flights',
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
    });
    const entry = { Data: zeros(700 * KIB), PartitionKey: 'k', ExplicitHashKey: '0' };
    for (let second = 0; second < 62; second += 1) {
      kinesis.put([entry]);
      kinesis.now += 1_000;
    }

    const open = kinesis.shards({ Type: 'AT_LATEST' });

    expect(open).toHaveLength(5);
    expect(
      kinesis.shards().filter(({ ParentShardId }) => ParentShardId === 'shardId-000000000000'),
    ).toHaveLength(2);
  });

  it('reject resharding by hand', () => {
    const kinesis = setupKinesis();
    kinesis.output('CreateStream', {
      StreamName: 'flights',
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
    });

    const fault = kinesis.fault('UpdateShardCount', {
      StreamName: 'flights',
      TargetShardCount: 8,
      ScalingType: 'UNIFORM_SCALING',
    });

    expect(fault.code).toBe('ValidationException');
  });

  it('spread records without keys when told to', () => {
    let turn = 0;
    const kinesis = setupKinesis({ random: { next: () => ((turn += 1) % 4) / 4 } });
    kinesis.output('CreateStream', {
      StreamName: 'flights',
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
      RecordDistributionStrategy: 'AUTO',
    });

    const results = kinesis.put(Array(16).fill({ Data: base64('x') }));

    expect(new Set(results.map(({ ShardId }) => ShardId)).size).toBeGreaterThan(1);
  });
});
