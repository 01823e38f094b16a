import {
  base64,
  FLIGHTS,
  HOUR,
  setupKinesis,
  shardId,
  START,
  zeros,
  type Kinesis,
} from './kinesis-bundle.js';

const MIDDLE = (2n ** 127n).toString();

const statusOf = (kinesis: Kinesis): unknown =>
  (
    kinesis.output('DescribeStreamSummary', { StreamName: 'flights' })['StreamDescriptionSummary'] as {
      readonly StreamStatus: string;
    }
  ).StreamStatus;

describe('the life of a stream', () => {
  it('is CREATING, then ACTIVE, on given time', () => {
    const kinesis = setupKinesis({ transitionMs: 1_000 });
    kinesis.createStream(2);

    const before = statusOf(kinesis);
    const next = kinesis.engine.nextDeadline();
    kinesis.now += 1_000;

    expect([before, next, statusOf(kinesis)]).toEqual(['CREATING', START + 1_000, 'ACTIVE']);
  });

  it('takes no records before it is ACTIVE', () => {
    const kinesis = setupKinesis({ transitionMs: 1_000 });
    kinesis.createStream(1);

    const fault = kinesis.fault('PutRecord', {
      StreamName: 'flights',
      Data: base64('x'),
      PartitionKey: 'k',
    });

    expect(fault.code).toBe('ResourceNotFoundException');
  });

  it('is DELETING, then gone', () => {
    const kinesis = setupKinesis({ transitionMs: 1_000, areLimitsEnforced: false });
    kinesis.createStream(1);
    kinesis.now += 1_000;
    kinesis.output('DeleteStream', { StreamName: 'flights' });

    const during = statusOf(kinesis);
    kinesis.now += 1_000;

    expect(during).toBe('DELETING');
    expect(kinesis.fault('DescribeStreamSummary', { StreamName: 'flights' }).code).toBe(
      'ResourceNotFoundException',
    );
  });

  it.each([
    ['a name that is taken', { StreamName: 'flights', ShardCount: 1 }, 'ResourceInUseException'],
    ['no shard count', { StreamName: 'other' }, 'ValidationException'],
    ['a name with a space', { StreamName: 'a b', ShardCount: 1 }, 'ValidationException'],
    ['a shard count that is text', { StreamName: 'other', ShardCount: '1' }, 'SerializationException'],
    [
      'more shards than the account may have',
      { StreamName: 'other', ShardCount: 20_000 },
      'LimitExceededException',
    ],
  ])('rejects %s', (_, input, code) => {
    const kinesis = setupKinesis();
    kinesis.createStream(1);

    expect(kinesis.fault('CreateStream', input).code).toBe(code);
  });

  it('tells every violation of an input at once', () => {
    const fault = setupKinesis().fault('CreateStream', { StreamName: '', ShardCount: 0 });

    expect(fault.message).toMatch(
      /^2 validation errors detected: Value '' at 'streamName' .*; Value '0' at 'shardCount'/,
    );
  });

  it('is found by its ARN', () => {
    const kinesis = setupKinesis();
    kinesis.createStream(1);

    expect(kinesis.output('DescribeStreamSummary', { StreamARN: FLIGHTS })).toMatchObject({
      StreamDescriptionSummary: { StreamName: 'flights', OpenShardCount: 1 },
    });
    expect(
      kinesis.fault('DescribeStreamSummary', { StreamARN: FLIGHTS.replace('us-east-1', 'eu-west-1') }).code,
    ).toBe('ResourceNotFoundException');
  });

  it('rejects a change while another is under way', () => {
    const kinesis = setupKinesis({ transitionMs: 1_000 });
    kinesis.createStream(1);
    kinesis.now += 1_000;
    kinesis.output('IncreaseStreamRetentionPeriod', { StreamName: 'flights', RetentionPeriodHours: 48 });

    const fault = kinesis.fault('SplitShard', {
      StreamName: 'flights',
      ShardToSplit: shardId(0),
      NewStartingHashKey: MIDDLE,
    });

    expect(fault.code).toBe('ResourceInUseException');
  });

  it('lists streams by pages', () => {
    const kinesis = setupKinesis();
    for (const StreamName of ['c', 'a', 'b']) kinesis.output('CreateStream', { StreamName, ShardCount: 1 });

    const first = kinesis.output('ListStreams', { Limit: 2 });
    const second = kinesis.output('ListStreams', { Limit: 2, NextToken: first['NextToken'] });

    expect([first['StreamNames'], first['HasMoreStreams']]).toEqual([['a', 'b'], true]);
    expect([second['StreamNames'], second['HasMoreStreams']]).toEqual([['c'], false]);
  });

  it('lets records grow as large as it is told', () => {
    const kinesis = setupKinesis({ areLimitsEnforced: false });
    kinesis.createStream(1);
    const record = { StreamName: 'flights', Data: zeros(1_048_577), PartitionKey: 'k' };

    const before = kinesis.call('PutRecord', record);
    kinesis.output('UpdateMaxRecordSize', { StreamARN: FLIGHTS, MaxRecordSizeInKiB: 2_048 });
    kinesis.now += 1;
    const after = kinesis.call('PutRecord', record);

    expect(before).toMatchObject({ kind: 'fault', fault: { code: 'InvalidArgumentException' } });
    expect(after.kind).toBe('output');
  });

  it('switches its mode twice a day and no more', () => {
    const kinesis = setupKinesis({ areLimitsEnforced: false });
    kinesis.createStream(1);
    const change = (StreamMode: string) =>
      kinesis.call('UpdateStreamMode', { StreamARN: FLIGHTS, StreamModeDetails: { StreamMode } }).kind;
    const turns = ['ON_DEMAND', 'PROVISIONED', 'ON_DEMAND'].map((mode) => {
      kinesis.now += 1_000;
      return change(mode);
    });
    kinesis.now += 24 * HOUR;

    expect([...turns, change('ON_DEMAND')]).toEqual(['output', 'output', 'fault', 'output']);
  });

  it('keeps tags and policies', () => {
    const kinesis = setupKinesis();
    kinesis.createStream(1, { Tags: { team: 'core' } });
    kinesis.output('AddTagsToStream', { StreamName: 'flights', Tags: { stage: 'test' } });
    kinesis.output('UntagResource', { ResourceARN: FLIGHTS, TagKeys: ['team'] });
    kinesis.output('PutResourcePolicy', { ResourceARN: FLIGHTS, Policy: '{"Version":"2012-10-17"}' });

    expect(kinesis.output('ListTagsForStream', { StreamName: 'flights' })['Tags']).toEqual([
      { Key: 'stage', Value: 'test' },
    ]);
    expect(kinesis.output('GetResourcePolicy', { ResourceARN: FLIGHTS })['Policy']).toBe(
      '{"Version":"2012-10-17"}',
    );
  });

  it('refuses by name what is not emulated', () => {
    expect(setupKinesis().fault('CreateChannel')).toMatchObject({
      code: 'UnknownOperationException',
      message: expect.stringContaining('API_CreateChannel.html') as string,
    });
  });
});

