import {
  base64,
  FLIGHTS,
  recordsOf,
  setupKinesis,
  shardId,
  subscribe,
  zeros,
  type Kinesis,
} from './kinesis-bundle.js';

const MIB = 1_048_576;

function setup(): { readonly kinesis: Kinesis; readonly consumer: string } {
  const kinesis = setupKinesis({ areLimitsEnforced: false });
  kinesis.createStream(1);
  const { Consumer } = kinesis.output('RegisterStreamConsumer', {
    StreamARN: FLIGHTS,
    ConsumerName: 'delays',
  });
  kinesis.now += 1;
  return { kinesis, consumer: (Consumer as { readonly ConsumerARN: string }).ConsumerARN };
}

const put = (kinesis: Kinesis, key: string, Data = base64(key)) => kinesis.put([{ Data, PartitionKey: key }]);
const keysOf = (events: Parameters<typeof recordsOf>[0]) =>
  recordsOf(events).map(({ PartitionKey }) => PartitionKey);

describe('SubscribeToShard', () => {
  it('pushes what is there and what comes', () => {
    const { kinesis, consumer } = setup();
    put(kinesis, 'a');
    const source = subscribe(kinesis, consumer);

    const first = source.next(kinesis.now);
    put(kinesis, 'b');
    const second = source.next(kinesis.now);

    expect([keysOf(first.events), keysOf(second.events)]).toEqual([['a'], ['b']]);
  });

  it('tells an idle subscriber every five seconds where it is', () => {
    const { kinesis, consumer } = setup();
    const source = subscribe(kinesis, consumer);
    const { nextAt } = source.next(kinesis.now);

    const early = source.next(kinesis.now + 4_999);
    kinesis.now += 5_000;
    const { events } = source.next(kinesis.now);

    expect(nextAt).toBe(kinesis.now);
    expect(early.events).toEqual([]);
    expect(events[0]?.payload).toMatchObject({ Records: [], MillisBehindLatest: 0 });
  });

  it('gives continuation numbers that another subscription goes on from, without loss or repetition', () => {
    const { kinesis, consumer } = setup();
    put(kinesis, 'a');
    const [event] = subscribe(kinesis, consumer).next(kinesis.now).events;
    const SequenceNumber = event?.payload['ContinuationSequenceNumber'];
    put(kinesis, 'b');
    kinesis.now += 5_000;

    const source = subscribe(kinesis, consumer, {
      StartingPosition: { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber },
    });

    expect(keysOf(source.next(kinesis.now).events)).toEqual(['b']);
  });

  it('ends after five minutes', () => {
    const { kinesis, consumer } = setup();
    const source = subscribe(kinesis, consumer);

    expect(source.next(kinesis.now + 299_999).ended).toBe(false);
    expect(source.next(kinesis.now + 300_000)).toMatchObject({ ended: true });
  });

  it('rejects a second subscription within five seconds', () => {
    const { kinesis, consumer } = setup();
    subscribe(kinesis, consumer);
    kinesis.now += 4_999;

    const fault = kinesis.fault('SubscribeToShard', {
      ConsumerARN: consumer,
      ShardId: shardId(0),
      StartingPosition: { Type: 'LATEST' },
    });

    expect(fault.code).toBe('ResourceInUseException');
  });

  it('lets a later subscription take over and ends the former with an exception', () => {
    const { kinesis, consumer } = setup();
    const former = subscribe(kinesis, consumer);
    kinesis.now += 5_000;

    const later = subscribe(kinesis, consumer);
    const { events, ended } = former.next(kinesis.now);

    expect(ended).toBe(true);
    expect(events).toEqual([expect.objectContaining({ type: 'ResourceInUseException', isException: true })]);
    expect(later.next(kinesis.now).ended).toBe(false);
  });

  it('takes one call a second for a consumer and shard', () => {
    const kinesis = setupKinesis();
    kinesis.createStream(1);
    const { Consumer } = kinesis.output('RegisterStreamConsumer', {
      StreamARN: FLIGHTS,
      ConsumerName: 'delays',
    });
    const ConsumerARN = (Consumer as { readonly ConsumerARN: string }).ConsumerARN;
    kinesis.now += 1;
    subscribe(kinesis, ConsumerARN);

    const fault = kinesis.fault('SubscribeToShard', {
      ConsumerARN,
      ShardId: shardId(0),
      StartingPosition: { Type: 'LATEST' },
    });

    expect(fault.code).toBe('LimitExceededException');
  });

  it('rejects a consumer that is not ACTIVE yet', () => {
    const kinesis = setupKinesis({ transitionMs: 1_000 });
    kinesis.createStream(1);
    kinesis.now += 1_000;
    const { Consumer } = kinesis.output('RegisterStreamConsumer', {
      StreamARN: FLIGHTS,
      ConsumerName: 'delays',
    });

    const fault = kinesis.fault('SubscribeToShard', {
      ConsumerARN: (Consumer as { readonly ConsumerARN: string }).ConsumerARN,
      ShardId: shardId(0),
      StartingPosition: { Type: 'LATEST' },
    });

    expect(fault.code).toBe('ResourceInUseException');
  });

  it('ends with the children of a shard that was closed', () => {
    const { kinesis, consumer } = setup();
    put(kinesis, 'last');
    const source = subscribe(kinesis, consumer);
    kinesis.output('SplitShard', {
      StreamName: 'flights',
      ShardToSplit: shardId(0),
      NewStartingHashKey: (2n ** 127n).toString(),
    });
    kinesis.now += 1;

    const { events, ended } = source.next(kinesis.now);

    expect(ended).toBe(true);
    expect(keysOf(events)).toEqual(['last']);
    expect(events.at(-1)?.payload['ChildShards']).toHaveLength(2);
    expect(events.at(-1)?.payload['ContinuationSequenceNumber']).toBeUndefined();
  });

  it('ends with an exception when its consumer is deregistered', () => {
    const { kinesis, consumer } = setup();
    const source = subscribe(kinesis, consumer);
    kinesis.output('DeregisterStreamConsumer', { ConsumerARN: consumer });
    kinesis.now += 1;

    const { events, ended } = source.next(kinesis.now);

    expect(ended).toBe(true);
    expect(events.map(({ type }) => type)).toEqual(['ResourceNotFoundException']);
  });

  it('pushes 2 MiB a second', () => {
    const { kinesis, consumer } = setup();
    for (let record = 0; record < 6; record += 1) put(kinesis, `k${record}`, zeros(MIB - 10));
    const source = subscribe(kinesis, consumer);
    const counts = Array.from({ length: 3 }, () => {
      const { length } = recordsOf(source.next(kinesis.now).events);
      kinesis.now += 1_000;
      return length;
    });

    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(6);
    expect(Math.max(...counts)).toBeLessThanOrEqual(3);
  });

  it('keeps a stream with consumers from being deleted by mistake', () => {
    const { kinesis } = setup();

    expect(kinesis.fault('DeleteStream', { StreamName: 'flights' }).code).toBe('ResourceInUseException');
    kinesis.output('DeleteStream', { StreamName: 'flights', EnforceConsumerDeletion: true });
  });

  it('has room for twenty consumers, five of them CREATING at once', () => {
    const { kinesis } = setup();
    const register = (name: string) =>
      kinesis.call('RegisterStreamConsumer', { StreamARN: FLIGHTS, ConsumerName: name }).kind;
    const outcomes = Array.from({ length: 20 }, (_, index) => {
      kinesis.now += 1;
      return register(`c${index}`);
    });

    expect(outcomes.filter((kind) => kind === 'output')).toHaveLength(19);
  });
});
