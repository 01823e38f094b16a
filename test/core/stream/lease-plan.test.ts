import fc from 'fast-check';
import {
  observeWorkers,
  planLeases,
  runnableLeases,
  type LeasePlan,
  type LeaseView,
  type Observations,
  type WorkerView,
} from '../../../lib/core/stream/lease-plan.js';

const FAILOVER_MS = 10_000;

function lease(shardId: string, more: Partial<LeaseView> = {}): LeaseView {
  return { shardId, epoch: 1, parents: [], hasEnded: false, hasBegun: false, ...more };
}

const worker = (workerId: string, beat = 1, isDraining = false): WorkerView => ({
  workerId,
  beat,
  isDraining,
});

function plan(given: {
  readonly me: string;
  readonly leases: readonly LeaseView[];
  readonly workers?: readonly WorkerView[];
  readonly observations?: Observations;
  readonly now?: number;
  readonly held?: readonly string[];
}): LeasePlan {
  const { me, leases, workers = [], now = 0 } = given;
  const observations = given.observations ?? observeWorkers(new Map(), { workers, leases }, now);
  const mine = leases.filter(({ owner }) => owner === me).map(({ shardId }) => shardId);
  return planLeases({
    me,
    leases,
    workers,
    observations,
    now,
    failoverMs: FAILOVER_MS,
    held: new Set(given.held ?? mine),
    affinity: (workerId, shardId) => Number.parseInt(workerId + shardId, 36) % 1_000,
  });
}

const ids = (leases: readonly LeaseView[]): string[] => leases.map(({ shardId }) => shardId).sort();

describe('planLeases', () => {
  it('takes every free lease when alone', () => {
    expect(ids(plan({ me: 'a', leases: [lease('1'), lease('2')] }).take)).toEqual(['1', '2']);
  });

  it('takes the leases of an owner whose heartbeat stood still for the failover time, and no sooner', () => {
    const leases = [lease('1', { owner: 'dead' })];
    const workers = [worker('dead', 7)];
    const observations = observeWorkers(new Map(), { workers, leases }, 0);
    const at = (now: number): LeasePlan => plan({ me: 'a', leases, workers, observations, now });
    expect(at(FAILOVER_MS - 1).take).toEqual([]);
    expect(ids(at(FAILOVER_MS).take)).toEqual(['1']);
  });

  it('starts to count anew when the heartbeat moved', () => {
    const leases = [lease('1', { owner: 'slow' })];
    const first = observeWorkers(new Map(), { workers: [worker('slow', 7)], leases }, 0);
    const second = observeWorkers(first, { workers: [worker('slow', 8)], leases }, 9_000);
    const workers = [worker('slow', 8)];
    expect(plan({ me: 'a', leases, workers, observations: second, now: FAILOVER_MS }).take).toEqual([]);
  });

  it('takes the leases of an owner without a heartbeat item after the failover time', () => {
    const leases = [lease('1', { owner: 'ghost' })];
    const observations = observeWorkers(new Map(), { workers: [], leases }, 0);
    expect(plan({ me: 'a', leases, observations, now: 1 }).take).toEqual([]);
    expect(ids(plan({ me: 'a', leases, observations, now: FAILOVER_MS }).take)).toEqual(['1']);
  });

  it('takes back its own lease that it does not hold, also where others have less', () => {
    const leases = [lease('1', { owner: 'b' }), lease('2', { owner: 'b' })];
    const workers = [worker('a'), worker('b')];
    expect(ids(plan({ me: 'b', leases, workers, held: ['1'] }).take)).toEqual(['2']);
    expect(plan({ me: 'a', leases, workers }).take).toEqual([]);
  });

  it('leaves a child until all of its parents have ended', () => {
    const child = lease('c', { parents: ['p', 'q'] });
    const [p, q] = [lease('p'), lease('q', { hasEnded: true })];
    expect(ids(runnableLeases([p, q, child]))).toEqual(['p']);
    expect(ids(runnableLeases([{ ...p, hasEnded: true }, q, child]))).toEqual(['c']);
    expect(ids(runnableLeases([p, q, { ...child, hasBegun: true }]))).toEqual(['c', 'p']);
  });

  it('hands back one lease at a time from the fullest worker to the emptiest', () => {
    const leases = ['1', '2', '3', '4'].map((shardId) => lease(shardId, { owner: 'a' }));
    const workers = [worker('a'), worker('b')];
    expect(plan({ me: 'a', leases, workers }).shed).toEqual(['1', '2']);
    expect(plan({ me: 'b', leases, workers })).toMatchObject({ take: [], shed: [] });
  });

  it('keeps what it has when the others have one fewer', () => {
    const leases = [lease('1', { owner: 'a' }), lease('2', { owner: 'a' }), lease('3', { owner: 'b' })];
    expect(plan({ me: 'a', leases, workers: [worker('a'), worker('b')] }).shed).toEqual([]);
  });

  it('gives no lease to a worker that is draining', () => {
    const leases = [lease('1'), lease('2')];
    const workers = [worker('a'), worker('b', 1, true)];
    expect(ids(plan({ me: 'a', leases, workers }).take)).toEqual(['1', '2']);
  });

  it('buries a worker that owns nothing long after its last heartbeat', () => {
    const workers = [worker('dead', 3)];
    const observations = observeWorkers(new Map(), { workers, leases: [] }, 0);
    const at = (now: number): LeasePlan => plan({ me: 'a', leases: [], workers, observations, now });
    expect(at(FAILOVER_MS * 9).bury).toEqual([]);
    expect(at(FAILOVER_MS * 10).bury).toEqual(workers);
  });

  it('shares any leases among any workers within one of each other, each lease once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.integer({ min: -1, max: 7 }), { maxLength: 30 }),
        (workerCount, owners) => {
          const names = Array.from({ length: workerCount }, (_, n) => `w${n}`);
          const workers = names.map((name) => worker(name));
          let leases = owners.map((owner, n) => {
            const name = names[owner];
            return name === undefined ? lease(`s${n}`) : lease(`s${n}`, { owner: name });
          });
          for (let round = 0; round < 40; round += 1) {
            const plans = names.map((me) => ({ me, ...plan({ me, leases, workers }) }));
            const taken = plans.flatMap(({ take }) => take.map(({ shardId }) => shardId));
            expect(new Set(taken).size).toBe(taken.length);
            leases = leases.map((view) => {
              const taker = plans.find(({ take }) => take.some(({ shardId }) => shardId === view.shardId));
              if (taker !== undefined) return { ...view, owner: taker.me };
              const isShed = plans.some(({ me, shed }) => view.owner === me && shed.includes(view.shardId));
              const { owner: _owner, ...free } = view;
              return isShed ? free : view;
            });
          }
          const loads = names.map((name) => leases.filter(({ owner }) => owner === name).length);
          expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
          expect(leases.filter(({ owner }) => owner === undefined)).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});