describe('resharding', () => {
  const setup = (shards: number): Kinesis => {
    const kinesis = setupKinesis({ areLimitsEnforced: false });
    kinesis.createStream(shards);
    return kinesis;
  };

  it('splits a shard into two that know their parent', () => {
    const kinesis = setup(1);
    kinesis.output('SplitShard', {
      StreamName: 'flights',
      ShardToSplit: shardId(0),
      NewStartingHashKey: MIDDLE,
    });
    kinesis.now += 1;

    const [parent, lower, upper] = kinesis.shards();

    expect(parent?.SequenceNumberRange.EndingSequenceNumber).toBeDefined();
    expect([lower?.ParentShardId, upper?.ParentShardId]).toEqual([shardId(0), shardId(0)]);
    expect([lower?.HashKeyRange.EndingHashKey, upper?.HashKeyRange.StartingHashKey]).toEqual([
      (2n ** 127n - 1n).toString(),
      MIDDLE,
    ]);
  });

  it('merges two adjacent shards into one that knows both', () => {
    const kinesis = setup(2);
    kinesis.output('MergeShards', {
      StreamName: 'flights',
      ShardToMerge: shardId(1),
      AdjacentShardToMerge: shardId(0),
    });
    kinesis.now += 1;

    const merged = kinesis.shards({ Type: 'AT_LATEST' });

    expect(merged).toEqual([
      expect.objectContaining({ ParentShardId: shardId(1), AdjacentParentShardId: shardId(0) }),
    ]);
  });

  it('sends records to the children from then on, and keeps the parent readable', () => {
    const kinesis = setup(1);
    const record = { Data: base64('x'), PartitionKey: 'k', ExplicitHashKey: MIDDLE };
    kinesis.put([record]);
    kinesis.output('SplitShard', {
      StreamName: 'flights',
      ShardToSplit: shardId(0),
      NewStartingHashKey: MIDDLE,
    });
    kinesis.now += 1;

    const [put] = kinesis.put([record]);

    expect(put?.ShardId).toBe(shardId(2));
    expect(kinesis.read(shardId(0)).Records).toHaveLength(1);
  });

  it.each([
    [
      'a shard that is not there',
      'SplitShard',
      { ShardToSplit: shardId(9), NewStartingHashKey: MIDDLE },
      'ResourceNotFoundException',
    ],
    [
      'a key at the start of the shard',
      'SplitShard',
      { ShardToSplit: shardId(0), NewStartingHashKey: '0' },
      'InvalidArgumentException',
    ],
    [
      'shards that are not adjacent',
      'MergeShards',
      { ShardToMerge: shardId(0), AdjacentShardToMerge: shardId(2) },
      'InvalidArgumentException',
    ],
    [
      'more than double',
      'UpdateShardCount',
      { TargetShardCount: 9, ScalingType: 'UNIFORM_SCALING' },
      'LimitExceededException',
    ],
    [
      'less than half',
      'UpdateShardCount',
      { TargetShardCount: 1, ScalingType: 'UNIFORM_SCALING' },
      'LimitExceededException',
    ],
  ])('rejects %s', (_, operation, input, code) => {
    const kinesis = setup(4);

    expect(kinesis.fault(operation, { StreamName: 'flights', ...input }).code).toBe(code);
  });

  it('rejects a shard that is closed already', () => {
    const kinesis = setup(1);
    const split = { StreamName: 'flights', ShardToSplit: shardId(0), NewStartingHashKey: MIDDLE };
    kinesis.output('SplitShard', split);
    kinesis.now += 1;

    expect(kinesis.fault('SplitShard', split).code).toBe('InvalidArgumentException');
  });

  it.each([
    [2, 3],
    [4, 8],
    [4, 3],
    [5, 3],
    [3, 6],
  ])('scales %i shards to %i equal ones', (from, to) => {
    const kinesis = setup(from);
    kinesis.output('UpdateShardCount', {
      StreamName: 'flights',
      TargetShardCount: to,
      ScalingType: 'UNIFORM_SCALING',
    });
    kinesis.now += 1;

    const open = kinesis.shards({ Type: 'AT_LATEST' });
    const sizes = open.map(
      ({ HashKeyRange }) => BigInt(HashKeyRange.EndingHashKey) - BigInt(HashKeyRange.StartingHashKey),
    );

    expect(open).toHaveLength(to);
    expect(sizes.every((size) => size - (sizes[0] ?? 0n) <= 1n && (sizes[0] ?? 0n) - size <= 1n)).toBe(true);
  });

  it('scales ten times a day and no more', () => {
    const kinesis = setup(1);
    const outcomes = Array.from({ length: 11 }, (_, turn) => {
      kinesis.now += 1_000;
      return kinesis.call('UpdateShardCount', {
        StreamName: 'flights',
        TargetShardCount: 1 + ((turn + 1) % 2),
        ScalingType: 'UNIFORM_SCALING',
      }).kind;
    });

    expect(outcomes).toEqual([...Array<string>(10).fill('output'), 'fault']);
  });

  it('forgets closed shards when their records are past retention', () => {
    const kinesis = setup(1);
    kinesis.output('SplitShard', {
      StreamName: 'flights',
      ShardToSplit: shardId(0),
      NewStartingHashKey: MIDDLE,
    });
    kinesis.now += 24 * HOUR + 1;

    expect(kinesis.shards().map(({ ShardId }) => ShardId)).toEqual([shardId(1), shardId(2)]);
  });
});

