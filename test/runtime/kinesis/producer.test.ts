import { z } from 'zod';
import { defineRecord } from '../../../lib/contract/index.js';
import { createStreamProducer, type StreamProducerEvent } from '../../../lib/runtime/index.js';
import type { Fault } from './support/engine-api.js';
import { byOrigin, createFleet, Flight, streamBinding, type FlightData } from './support/fleet.js';

function setup(more: { readonly shards?: number; readonly faultOf?: (operation: string) => Fault } = {}) {
  const fleet = createFleet({ shards: 1, ...more });
  /** Lets time pass until the promise is settled; gives its outcome. */
  const settled = async <T>(promise: Promise<T>, limitMs = 60_000): Promise<PromiseSettledResult<T>> => {
    let outcome: PromiseSettledResult<T> | undefined;
    const watching = Promise.allSettled([promise]).then(([first]) => (outcome = first));
    await fleet.until(() => outcome !== undefined, limitMs);
    return watching;
  };
  return { fleet, settled };
}

const flight = (n: number, origin = 'A'): FlightData => ({ origin, n });

describe('a put', () => {
  it('resolves with the position of the record, inside its aggregate', async () => {
    const { fleet, settled } = setup();
    const producer = fleet.createProducer();
    const puts = await settled(Promise.all([0, 1, 2].map((n) => producer.put(flight(n)))));
    const positions = puts.status === 'fulfilled' ? puts.value : [];
    expect(positions.map(({ subSequence }) => subSequence)).toEqual([0, 1, 2]);
    expect(new Set(positions.map(({ sequenceNumber }) => sequenceNumber)).size).toBe(1);
    expect(positions[0]?.shardId).toBe('shardId-000000000000');
    expect(producer.stats()).toMatchObject({ records: 3, kinesisRecords: 1, requests: 1, bufferedBytes: 0 });
    await settled(producer.stop());
  });

  it('rejects what does not fit the schema, has no key or is too large, and goes on', async () => {
    const { fleet, settled } = setup();
    const producer = fleet.createProducer({ stream: { ...streamBinding, maxRecordBytes: 300 } });
    const wrong = { origin: 'A', n: 'x' } as unknown as FlightData;
    await expect(producer.put(wrong)).rejects.toMatchObject({ code: 'INVALID_PAYLOAD' });
    await expect(producer.put(flight(0, ''))).rejects.toMatchObject({ code: 'INVALID_PAYLOAD' });
    await expect(producer.put(flight(0, 'k'.repeat(257)))).rejects.toMatchObject({ code: 'INVALID_PAYLOAD' });
    await expect(producer.put(flight(0, 'k'.repeat(200)))).rejects.toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
    });
    const fine = await settled(producer.put(flight(1)));
    expect(fine.status).toBe('fulfilled');
    await settled(producer.stop());
  });

  it('keeps the order of schemas that must be awaited', async () => {
    const { fleet, settled } = setup();
    const schema = z.object({ origin: z.string(), n: z.number() }).refine(() => Promise.resolve(true));
    const record = defineRecord('flight.landed', { schema, key: ({ origin }) => origin });
    const producer = fleet.createProducer({ record });
    const puts = await settled(Promise.all([0, 1, 2].map((n) => producer.put(flight(n)))));
    const positions = puts.status === 'fulfilled' ? puts.value : [];
    expect(positions.map(({ subSequence }) => subSequence)).toEqual([0, 1, 2]);
    await settled(producer.stop());
  });

  it('fails after its time to live when the service does not answer, and says why', async () => {
    const { fleet, settled } = setup({
      faultOf: (operation) => (operation === 'PutRecords' ? 'before' : 'none'),
    });
    const events: StreamProducerEvent[] = [];
    const producer = fleet.createProducer({ ttlMs: 5_000, onEvent: (event) => events.push(event) });
    const startedAt = fleet.clock.monotonic();
    const outcome = await settled(producer.put(flight(0)));
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'PUT_FAILED' } });
    expect(fleet.clock.monotonic() - startedAt).toBeLessThan(8_000);
    expect(events.filter(({ kind }) => kind === 'put-failed').length).toBeGreaterThan(2);
    expect(producer.stats()).toMatchObject({ failed: 1, bufferedBytes: 0 });
    await settled(producer.stop());
  });

  it('takes no harm from a listener that throws', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    let calls = 0;
    const { fleet, settled } = setup({
      faultOf: (operation) => (operation === 'PutRecords' && (calls += 1) === 1 ? 'before' : 'none'),
    });
    const producer = fleet.createProducer({
      onEvent: () => {
        throw new Error('a bug of the listener');
      },
    });
    expect((await settled(producer.put(flight(0)))).status).toBe('fulfilled');
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('a bug of the listener'));
    await settled(producer.stop());
    warn.mockRestore();
  });

  it('fails at once when the stream does not exist', async () => {
    const { fleet, settled } = setup();
    const missing = Object.assign(new Error('no stream'), { name: 'ResourceNotFoundException' });
    const api = { ...fleet.stream.api, listShards: () => Promise.reject(missing) };
    const producer = fleet.createProducer({ api });
    const outcome = await settled(producer.put(flight(0)), 1_000);
    expect(outcome).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'PUT_FAILED',
        message: expect.stringContaining('check that the stack is deployed') as string,
      },
    });
    await settled(producer.stop());
  });

  it('rejects when the producer is stopped', async () => {
    const { fleet, settled } = setup();
    const producer = fleet.createProducer();
    await settled(producer.stop());
    await settled(producer.stop());
    await expect(producer.put(flight(0))).rejects.toMatchObject({ code: 'STOPPED' });
  });

  it('waits while the buffer is full', async () => {
    const { fleet, settled } = setup();
    const producer = fleet.createProducer({ maxBufferedBytes: 65_536, lingerMs: 1_000 });
    const puts = Array.from({ length: 2_000 }, (_, n) => producer.put(flight(n)));
    expect(producer.stats().bufferedBytes).toBeLessThan(65_536 + 400);
    let isReady = false;
    void producer.ready().then(() => (isReady = true));
    await fleet.clock.advance(0);
    expect(isReady).toBe(false);
    const all = await settled(Promise.all(puts));
    expect(all.status).toBe('fulfilled');
    expect(isReady).toBe(true);
    await settled(producer.stop());
  });
});

