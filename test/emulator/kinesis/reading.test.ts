import { base64, HOUR, setupKinesis, shardId, START, type Kinesis } from './kinesis-bundle.js';

const FIRST = shardId(0);

function setup(): Kinesis {
  const kinesis = setupKinesis({ areLimitsEnforced: false });
  kinesis.createStream(1);
  return kinesis;
}

const put = (kinesis: Kinesis, key: string): string =>
  kinesis.put([{ Data: base64(key), PartitionKey: key }])[0]?.SequenceNumber ?? '';

const keys = (page: { readonly Records: readonly { readonly PartitionKey: string }[] }) =>
  page.Records.map(({ PartitionKey }) => PartitionKey);

describe('reading a shard', () => {
  it('starts at or after a sequence number', () => {
    const kinesis = setup();
    put(kinesis, 'a');
    const StartingSequenceNumber = put(kinesis, 'b');
    put(kinesis, 'c');

    expect(keys(kinesis.read(FIRST, 'AT_SEQUENCE_NUMBER', { StartingSequenceNumber }))).toEqual(['b', 'c']);
    expect(keys(kinesis.read(FIRST, 'AFTER_SEQUENCE_NUMBER', { StartingSequenceNumber }))).toEqual(['c']);
  });

  it('starts with what comes after LATEST', () => {
    const kinesis = setup();
    put(kinesis, 'a');
    const iterator = kinesis.iterator(FIRST, 'LATEST');

    put(kinesis, 'b');

    expect(keys(kinesis.page(iterator))).toEqual(['b']);
  });

  it('starts at a point in time', () => {
    const kinesis = setup();
    put(kinesis, 'a');
    kinesis.now += 10_000;
    put(kinesis, 'b');

    expect(keys(kinesis.read(FIRST, 'AT_TIMESTAMP', { Timestamp: START / 1_000 + 5 }))).toEqual(['b']);
    expect(keys(kinesis.read(FIRST, 'AT_TIMESTAMP', { Timestamp: START / 1_000 - 99 }))).toEqual(['a', 'b']);
  });

  it('rejects a point in time to come', () => {
    const kinesis = setup();

    const fault = kinesis.fault('GetShardIterator', {
      StreamName: 'flights',
      ShardId: FIRST,
      ShardIteratorType: 'AT_TIMESTAMP',
      Timestamp: START / 1_000 + 60,
    });

    expect(fault.code).toBe('InvalidArgumentException');
  });

  it('rejects a sequence number the shard never gave out', () => {
    const kinesis = setup();
    const given = put(kinesis, 'a');
    const other = `${given.slice(0, 13)}${'9'.repeat(16)}${given.slice(29)}`;

    const fault = kinesis.fault('GetShardIterator', {
      StreamName: 'flights',
      ShardId: FIRST,
      ShardIteratorType: 'AT_SEQUENCE_NUMBER',
      StartingSequenceNumber: other,
    });

    expect(fault.code).toBe('InvalidArgumentException');
  });

  it('goes on page by page, telling how far behind it is', () => {
    const kinesis = setup();
    for (const key of ['a', 'b', 'c']) {
      put(kinesis, key);
      kinesis.now += 1_000;
    }

    const first = kinesis.page(kinesis.iterator(FIRST), { Limit: 2 });
    const second = kinesis.page(first.NextShardIterator ?? '', { Limit: 2 });

    expect([keys(first), keys(second)]).toEqual([['a', 'b'], ['c']]);
    expect([first.MillisBehindLatest, second.MillisBehindLatest]).toEqual([1_000, 0]);
  });

  it('keeps iterators for five minutes and no longer', () => {
    const kinesis = setup();
    const iterator = kinesis.iterator(FIRST);

    kinesis.now += 300_000;
    expect(keys(kinesis.page(iterator))).toEqual([]);
    kinesis.now += 1;

    expect(kinesis.fault('GetRecords', { ShardIterator: iterator }).code).toBe('ExpiredIteratorException');
  });

  it('rejects an iterator of another making', () => {
    expect(setup().fault('GetRecords', { ShardIterator: 'AAAA' }).code).toBe('InvalidArgumentException');
  });

  it('passes over what retention trimmed without a word', () => {
    const kinesis = setup();
    const StartingSequenceNumber = put(kinesis, 'old');
    kinesis.now += 25 * HOUR;
    put(kinesis, 'new');

    expect(keys(kinesis.read(FIRST, 'AT_SEQUENCE_NUMBER', { StartingSequenceNumber }))).toEqual(['new']);
  });

  it('keeps what a longer retention keeps, and drops it when it is shortened', () => {
    const kinesis = setup();
    put(kinesis, 'a');
    kinesis.output('IncreaseStreamRetentionPeriod', { StreamName: 'flights', RetentionPeriodHours: 48 });
    kinesis.now += 30 * HOUR;

    const kept = keys(kinesis.read(FIRST));
    kinesis.output('DecreaseStreamRetentionPeriod', { StreamName: 'flights', RetentionPeriodHours: 24 });
    const dropped = keys(kinesis.read(FIRST));

    expect([kept, dropped]).toEqual([['a'], []]);
  });

  it('names the children of a closed shard with its last records, instead of an iterator', () => {
    const kinesis = setup();
    put(kinesis, 'a');
    kinesis.output('SplitShard', {
      StreamName: 'flights',
      ShardToSplit: FIRST,
      NewStartingHashKey: (2n ** 127n).toString(),
    });
    kinesis.now += 1;

    const page = kinesis.read(FIRST);

    expect(keys(page)).toEqual(['a']);
    expect(page.NextShardIterator).toBeUndefined();
    expect(page.ChildShards).toEqual([
      expect.objectContaining({ ShardId: shardId(1), ParentShards: [FIRST] }),
      expect.objectContaining({ ShardId: shardId(2), ParentShards: [FIRST] }),
    ]);
  });

  it('does not read a stream with the iterator of an earlier one of its name', () => {
    const kinesis = setup();
    const iterator = kinesis.iterator(FIRST);
    kinesis.output('DeleteStream', { StreamName: 'flights' });
    kinesis.now += 1;
    kinesis.createStream(1);
    kinesis.now += 1;

    expect(kinesis.fault('GetRecords', { ShardIterator: iterator }).code).toBe('ResourceNotFoundException');
  });

  it('says KMS on records put while the stream is encrypted', () => {
    const kinesis = setup();
    put(kinesis, 'plain');
    kinesis.output('StartStreamEncryption', {
      StreamName: 'flights',
      EncryptionType: 'KMS',
      KeyId: 'alias/aws/kinesis',
    });
    kinesis.now += 1;
    put(kinesis, 'encrypted');

    expect(kinesis.read(FIRST).Records.map(({ EncryptionType }) => EncryptionType)).toEqual([
      undefined,
      'KMS',
    ]);
  });

  it('tells a dry run from the real thing', () => {
    const kinesis = setup();

    const fault = kinesis.fault('PutRecord', {
      StreamName: 'flights',
      Data: base64('x'),
      PartitionKey: 'k',
      DryRun: true,
    });

    expect(fault.code).toBe('DryRunOperationException');
    expect(keys(kinesis.read(FIRST))).toEqual([]);
  });
});
