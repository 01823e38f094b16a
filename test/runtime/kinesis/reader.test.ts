import { createHash } from 'node:crypto';
import { encodeRecord } from '../../../lib/contract/index.js';
import { encodeAggregate } from '../../../lib/core/stream/aggregation.js';
import { createStreamReader, type PoisonRecord } from '../../../lib/runtime/index.js';
import { createFleet, Flight, putOf, readerBinding, type Fleet, type FlightData } from './support/fleet.js';

const digest = (bytes: Uint8Array): Uint8Array => createHash('md5').update(bytes).digest();

/** A record as any producer writes it. */
function bytesOf(
  flight: unknown,
  more: { readonly sequence?: number; readonly type?: string; readonly version?: number } = {},
): Buffer {
  const { sequence, type = 'flight.landed', version = 1 } = more;
  const origin = sequence === undefined ? undefined : { producerId: 'p', epoch: 1, sequence };
  return Buffer.from(
    encodeRecord({ type, schemaVersion: version, producedAt: 0, ...(origin && { origin }) }, flight),
  );
}

function setup() {
  const fleet = createFleet({ shards: 1 });
  const put = (flight: FlightData): void => void fleet.stream.putRaw(flight.origin, bytesOf(flight));
  const seen = (): number[] => fleet.effects.map(({ n }) => n);
  return { fleet, put, seen };
}

async function stop(fleet: Fleet, worker: ReturnType<Fleet['startWorker']>): Promise<void> {
  const stopping = worker.reader.stop();
  await fleet.clock.advance(40_000);
  await stopping;
  await worker.running;
}

describe('a handler', () => {
  it('gets the same records again after it failed, and nothing after them before', async () => {
    const { fleet, put } = setup();
    for (let n = 0; n < 5; n += 1) put({ origin: 'A', n });
    const calls: number[][] = [];
    const worker = fleet.startWorker({
      batchSize: 2,
      handler: (records) => {
        calls.push(records.map(({ data }) => data.n));
        return calls.length === 2 || calls.length === 3
          ? Promise.reject(new Error('down'))
          : Promise.resolve();
      },
    });
    await fleet.until(() => calls.length === 5);
    expect(calls).toEqual([[0, 1], [2, 3], [2, 3], [2, 3], [4]]);
    expect(worker.events).toContainEqual(
      expect.objectContaining({ kind: 'handler-failed', attempt: 1, retryInMs: 150 }),
    );
    await stop(fleet, worker);
  });

  it('is not given again what it committed before it failed', async () => {
    const { fleet, put, seen } = setup();
    for (let n = 0; n < 4; n += 1) put({ origin: 'A', n });
    const calls: number[][] = [];
    const worker = fleet.startWorker({
      batchSize: 4,
      handler: async (records, ctx) => {
        calls.push(records.map(({ data }) => data.n));
        if (calls.length > 1) return ctx.commit(records.map(({ data }) => putOf(data)));
        await ctx.commit([putOf({ origin: 'A', n: 0 })], { through: records[0]!.position });
        throw new Error('down');
      },
    });
    await fleet.until(() => seen().length === 4);
    expect(calls).toEqual([
      [0, 1, 2, 3],
      [1, 2, 3],
    ]);
    expect(seen()).toEqual([0, 1, 2, 3]);
    await stop(fleet, worker);
  });

  it('counts as done when it fails after it committed everything', async () => {
    const { fleet, put, seen } = setup();
    put({ origin: 'A', n: 0 });
    const worker = fleet.startWorker({
      handler: async (records, ctx) => {
        await ctx.commit(records.map(({ data }) => putOf(data)));
        throw new Error('too late');
      },
    });
    await fleet.until(() => seen().length === 1);
    await fleet.clock.advance(5_000);
    expect(seen()).toEqual([0]);
    expect(worker.events.map(({ kind }) => kind)).toContain('handler-failed-after-commit');
    await stop(fleet, worker);
  });

  it('rejects a second commit of the same records', async () => {
    const { fleet, put, seen } = setup();
    put({ origin: 'A', n: 0 });
    const errors: unknown[] = [];
    const worker = fleet.startWorker({
      handler: async (records, ctx) => {
        const items = records.map(({ data }) => putOf(data));
        await ctx.commit(items);
        await ctx.commit(items).catch((error: unknown) => errors.push(error));
      },
    });
    await fleet.until(() => errors.length === 1);
    expect(errors).toMatchObject([{ code: 'INVALID_OPTIONS' }]);
    expect(seen()).toEqual([0]);
    await stop(fleet, worker);
  });

  it('rejects a commit under a lease that another worker has taken', async () => {
    const { fleet, put, seen } = setup();
    put({ origin: 'A', n: 0 });
    const outcomes: unknown[] = [];
    const worker = fleet.startWorker({
      handler: async (records, ctx) => {
        const { leases } = await fleet.store.load();
        await fleet.store.take(leases[0]!, 'thief');
        await ctx
          .commit(records.map(({ data }) => putOf(data)))
          .catch((error: unknown) => outcomes.push(error));
      },
    });
    await fleet.until(() => outcomes.length === 1);
    expect(outcomes).toMatchObject([{ code: 'OWNERSHIP_LOST' }]);
    expect(seen()).toEqual([]);
    await stop(fleet, worker);
  });

  it('is told through its signal when the drain time is over, and its records come again', async () => {
    const { fleet, put } = setup();
    put({ origin: 'A', n: 0 });
    let [wasCalled, wasAborted] = [false, false];
    const worker = fleet.startWorker({
      drainTimeoutMs: 1_000,
      handler: (_records, ctx) =>
        new Promise((resolve) => {
          wasCalled = true;
          ctx.signal.addEventListener('abort', () => {
            wasAborted = true;
            resolve();
          });
        }),
    });
    await fleet.until(() => wasCalled);
    expect(worker.reader.stats().bufferedBytes).toBeGreaterThan(0);
    await stop(fleet, worker);
    expect(wasAborted).toBe(true);
    const [lease] = (await fleet.store.load()).leases;
    expect(lease?.checkpoint).toEqual({ kind: 'trim-horizon' });
  });
});