describe('ListShards', () => {
  /** One shard, split after an hour; the lower child is split an hour later. */
  function setup(): Kinesis {
    const kinesis = setupKinesis({ areLimitsEnforced: false });
    kinesis.createStream(1);
    const split = (ShardToSplit: string, at: bigint) => {
      kinesis.now += HOUR;
      kinesis.output('SplitShard', {
        StreamName: 'flights',
        ShardToSplit,
        NewStartingHashKey: at.toString(),
      });
      kinesis.now += 1;
    };
    split(shardId(0), 2n ** 127n);
    split(shardId(1), 2n ** 126n);
    return kinesis;
  }

  it.each([
    ['AT_LATEST', {}, [2, 3, 4]],
    ['AT_TRIM_HORIZON', {}, [0]],
    ['FROM_TRIM_HORIZON', {}, [0, 1, 2, 3, 4]],
    ['AT_TIMESTAMP', { Timestamp: (START + 1.5 * HOUR) / 1_000 }, [1, 2]],
    ['FROM_TIMESTAMP', { Timestamp: (START + 1.5 * HOUR) / 1_000 }, [1, 2, 3, 4]],
    ['AFTER_SHARD_ID', { ShardId: shardId(2) }, [3, 4]],
  ])('filters by %s', (Type, more, expected) => {
    const shards = setup().shards({ Type, ...more });

    expect(shards.map(({ ShardId }) => ShardId)).toEqual(expected.map(shardId));
  });

  it('goes on by token, with the filter it began with', () => {
    const kinesis = setup();
    const first = kinesis.output('ListShards', {
      StreamName: 'flights',
      MaxResults: 2,
      ShardFilter: { Type: 'AT_LATEST' },
    });

    const second = kinesis.output('ListShards', { NextToken: first['NextToken'] });

    expect(second['Shards']).toEqual([expect.objectContaining({ ShardId: shardId(4) })]);
    expect(second['NextToken']).toBeUndefined();
  });

  it('rejects a token that is older than five minutes, or not alone', () => {
    const kinesis = setup();
    const { NextToken } = kinesis.output('ListShards', { StreamName: 'flights', MaxResults: 1 });

    expect(kinesis.fault('ListShards', { NextToken, StreamName: 'flights' }).code).toBe(
      'InvalidArgumentException',
    );
    kinesis.now += 300_001;
    expect(kinesis.fault('ListShards', { NextToken }).code).toBe('ExpiredNextTokenException');
  });

  it('rejects a filter without what it needs', () => {
    const fault = setup().fault('ListShards', {
      StreamName: 'flights',
      ShardFilter: { Type: 'AT_TIMESTAMP' },
    });

    expect(fault.code).toBe('InvalidArgumentException');
  });
});
