import fc from 'fast-check';
import { Batcher, type Batch, type BatchLimits } from '../../../lib/core/batch/batcher.js';

const limits: BatchLimits = { maxEntries: 3, maxBytes: 100, maxAgeMs: 50, maxCallsOut: 2, isEager: false };
const ids = (batches: readonly Batch[]): number[][] =>
  batches.map(({ entries }) => entries.map(({ id }) => id));

function setup(over: Partial<BatchLimits> = {}): { batcher: Batcher; add: (...bytes: number[]) => void } {
  const batcher = new Batcher({ ...limits, ...over });
  let id = 0;
  return { batcher, add: (...bytes) => bytes.forEach((size) => batcher.add({ id: id++, bytes: size }, 0)) };
}

describe('a batcher', () => {
  it('sends a full batch at once and keeps the rest', () => {
    const { batcher, add } = setup();
    add(1, 1, 1, 1);
    expect(ids(batcher.take(0))).toEqual([[0, 1, 2]]);
    expect(batcher.size).toBe(1);
  });

  it('sends what does not fit together by bytes', () => {
    const { batcher, add } = setup();
    add(60, 60);
    expect(ids(batcher.take(0))).toEqual([[0]]);
  });

  it('sends an entry that alone is over the bytes by itself', () => {
    const { batcher, add } = setup();
    add(500, 1);
    expect(ids(batcher.take(0))).toEqual([[0]]);
  });

  it('lets nobody wait longer than the age, however many come after', () => {
    const { batcher } = setup();
    batcher.add({ id: 0, bytes: 1 }, 0);
    batcher.add({ id: 1, bytes: 1 }, 40);
    expect(batcher.take(49)).toEqual([]);
    expect(batcher.dueAt()).toBe(50);
    expect(ids(batcher.take(50))).toEqual([[0, 1]]);
  });

  it('sends what waits when it is flushed, and what comes later does not ride along', () => {
    const { batcher, add } = setup();
    add(1);
    batcher.flush();
    expect(ids(batcher.take(0))).toEqual([[0]]);
    add(1);
    expect(batcher.take(0)).toEqual([]);
  });

  it('sends at once while no call is out if it is eager, and fills while one is', () => {
    const { batcher, add } = setup({ isEager: true });
    add(1);
    const [first] = batcher.take(0);
    add(1, 1);
    expect(batcher.take(10)).toEqual([]);
    batcher.settle(first!);
    expect(ids(batcher.take(10))).toEqual([[1, 2]]);
  });

  it('has no more calls out than allowed', () => {
    const { batcher, add } = setup();
    add(1, 1, 1, 1, 1, 1, 1, 1, 1);
    expect(batcher.take(0)).toHaveLength(2);
    expect(batcher.dueAt()).toBeUndefined();
  });

  it('keeps a lane behind its retry while others go on', () => {
    const { batcher } = setup({ isEager: true });
    batcher.add({ id: 0, bytes: 1, lane: 'x' }, 0);
    const [call] = batcher.take(0);
    batcher.add({ id: 1, bytes: 1, lane: 'x' }, 0);
    batcher.add({ id: 2, bytes: 1, lane: 'y' }, 0);
    batcher.add({ id: 0, bytes: 1, lane: 'x' }, 0, 30); // the retry
    batcher.settle(call!);
    expect(ids(batcher.take(0))).toEqual([[2]]);
    expect(batcher.dueAt()).toBeGreaterThanOrEqual(30);
  });

  it('never mixes partitions', () => {
    const { batcher } = setup();
    [7, 8, 7].forEach((partition, id) => batcher.add({ id, bytes: 1, partition }, 0));
    expect(ids(batcher.take(50))).toEqual([[0, 2], [1]]);
  });

  it.each([
    ['without lanes', () => undefined],
    ['in many lanes', (id: number) => `g${id % 100}`],
  ])('looks at no more than it needs, however many wait: %s', (_case, laneOf) => {
    const batcher = new Batcher({ ...limits, maxEntries: 10, isEager: true });
    const count = 5_000;
    let looks = 0;
    for (let id = 0; id < count; id += 1) {
      const lane = laneOf(id);
      const entry = { id, bytes: 1, ...(lane !== undefined && { lane }) };
      batcher.add(
        new Proxy(entry, { get: (of, name) => ((looks += 1), Reflect.get(of, name) as unknown) }),
        0,
      );
    }
    const out: Batch[] = [];
    while (batcher.size > 0) {
      out.push(...batcher.take(100));
      batcher.dueAt();
      for (const batch of out.splice(0, 1)) batcher.settle(batch);
    }
    expect(looks / count).toBeLessThan(50);
  });

  it('loses nothing, doubles nothing, keeps limits and lanes, and always says when it is due', () => {
    const entry = fc.record({
      bytes: fc.integer({ min: 0, max: 60 }),
      lane: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
      partition: fc.option(fc.constantFrom(1, 2), { nil: undefined }),
      gap: fc.nat({ max: 40 }),
      retry: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), fc.boolean(), (entries, isEager) => {
        const batcher = new Batcher({ ...limits, isEager });
        const sent: number[] = [];
        const retried = new Set<number>();
        const lastOfLane = new Map<string, number>();
        let now = 0;
        let overtaken = false;
        const work = (): void => {
          const batches = batcher.take(now);
          for (const batch of batches) {
            expect(batch.entries.length).toBeLessThanOrEqual(3);
            expect(new Set(batch.entries.map(({ partition }) => partition)).size).toBe(1);
            const bytes = batch.entries.reduce((sum, each) => sum + each.bytes, 0);
            expect(batch.entries.length === 1 || bytes <= 100).toBe(true);
            const again = batch.entries.filter(({ id }) => entries[id]!.retry && !retried.has(id));
            const firstAgain = new Map(again.map(({ id, lane }) => [lane, id] as const).reverse());
            for (const each of batch.entries) {
              // As the runner does: an entry fails, and those behind it in its lane with it.
              const failedAhead = each.lane !== undefined ? firstAgain.get(each.lane) : undefined;
              const fails = again.includes(each) || (failedAhead !== undefined && failedAhead < each.id);
              if (fails) {
                retried.add(each.id);
                batcher.add(each, now, now + 25);
                continue;
              }
              const lane = each.lane ?? `alone ${each.id}`;
              overtaken ||= each.id <= (lastOfLane.get(lane) ?? -1);
              lastOfLane.set(lane, each.id);
              sent.push(each.id);
            }
            batcher.settle(batch);
          }
        };
        entries.forEach(({ bytes, lane, partition, gap }, id) => {
          now += gap;
          batcher.add(
            { id, bytes, ...(lane !== undefined && { lane }), ...(partition !== undefined && { partition }) },
            now,
          );
          work();
        });
        for (let round = 0; round < 500 && batcher.size > 0; round += 1) {
          const due = batcher.dueAt();
          expect(due).toBeDefined();
          now = Math.max(now, due!);
          work();
        }
        expect(overtaken).toBe(false);
        expect([...sent].sort((a, b) => a - b)).toEqual(entries.map((_, id) => id));
      }),
    );
  });
});