describe('a flush', () => {
  it('sends at once and resolves when every earlier put is settled, not later ones', async () => {
    const { fleet, settled } = setup();
    const producer = fleet.createProducer({ lingerMs: 9_000 });
    const settledPuts: number[] = [];
    const put = (n: number): void => void producer.put(flight(n)).then(() => settledPuts.push(n));
    put(0);
    put(1);
    const flushing = producer.flush();
    await fleet.clock.advance(15); // the shards are listed, the request is out
    put(2);
    await settled(flushing, 1_000);
    expect(settledPuts).toEqual([0, 1]);
    await settled(producer.stop(), 1_000);
    expect(settledPuts).toEqual([0, 1, 2]);
  });

  it('resolves when there is nothing to do', async () => {
    const { fleet, settled } = setup();
    const producer = fleet.createProducer();
    expect((await settled(producer.flush(), 100)).status).toBe('fulfilled');
    await settled(producer.stop());
  });
});

describe('a producer', () => {
  it('packs records into few Kinesis records, and sends each alone when told to', async () => {
    const { fleet, settled } = setup({ shards: 4 });
    const packed = fleet.createProducer();
    await settled(Promise.all(Array.from({ length: 400 }, (_, n) => packed.put(flight(n, `A${n % 40}`)))));
    expect(packed.stats()).toMatchObject({ records: 400, kinesisRecords: 4, requests: 1 });
    const plain = fleet.createProducer({ aggregateBytes: 0, order: 'none' });
    await settled(Promise.all(Array.from({ length: 40 }, (_, n) => plain.put(flight(n)))));
    expect(plain.stats()).toMatchObject({ records: 40, kinesisRecords: 40 });
    await settled(Promise.all([packed.stop(), plain.stop()]));
  });

  it('keeps within the limits of its shards, so that nothing is throttled', async () => {
    const fleet = createFleet({ shards: 1, areLimitsEnforced: true });
    const producer = fleet.createProducer();
    const text = 'x'.repeat(2_000);
    const Large = defineRecord('flight.landed', {
      schema: z.object({ origin: z.string(), n: z.number(), text: z.string() }),
      key: ({ origin }) => origin,
    });
    const large = createStreamProducer({
      stream: streamBinding,
      record: Large,
      api: fleet.stream.api,
      clock: fleet.clock,
    });
    const startedAt = fleet.clock.monotonic();
    let isDone = false;
    const puts = Array.from({ length: 2_000 }, (_, n) => large.put({ ...flight(n), text }));
    void Promise.all(puts).then(() => (isDone = true));
    await fleet.until(() => isDone);
    expect(large.stats().throttles).toBe(0);
    expect(fleet.clock.monotonic() - startedAt).toBeGreaterThan(2_500);
    const stopping = Promise.all([large.stop(), producer.stop()]);
    await fleet.clock.advance(1_000);
    await stopping;
  });

  it('keeps the order of every key through failures, lost answers, splits and merges', async () => {
    let calls = 0;
    const faults: readonly Fault[] = [
      'none',
      'none',
      'before',
      'none',
      'after',
      'none',
      'none',
      'after',
      'before',
    ];
    const fleet = createFleet({
      shards: 2,
      faultOf: (operation) => {
        if (operation !== 'PutRecords') return 'none';
        calls += 1;
        return faults[calls % faults.length] ?? 'none';
      },
    });
    const producer = fleet.createProducer({ lingerMs: 5 });
    const flights = Array.from({ length: 800 }, (_, n) => flight(n, `A${n % 9}`));
    let written = 0;
    for (const [index, data] of flights.entries()) {
      void producer.put(data).then(() => (written += 1));
      if (index === 200) void fleet.stream.split(0);
      if (index === 400) void fleet.stream.merge(1);
      if (index === 500) void fleet.stream.split(1);
      await fleet.clock.advance(5);
    }
    await fleet.until(() => written === flights.length);
    expect(producer.stats().retries).toBeGreaterThan(10);
    const worker = fleet.startWorker({ batchSize: 500 });
    await fleet.until(() => fleet.effects.length >= flights.length);
    expect(byOrigin(fleet.effects)).toEqual(byOrigin(flights));
    expect(worker.reader.stats().repeats).toBeGreaterThan(0);
    const stopping = Promise.all([worker.reader.stop(), producer.stop()]);
    await fleet.clock.advance(2_000);
    await stopping;
  });

  it('rejects every wrong option at once', () => {
    const wrong = { stream: '', record: Flight, order: 'per-kee', lingerMs: 90_000, aggregateBites: 5 };
    expect(() =>
      createStreamProducer(wrong as unknown as Parameters<typeof createStreamProducer>[0]),
    ).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTIONS',
        violations: [
          expect.stringContaining("did you mean 'aggregateBytes'"),
          expect.stringContaining('stream must be text'),
          expect.stringContaining("did you mean 'per-key'"),
          expect.stringContaining('lingerMs must be a number from 0 to 10000'),
          expect.stringContaining('lingerMs (90000) must be below ttlMs'),
        ],
      }) as Error,
    );
  });

  it('rejects a record the stream was not deployed for', () => {
    const stream = { ...streamBinding, record: { name: 'flight.landed', version: 2 } };
    expect(() => createStreamProducer({ stream, record: Flight })).toThrow(
      expect.objectContaining({ code: 'BINDING_MISMATCH' }) as Error,
    );
  });
});