describe('a checkpoint', () => {
  it('follows the handler in time and lets a restarted worker go on after it', async () => {
    const { fleet, put } = setup();
    for (let n = 0; n < 25; n += 1) put({ origin: 'A', n });
    const handled: number[] = [];
    const handler = (records: readonly { readonly data: FlightData }[]): Promise<void> => {
      handled.push(...records.map(({ data }) => data.n));
      return Promise.resolve();
    };
    const first = fleet.startWorker({ handler, checkpointEveryMs: 1_000 });
    await fleet.until(() => handled.length === 25);
    await fleet.clock.advance(1_100);
    first.kill();
    put({ origin: 'A', n: 25 });
    const second = fleet.startWorker({ handler });
    await fleet.until(() => handled.length === 26);
    expect(handled[25]).toBe(25);
    await stop(fleet, second);
  });

  it('inside an aggregate resumes with the next record inside', async () => {
    const { fleet, seen } = setup();
    const inside = Array.from({ length: 7 }, (_, n) => ({
      partitionKey: 'A',
      data: bytesOf({ origin: 'A', n }),
    }));
    fleet.stream.putRaw('A', encodeAggregate(inside, digest));
    const first = fleet.startWorker({
      batchSize: 3,
      handler: async (records, ctx) => {
        await ctx.commit(records.map(({ data }) => putOf(data)));
        first.kill();
      },
    });
    await fleet.until(() => seen().length === 3);
    const second = fleet.startWorker();
    await fleet.until(() => seen().length === 7);
    expect(seen()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    await stop(fleet, second);
  });

  it("gives way to a later position of the user's own store", async () => {
    const { fleet, put } = setup();
    for (let n = 0; n < 3; n += 1) put({ origin: 'A', n });
    const written: { readonly n: number; readonly sequenceNumber: string }[] = [];
    const first = fleet.startWorker({
      batchSize: 1,
      handler: ([record]) => {
        written.push({ n: record!.data.n, sequenceNumber: record!.position.sequenceNumber });
        if (written.length < 2) return Promise.resolve();
        first.kill(); // the file is there, the checkpoint is not
        return new Promise(() => undefined);
      },
    });
    await fleet.until(() => written.length === 2);
    const handled: number[] = [];
    const second = fleet.startWorker({
      resumeFrom: () => Promise.resolve({ sequenceNumber: written[1]!.sequenceNumber, subSequence: 0 }),
      handler: (records) => {
        handled.push(...records.map(({ data }) => data.n));
        return Promise.resolve();
      },
    });
    await fleet.until(() => handled.length > 0);
    expect(handled).toEqual([2]);
    await stop(fleet, second);
  });
});

describe('poison', () => {
  const poisons: readonly (readonly [string, Buffer, string])[] = [
    ['is no JSON', Buffer.from('{nope'), 'not JSON'],
    ['is of another type', bytesOf({ origin: 'A', n: 1 }, { type: 'other' }), "is a 'other'"],
    ['has a newer version', bytesOf({ origin: 'A', n: 1 }, { version: 2 }), 'schema version 2'],
    ['does not fit its schema', bytesOf({ origin: 'A', n: 'x' }), 'does not fit its schema: n:'],
  ];

  it.each(poisons)('that %s goes to onPoison, between the records around it', async (_why, bytes, reason) => {
    const { fleet, put, seen } = setup();
    put({ origin: 'A', n: 0 });
    fleet.stream.putRaw('A', bytes);
    put({ origin: 'A', n: 2 });
    const poison: PoisonRecord[] = [];
    const worker = fleet.startWorker({
      onPoison: (record) => {
        poison.push(record);
        fleet.effects.push({ origin: 'poison', n: 1 });
        return Promise.resolve();
      },
    });
    await fleet.until(() => seen().length === 3);
    expect(seen()).toEqual([0, 1, 2]);
    expect(poison).toEqual([
      expect.objectContaining({ partitionKey: 'A', reason: expect.stringContaining(reason) as string }),
    ]);
    expect(worker.reader.stats()).toMatchObject({ poison: 1 });
    await stop(fleet, worker);
  });

  it('blocks the shard and says so when nobody takes it', async () => {
    const { fleet, put, seen } = setup();
    put({ origin: 'A', n: 0 });
    fleet.stream.putRaw('A', Buffer.from('{nope'));
    put({ origin: 'A', n: 2 });
    const worker = fleet.startWorker();
    await fleet.clock.advance(30_000);
    expect(seen()).toEqual([0]);
    const blocked = worker.events.filter(({ kind }) => kind === 'poison-blocked');
    expect(blocked.length).toBeGreaterThan(3);
    expect(blocked[0]).toMatchObject({ reason: expect.stringContaining('not JSON') as string });
    await stop(fleet, worker);
    const [lease] = (await fleet.store.load()).leases;
    expect(lease?.owner).toBeUndefined();
  });
});

describe('second copies of a put', () => {
  it('are left out, and are let through where the user wants them', async () => {
    const { fleet, seen } = setup();
    for (const n of [0, 1, 1, 0, 2])
      fleet.stream.putRaw('A', bytesOf({ origin: 'A', n }, { sequence: n + 1 }));
    const worker = fleet.startWorker();
    await fleet.until(() => seen().length === 3);
    expect(seen()).toEqual([0, 1, 2]);
    expect(worker.reader.stats()).toMatchObject({ repeats: 2 });
    await stop(fleet, worker);

    const all = setup();
    for (const n of [0, 0]) all.fleet.stream.putRaw('A', bytesOf({ origin: 'A', n }, { sequence: 1 }));
    const careless = all.fleet.startWorker({ repeatKeys: 0 });
    await all.fleet.until(() => all.seen().length === 2);
    expect(all.seen()).toEqual([0, 0]);
    await stop(all.fleet, careless);
  });
});

describe('a reader', () => {
  it('reading from LATEST misses nothing that came after its first start, also when it was killed before the first record', async () => {
    const { fleet, put, seen } = setup();
    put({ origin: 'A', n: 0 });
    await fleet.clock.advance(100);
    const latest = { reader: { ...readerBinding, startingPosition: 'LATEST' as const } };
    const first = fleet.startWorker(latest);
    await fleet.until(() => first.events.some(({ kind }) => kind === 'lease-taken'));
    first.kill();
    await fleet.clock.advance(100);
    put({ origin: 'A', n: 1 });
    const second = fleet.startWorker(latest);
    await fleet.until(() => seen().length === 1);
    expect(seen()).toEqual([1]);
    await stop(fleet, second);
  });

  it('stops without having run, and twice', async () => {
    const { fleet } = setup();
    const reader = createStreamReader({
      reader: readerBinding,
      record: Flight,
      handler: () => Promise.resolve(),
      api: fleet.stream.api,
      store: fleet.store,
      clock: fleet.clock,
    });
    await reader.stop();
    await reader.stop();
    await expect(reader.run()).resolves.toBeUndefined();
  });

  it('takes no harm from a listener that throws', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const { fleet, put, seen } = setup();
    put({ origin: 'A', n: 0 });
    const worker = fleet.startWorker({
      onEvent: () => {
        throw new Error('a bug of the listener');
      },
    });
    await fleet.until(() => seen().length === 1);
    await stop(fleet, worker);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('a bug of the listener'));
    warn.mockRestore();
  });

  it('leaves no timer behind when it stops, which would keep the process alive', async () => {
    const { fleet, put, seen } = setup();
    put({ origin: 'A', n: 0 });
    const worker = fleet.startWorker();
    await fleet.until(() => seen().length === 1);
    const stopping = worker.reader.stop();
    await fleet.clock.advance(100);
    await stopping;
    expect(fleet.clock.pending).toBe(0);
  });

  it('rejects a lease table of another reader', async () => {
    const { fleet } = setup();
    await fleet.store.claim('Flights/archive');
    const worker = fleet.startWorker();
    await expect(worker.running).rejects.toMatchObject({ code: 'BINDING_MISMATCH' });
  });

  it('rejects every wrong option at once', () => {
    const wrong = {
      reader: 'delays',
      record: Flight,
      handler: () => Promise.resolve(),
      batchSise: 5,
      failoverMs: 1_000,
      leasePollMs: 900,
      retryBaseMs: 0,
    };
    expect(() => createStreamReader(wrong)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTIONS',
        violations: [
          expect.stringContaining("did you mean 'batchSize'"),
          expect.stringContaining('stream must be text'),
          expect.stringContaining('retryBaseMs'),
          expect.stringContaining('leasePollMs'),
        ],
      }) as Error,
    );
  });

  it('rejects a record the stream was not deployed for, and a missing binding', () => {
    const handler = (): Promise<void> => Promise.resolve();
    const other = { ...readerBinding, record: { name: 'flight.departed', version: 1 } };
    expect(() => createStreamReader({ reader: other, record: Flight, handler })).toThrow(
      expect.objectContaining({ code: 'BINDING_MISMATCH' }) as Error,
    );
    expect(() =>
      createStreamReader({ stream: 'Flights', reader: 'delays', record: Flight, handler, environment: {} }),
    ).toThrow(expect.objectContaining({ code: 'BINDING_MISSING' }) as Error);
  });
});
