import fc from 'fast-check';
import { compareCheckpoints, type Checkpoint } from '../../../lib/core/stream/position.js';
import type { LeaseStore } from '../../../lib/runtime/stores/lease-store.js';
import type { Fault } from './support/engine-api.js';
import { byOrigin, createFleet, type Fleet, type FlightData, type Worker } from './support/fleet.js';

/** Chance that can be repeated: a linear congruential generator (Numerical Recipes). */
function createChance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Fails calls of the store before or after they did their work, as a network does. */
function createFaultyStore(store: LeaseStore, chance: () => number, rate: () => number): LeaseStore {
  return new Proxy(store, {
    get(target, name, receiver): unknown {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        const roll = chance();
        const failure = Object.assign(new Error('reset'), { name: 'TimeoutError' });
        if (roll < rate() / 2) throw failure;
        const answer: unknown = await (member as (...args: unknown[]) => unknown).apply(target, args);
        if (roll < rate()) throw failure;
        return answer;
      };
    },
  });
}

/** Looks at the store after every step: no checkpoint may ever go back. */
async function watch(fleet: Fleet, seen: Map<string, Checkpoint>, backwards: string[]): Promise<void> {
  for (const { shardId, checkpoint } of (await fleet.store.load().catch(() => ({ leases: [] }))).leases) {
    const before = seen.get(shardId);
    if (before !== undefined && compareCheckpoints(before, checkpoint) > 0) backwards.push(shardId);
    seen.set(shardId, checkpoint);
  }
}

async function simulate(seed: number): Promise<{
  readonly produced: readonly FlightData[];
  readonly fleet: Fleet;
  readonly backwards: readonly string[];
}> {
  const chance = createChance(seed);
  let isFaulty = false;
  const rate = (): number => (isFaulty ? 0.05 : 0);
  const faultOf = (): Fault => {
    const roll = chance();
    if (roll >= rate()) return 'none';
    return roll < rate() / 2 ? 'before' : 'after';
  };
  const fleet = createFleet({
    shards: 1 + Math.floor(chance() * 3),
    faultOf,
    wrapStore: (store) => createFaultyStore(store, chance, rate),
  });
  const timing = {
    failoverMs: 3_000,
    leasePollMs: 200,
    idlePollMs: 200,
    retryMaxMs: 500,
    shardSyncMs: 2_000,
  };
  const workers: Worker[] = [fleet.startWorker(timing), fleet.startWorker(timing)];
  const producer = fleet.createProducer({ lingerMs: 5, ttlMs: 600_000 });
  const seen = new Map<string, Checkpoint>();
  const backwards: string[] = [];
  await fleet.clock.advance(500);
  isFaulty = true;
  const produced: FlightData[] = [];
  let written = 0;
  for (let n = 0; n < 300; n += 1) {
    const flight = { origin: `A${Math.floor(chance() * 9)}`, n };
    produced.push(flight);
    void producer.put(flight).then(() => (written += 1));
    const event = chance();
    if (event < 0.01) {
      workers.splice(Math.floor(chance() * workers.length), 1)[0]?.kill();
      workers.push(fleet.startWorker(timing));
    } else if (event < 0.02) {
      void workers.shift()?.reader.stop();
      workers.push(fleet.startWorker(timing));
    } else if (event < 0.035)
      void fleet.stream.split(Math.floor(chance() * fleet.stream.openShards().length)).catch(() => undefined);
    else if (event < 0.05 && fleet.stream.openShards().length > 1) {
      void fleet.stream
        .merge(Math.floor(chance() * (fleet.stream.openShards().length - 1)))
        .catch(() => undefined);
    }
    await fleet.clock.advance(chance() * 60);
    await watch(fleet, seen, backwards);
  }
  isFaulty = false;
  const replacement = fleet.startWorker(timing); // a worker whose start failed is gone: somebody must be there
  await fleet.until(
    () => written === produced.length && new Set(fleet.effects.map(({ n }) => n)).size >= produced.length,
    300_000,
  );
  const stopping = Promise.all([...workers, replacement].map(({ reader }) => reader.stop()));
  await fleet.clock.advance(40_000);
  await stopping;
  const stoppingProducer = producer.stop();
  await fleet.clock.advance(1_000);
  await stoppingProducer;
  await watch(fleet, seen, backwards);
  return { produced, fleet, backwards };
}

describe('a fleet amid faults of every call, kills, restarts, splits and merges', () => {
  it('writes the effect of every position once, in the order of each key, and never moves a checkpoint back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 }), async (seed) => {
        const { produced, fleet, backwards } = await simulate(seed);
        const firsts = fleet.effects.filter(
          ({ n }, index) => fleet.effects.findIndex((other) => other.n === n) === index,
        );
        expect(byOrigin(firsts)).toEqual(byOrigin(produced));
        expect(backwards).toEqual([]);
        const positions = fleet.effects.map(({ at }) => at);
        expect(new Set(positions).size).toBe(positions.length);
      }),
      { numRuns: 8 },
    );
  }, 120_000);
});
