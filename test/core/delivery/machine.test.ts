import fc from 'fast-check';
import type { HandlingOutcome } from '../../../lib/core/delivery/delivery.js';
import type { HandlerSign } from '../../../lib/core/delivery/handler-sign.js';
import { QueueMachine } from '../../../lib/core/delivery/machine.js';
import type { Effect, MachineEvent, MachineRules } from '../../../lib/core/delivery/machine-types.js';

const RULES: MachineRules = {
  concurrency: { min: 2, max: 2 },
  breaker: undefined,
  prefetch: { messages: 20, bytes: 8_388_608, perGroup: 10 },
  fifo: false,
  visibilityTimeoutSeconds: 30,
  handlerTimeoutMs: 60_000,
  abortGraceMs: 3_000,
  drainMs: 10_000,
};

function setup(over: Partial<MachineRules> = {}) {
  const machine = new QueueMachine({ ...RULES, ...over });
  let key = 0;
  const at = (now: number, event: MachineEvent): readonly Effect[] => machine.apply(event, now);
  return {
    machine,
    at,
    start: () => at(0, { kind: 'start' }),
    /** Answers a receive with messages of the given groups. */
    receive: (now: number, groups: readonly (string | undefined)[], receive = 1) =>
      at(now, {
        kind: 'received',
        receive,
        requestedAt: now,
        messages: groups.map((group) => ({ key: (key += 1), ...(group !== undefined && { group }) })),
      }),
    settle: (now: number, settled: number, outcome: HandlingOutcome) =>
      at(now, { kind: 'settled', key: settled, outcome, sign: signOf(outcome) }),
  };
}

const of = <Kind extends Effect['kind']>(effects: readonly Effect[], kind: Kind) =>
  effects.filter((effect): effect is Extract<Effect, { kind: Kind }> => effect.kind === kind);
const done: HandlingOutcome = { kind: 'done' };
const signOf = ({ kind }: HandlingOutcome): HandlerSign =>
  kind === 'done' ? 'succeeded' : kind === 'retry' ? 'failed' : 'silent';

describe('the queue machine', () => {
  it('does nothing before it is started, and stops in silence', () => {
    const { machine, at } = setup();
    expect(at(0, { kind: 'tick' })).toEqual([]);
    expect(at(1, { kind: 'stop' })).toEqual([{ kind: 'handlers-ended' }, { kind: 'quiet' }]);
    expect(machine.nextWake()).toBeUndefined();
  });

  it('goes on with a FIFO group whose head came too late to be started', () => {
    const { machine, start, receive, at } = setup({ fifo: true });
    start();
    const late = at(40_000, {
      kind: 'received',
      receive: 1,
      requestedAt: 0,
      messages: [
        { key: 101, group: 'a' },
        { key: 102, group: 'a' },
      ],
    });
    expect(of(late, 'lost').map(({ key }) => key)).toEqual([101]);
    at(40_001, { kind: 'finished', key: 102 });
    const again = receive(41_000, ['a'], 2);
    expect(of(again, 'start')).toHaveLength(1);
    expect(machine.counts()).toMatchObject({ handling: 1, buffered: 0 });
  });

  it('waits after a failed poll, then polls again', () => {
    const { machine, start, at } = setup();
    start();
    expect(of(at(5, { kind: 'receive-failed', receive: 1, retryAt: 500 }), 'receive')).toEqual([]);
    expect(machine.nextWake()).toBe(500);
    expect(of(at(500, { kind: 'tick' }), 'receive')).toHaveLength(1);
  });

  it('wakes once at most for a message that has gone meanwhile', () => {
    const { machine, start, receive, settle, at } = setup();
    start();
    receive(0, [undefined]);
    receive(5_000, [undefined], 2);
    const first = machine.nextWake() ?? 0;
    settle(6_000, 1, done);
    at(6_100, { kind: 'finished', key: 1 });
    expect(machine.nextWake()).toBe(first);
    expect(of(at(first, { kind: 'tick' }), 'renew')).toEqual([]);
    expect(machine.nextWake()).toBe(first + 5_000);
    expect(of(at(first + 5_000, { kind: 'tick' }), 'renew')).toHaveLength(1);
    settle(first + 5_001, 2, done);
    at(first + 5_002, { kind: 'finished', key: 2 });
    expect(machine.nextWake()).toBeUndefined();
  });

  it('renews a buffered message like one in a slot', () => {
    const { start, receive, at } = setup({ concurrency: { min: 1, max: 1 } });
    start();
    receive(0, [undefined, undefined]);
    const [renew] = of(at(22_000, { kind: 'tick' }), 'renew');
    expect(renew?.renewals).toEqual([
      { key: 1, seconds: 30 },
      { key: 2, seconds: 30 },
    ]);
  });

  it('trap 5: gives a backoff only after a renewal under way has ended', () => {
    const { start, receive, at, settle } = setup();
    start();
    receive(0, [undefined]);
    at(22_000, { kind: 'tick' });
    expect(of(settle(22_100, 1, { kind: 'retry', afterSeconds: 7 }), 'release')).toEqual([]);
    const renewed = at(22_200, { kind: 'renewed', key: 1, requestedAt: 22_000, seconds: 30 });
    expect(of(renewed, 'release')).toEqual([{ kind: 'release', keys: [1], afterSeconds: 7 }]);
  });

  it('trap 10: never deletes after a refused handle, though its handler succeeds', () => {
    const { start, receive, at, settle } = setup();
    start();
    receive(0, [undefined]);
    const refused = at(10, { kind: 'refused', key: 1, cause: 'handle-refused' });
    expect(refused).toEqual(
      expect.arrayContaining([
        { kind: 'lost', key: 1, cause: 'handle-refused' },
        { kind: 'abort', key: 1, cause: 'lost' },
      ]),
    );
    expect(of(settle(20, 1, done), 'delete')).toEqual([]);
  });

  it('keeps the slot of a lost message until its handler ends, or its grace is over', () => {
    const { machine, start, receive, at } = setup({ concurrency: { min: 1, max: 1 } });
    start();
    receive(0, [undefined]);
    at(10, { kind: 'refused', key: 1, cause: 'handle-refused' });
    expect(machine.counts().handling).toBe(1);
    expect(of(at(3_010, { kind: 'tick' }), 'abandoned')).toEqual([{ kind: 'abandoned', key: 1 }]);
    expect(machine.counts().handling).toBe(0);
  });

  it('receives for the slots that a FIFO group leaves free, however many of its messages wait', () => {
    const { machine, start, receive, at, settle } = setup({ fifo: true, concurrency: { min: 10, max: 10 } });
    start();
    const first = receive(0, Array<string>(10).fill('a'));
    expect(of(first, 'receive')).toEqual([{ kind: 'receive', receive: 2, maxMessages: 9 }]);
    const second = receive(100, Array<string>(9).fill('b'), 2);
    expect(of(second, 'start')).toHaveLength(1);
    expect(of(second, 'receive')).toEqual([{ kind: 'receive', receive: 3, maxMessages: 8 }]);
    at(20_000, { kind: 'received', receive: 3, requestedAt: 100, messages: [] });
    settle(20_500, 1, done);
    expect(machine.counts()).toMatchObject({ handling: 2, receivesOut: 1 });
  });

  it('does not start the next of a group while a lost handler still runs', () => {
    const { start, receive, at, settle } = setup({ fifo: true });
    start();
    receive(0, ['g']);
    at(10, { kind: 'refused', key: 1, cause: 'handle-refused' });
    expect(of(receive(20, ['g'], 2), 'start')).toEqual([]);
    expect(of(settle(30, 1, done), 'start')).toEqual([{ kind: 'start', key: 2 }]);
  });

  it('releases what waited for a renewal whose handle was refused', () => {
    const { start, receive, at, settle } = setup();
    start();
    receive(0, [undefined]);
    at(22_000, { kind: 'tick' });
    settle(22_100, 1, { kind: 'retry', afterSeconds: 7 });
    const refused = at(22_200, { kind: 'refused', key: 1, cause: 'handle-refused' });
    expect(of(refused, 'release')).toHaveLength(1);
  });

  it('trap 4: says that twelve hours are over', () => {
    const { machine, start, receive, at } = setup({ handlerTimeoutMs: 50_000_000 });
    start();
    receive(0, [undefined]);
    const causes: string[] = [];
    for (let now = machine.nextWake(), step = 0; now !== undefined && step < 6_000; step += 1) {
      for (const effect of at(now, { kind: 'tick' })) {
        if (effect.kind === 'renew')
          for (const { key, seconds } of effect.renewals)
            at(now, { kind: 'renewed', key, requestedAt: now, seconds });
        if (effect.kind === 'lost') causes.push(`${effect.cause} at ${Math.round(now / 60_000)} min`);
      }
      now = causes.length > 0 ? undefined : machine.nextWake();
    }
    expect(causes).toEqual(['held-too-long at 720 min']);
  });

  it('trap 4: gives a group back with the longest wait that SQS takes for all of it', () => {
    const { start, receive, settle } = setup({ fifo: true, handlerTimeoutMs: 50_000_000 });
    start();
    receive(0, ['g', 'g']);
    const halfADay: HandlingOutcome = { kind: 'retry', afterSeconds: 43_200 };
    expect(of(settle(20_000, 1, halfADay), 'release')).toEqual([
      { kind: 'release', keys: [1, 2], afterSeconds: 43_120 },
    ]);
  });

  it('trap 14: holds a FIFO group while its poison is on the way to the dead-letter queue', () => {
    const { start, receive, at, settle } = setup({ fifo: true });
    start();
    receive(0, ['g', 'g']);
    const poisoned = settle(5, 1, { kind: 'poison' });
    expect(of(poisoned, 'dead-letter')).toHaveLength(1);
    expect(of(poisoned, 'start')).toEqual([]);
    expect(of(at(9, { kind: 'dead-lettered', key: 1 }), 'start')).toEqual([{ kind: 'start', key: 2 }]);
  });

  it('gives the followers of a lost FIFO message back without running them', () => {
    const { start, receive, at } = setup({ fifo: true });
    start();
    receive(0, ['g', 'g', 'g']);
    const lost = at(10, { kind: 'refused', key: 1, cause: 'fence-lost' });
    expect(of(lost, 'release')).toEqual([{ kind: 'release', keys: [2, 3], afterSeconds: 0 }]);
    expect(of(lost, 'start')).toEqual([]);
  });
});

describe('a delete that fails', () => {
  const undeleted = () => {
    const made = setup();
    made.start();
    made.receive(0, [undefined]);
    made.settle(10, 1, done);
    made.at(20, { kind: 'delete-failed', key: 1, retryAt: 500 });
    return made;
  };

  it('is tried again when its time has come, and not before', () => {
    const { machine, at } = undeleted();
    expect(machine.nextWake()).toBe(500);
    expect(of(at(499, { kind: 'tick' }), 'delete')).toEqual([]);
    expect(of(at(500, { kind: 'tick' }), 'delete')).toEqual([{ kind: 'delete', key: 1 }]);
    expect(of(at(501, { kind: 'finished', key: 1 }), 'gone')).toHaveLength(1);
  });

  it('keeps its message invisible meanwhile', () => {
    const { at } = undeleted();
    at(500, { kind: 'tick' });
    expect(of(at(21_000, { kind: 'tick' }), 'renew')).toEqual([
      { kind: 'renew', renewals: [{ key: 1, seconds: 30 }] },
    ]);
  });

  it('is not renewed ahead of time with others: it is hardly ever still there', () => {
    const { at, start, receive, settle } = setup();
    start();
    receive(0, [undefined]);
    receive(1_000, [undefined], 2);
    settle(20_500, 2, done);
    expect(of(at(21_000, { kind: 'tick' }), 'renew')).toEqual([
      { kind: 'renew', renewals: [{ key: 1, seconds: 30 }] },
    ]);
  });

  it('takes no harm from a renewal that finds the message gone already', () => {
    const { at } = undeleted();
    at(500, { kind: 'tick' });
    at(21_000, { kind: 'tick' });
    expect(at(21_010, { kind: 'refused', key: 1, cause: 'handle-refused' })).toEqual([]);
    expect(of(at(21_020, { kind: 'finished', key: 1 }), 'gone')).toHaveLength(1);
  });

  it('is given up when the claim is over', () => {
    const { at } = undeleted();
    at(500, { kind: 'tick' });
    expect(of(at(28_500, { kind: 'tick' }), 'lost')).toEqual([{ kind: 'lost', key: 1, cause: 'expired' }]);
  });

  it('is given up after a stop with the last handlers, not before', () => {
    const { machine, at } = undeleted();
    at(1_000, { kind: 'stop' });
    expect(of(at(13_999, { kind: 'tick' }), 'lost')).toEqual([]);
    at(13_999, { kind: 'delete-failed', key: 1, retryAt: 20_000 });
    expect(machine.nextWake()).toBe(14_000);
    const end = at(14_000, { kind: 'tick' });
    expect(of(end, 'lost')).toEqual([{ kind: 'lost', key: 1, cause: 'not-deleted' }]);
    expect(of(end, 'gone')).toEqual([{ kind: 'gone', key: 1 }]);
  });
});

describe('the queue machine in an outage', () => {
  const breaker = {
    failureShare: 0.5,
    windowMs: 60_000,
    leastOutcomes: 2,
    pauseMs: 5_000,
    longestPauseMs: 20_000,
    triesInHand: 30,
  };
  const failed: HandlingOutcome = { kind: 'retry', afterSeconds: 1 };

  /** Two slots, both failed: receiving has stopped. */
  function down(receivesLeft = 4) {
    const bundle = setup({ breaker, prefetch: { ...RULES.prefetch, messages: 0 } });
    bundle.start();
    const messages = [1, 2, 3].map((key) => ({ key, receivesLeft }));
    bundle.at(0, { kind: 'received', receive: 1, requestedAt: 0, messages });
    const effects = [...bundle.settle(10, 1, failed), ...bundle.settle(20, 2, failed)];
    return { ...bundle, effects };
  }

  it('stops receiving and starting, and gives back what waits and can be spared', () => {
    const { effects, machine } = down();
    expect(of(effects, 'breaker').map(({ state }) => state.kind)).toEqual(['open']);
    expect(of(effects, 'release').map(({ keys }) => keys)).toEqual([[1], [2]]);
    expect(of(effects, 'start')).toEqual([{ kind: 'start', key: 3 }]); // before the second failed
    expect(machine.counts()).toMatchObject({ buffered: 0, receivesOut: 0 });
  });

  it('tries one message after the pause, and no more while its handler runs', () => {
    const { at, settle } = down();
    settle(30, 3, failed);
    const probing = at(5_020, { kind: 'tick' });
    expect(of(probing, 'receive')).toEqual([{ kind: 'receive', receive: 2, maxMessages: 1 }]);
    const started = at(5_030, { kind: 'received', receive: 2, requestedAt: 5_020, messages: [{ key: 9 }] });
    expect([of(started, 'start').length, of(started, 'receive').length]).toEqual([1, 0]);
    const closed = settle(5_040, 9, done);
    expect(of(closed, 'breaker').map(({ state }) => state.kind)).toEqual(['closed']);
    expect(of(closed, 'receive')).toHaveLength(1);
  });

  it('keeps in hand what has no receive to spare, and handles it from there', () => {
    const { effects, at, settle, machine } = down(1);
    expect(of(effects, 'parked').map(({ key }) => key)).toEqual([2]); // the first failed while all was well
    expect(of(settle(30, 3, failed), 'parked')).toHaveLength(1);
    expect(machine.counts().parked).toBe(2);
    expect(of(at(5_020, { kind: 'tick' }), 'start')).toEqual([{ kind: 'start', key: 2 }]);
    const resumed = settle(5_030, 2, done);
    expect(of(resumed, 'start')).toEqual([{ kind: 'start', key: 3 }]);
    expect(machine.counts()).toMatchObject({ parked: 0, handling: 1 });
  });

  it('does not try a parked message again before its time, though nothing else is there to try', () => {
    const { at, settle, machine } = down(0);
    settle(30, 3, failed);
    at(5_020, { kind: 'tick' });
    // A twin of it is handled elsewhere for a second: that says nothing about the outage.
    const waiting = at(5_030, { kind: 'settled', key: 2, outcome: failed, sign: 'silent' });
    expect(of(waiting, 'parked')).toEqual([{ kind: 'parked', key: 2 }]);
    expect(of(waiting, 'start')).toEqual([{ kind: 'start', key: 3 }]);
    const both = at(5_040, { kind: 'settled', key: 3, outcome: failed, sign: 'silent' });
    expect(of(both, 'start')).toEqual([]);
    expect(machine.nextWake()).toBe(6_030);
    expect(of(at(6_030, { kind: 'tick' }), 'start')).toEqual([{ kind: 'start', key: 2 }]);
    expect(of(at(6_040, { kind: 'tick' }), 'start')).toEqual([]);
    expect(machine.nextWake()).toBeGreaterThan(6_040);
  });

  it('receives one to try while what is in hand may not be tried yet, however long that takes', () => {
    const { at, settle } = down(0);
    settle(30, 3, failed);
    at(5_020, { kind: 'tick' });
    const anHour: HandlingOutcome = { kind: 'retry', afterSeconds: 3_600 };
    at(5_030, { kind: 'settled', key: 2, outcome: anHour, sign: 'silent' });
    const both = at(5_040, { kind: 'settled', key: 3, outcome: anHour, sign: 'silent' });
    expect(of(both, 'receive')).toEqual([{ kind: 'receive', receive: 2, maxMessages: 1 }]);
  });

  it('receives one of another group to try while those in hand wait behind one that may not be tried yet', () => {
    const { start, at, settle } = setup({
      breaker,
      fifo: true,
      prefetch: { ...RULES.prefetch, messages: 0 },
    });
    start();
    const groups = ['a', 'b', 'b'].map((group, index) => ({ key: index + 1, group, receivesLeft: 0 }));
    at(0, { kind: 'received', receive: 1, requestedAt: 0, messages: groups });
    settle(10, 1, failed);
    const anHour: HandlingOutcome = { kind: 'retry', afterSeconds: 3_600 };
    at(15, { kind: 'settled', key: 2, outcome: anHour, sign: 'silent' });
    at(20, { kind: 'received', receive: 2, requestedAt: 15, messages: [{ key: 4, group: 'c' }] });
    expect(of(settle(25, 4, failed), 'breaker').map(({ state }) => state.kind)).toEqual(['open']);
    at(30, { kind: 'received', receive: 3, requestedAt: 20, messages: [] });
    const probing = at(5_025, { kind: 'tick' });
    expect(of(probing, 'receive').map(({ maxMessages }) => maxMessages)).toEqual([1]);
  });

  it('gives parked messages back when it stops', () => {
    const { at, settle } = down(1);
    settle(30, 3, failed);
    expect(of(at(40, { kind: 'stop' }), 'release')).toEqual([
      { kind: 'release', keys: [2, 3], afterSeconds: 0 },
    ]);
  });
});

describe('the queue machine and last receives', () => {
  const failed: HandlingOutcome = { kind: 'retry', afterSeconds: 2 };
  const arrive = (bundle: ReturnType<typeof setup>, ...receivesLeft: readonly number[]) => {
    bundle.start();
    const messages = receivesLeft.map((left, index) => ({ key: index + 1, group: 'g', receivesLeft: left }));
    bundle.at(0, { kind: 'received', receive: 1, requestedAt: 0, messages });
  };

  it('tries the first of a group again in hand while a follower is at its last receive', () => {
    const bundle = setup({ fifo: true });
    arrive(bundle, 1, 0);
    expect(of(bundle.settle(10, 1, failed), 'release')).toEqual([]);
    expect(of(bundle.at(2_009, { kind: 'tick' }), 'start')).toEqual([]);
    expect(of(bundle.at(2_010, { kind: 'tick' }), 'start')).toEqual([{ kind: 'start', key: 1 }]);
    expect(of(bundle.settle(2_020, 1, failed), 'dead-letter')).toEqual([{ kind: 'dead-letter', key: 1 }]);
    expect(of(bundle.at(2_030, { kind: 'dead-lettered', key: 1 }), 'start')).toEqual([
      { kind: 'start', key: 2 },
    ]);
  });

  it('keeps a copy that waits for its twin instead of giving back its last receive', () => {
    const bundle = setup();
    arrive(bundle, 0);
    const waits = bundle.at(10, { kind: 'settled', key: 1, outcome: failed, sign: 'silent' });
    expect([of(waits, 'parked').length, of(waits, 'release').length]).toEqual([1, 0]);
    expect(of(bundle.at(2_010, { kind: 'tick' }), 'start')).toEqual([{ kind: 'start', key: 1 }]);
  });

  it('gives poison back that the dead-letter queue does not take at its last receive: SQS moves it there', () => {
    const bundle = setup({ fifo: true });
    arrive(bundle, 0, 1);
    bundle.settle(10, 1, { kind: 'poison' });
    const refused = bundle.at(20, { kind: 'dead-letter-failed', key: 1, afterSeconds: 5 });
    expect(of(refused, 'release')).toEqual([{ kind: 'release', keys: [1, 2], afterSeconds: 5 }]);
    expect(of(refused, 'parked')).toEqual([]);
  });

  it('keeps poison that the dead-letter queue does not take while a follower is at its last receive', () => {
    const bundle = setup({ fifo: true });
    arrive(bundle, 0, 0);
    bundle.settle(10, 1, { kind: 'poison' });
    const refused = bundle.at(20, { kind: 'dead-letter-failed', key: 1, afterSeconds: 5 });
    expect(of(refused, 'parked')).toEqual([{ kind: 'parked', key: 1 }]);
  });

  it('goes on with a group whose next message expired before it could start', () => {
    const bundle = setup({ fifo: true, concurrency: { min: 1, max: 1 } });
    bundle.start();
    bundle.receive(0, ['a', 'b']);
    // The event loop was blocked: the end of the handler comes first, the timer that would have said so later.
    expect(of(bundle.settle(40_000, 1, done), 'lost').map(({ key }) => key)).toEqual([1, 2]);
    expect(of(bundle.receive(41_000, ['b'], 2), 'start')).toEqual([{ kind: 'start', key: 3 }]);
  });
});

/** Walks the machine through a random history, with a world that answers (or fails) everything it asks for. */
function walk(seed: number, fifo: boolean): string[] {
  const violations: string[] = [];
  const machine = new QueueMachine({ ...RULES, fifo, concurrency: { min: 3, max: 3 } });
  let state = seed;
  const roll = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % 1_000;
  };
  let now = 0;
  let key = 0;
  let hasStopped = false;
  const rest = { isQuiet: false };
  const todo: Effect[] = [];
  const running = new Set<number>();
  const visibleAt = new Map<number, number>();
  const finished = new Set<number>();
  const groupOf = new Map<number, string>();
  const startedOfGroup = new Map<string, number>();

  const check = (isRight: boolean, words: string): void => {
    if (!isRight) violations.push(words);
  };
  const apply = (event: MachineEvent): void => {
    for (const effect of machine.apply(event, now)) note(effect);
  };
  const note = (effect: Effect): void => {
    todo.push(effect);
    switch (effect.kind) {
      case 'start': {
        const group = groupOf.get(effect.key) ?? '';
        check(!running.has(effect.key), `started twice: ${effect.key}`);
        check(machine.isHeld(effect.key, now), `started without right: ${effect.key}`);
        if (fifo) {
          check(![...running].some((other) => groupOf.get(other) === group), `two of group ${group}`);
          check((startedOfGroup.get(group) ?? 0) < effect.key, `group ${group} out of order`);
          startedOfGroup.set(group, effect.key);
        }
        running.add(effect.key);
        check(running.size <= 3, 'more handlers than slots');
        return;
      }
      case 'abandoned':
        running.delete(effect.key); // a zombie; its message stays invisible, and so does its group
        return;
      case 'delete':
      case 'dead-letter':
        check(now < (visibleAt.get(effect.key) ?? 0), `${effect.kind} without right: ${effect.key}`);
        check(!finished.has(effect.key), `${effect.kind} after its end: ${effect.key}`);
        return;
      case 'gone':
        check(!finished.has(effect.key), `gone twice: ${effect.key}`);
        finished.add(effect.key);
        return;
      case 'quiet':
        rest.isQuiet = true;
        return;
      default:
        return;
    }
  };

  const perform = (effect: Effect): void => {
    const luck = roll();
    switch (effect.kind) {
      case 'receive': {
        if (luck < 100) {
          apply({ kind: 'receive-failed', receive: effect.receive, retryAt: now + luck });
          return;
        }
        const messages = Array.from({ length: luck % (effect.maxMessages + 1) }, () => {
          const group = `g${roll() % 3}`;
          groupOf.set((key += 1), group);
          visibleAt.set(key, now + 30_000);
          return { key, group };
        });
        apply({ kind: 'received', receive: effect.receive, requestedAt: now, messages });
        return;
      }
      case 'start': {
        if (luck < 150) return void todo.push(effect); // it takes its time
        running.delete(effect.key);
        const outcomes: HandlingOutcome[] = [
          done,
          done,
          { kind: 'retry', afterSeconds: 3 },
          { kind: 'poison' },
          { kind: 'lost' },
        ];
        const outcome = outcomes[luck % 5] ?? done;
        apply({ kind: 'settled', key: effect.key, outcome, sign: signOf(outcome) });
        return;
      }
      case 'renew': {
        effect.renewals.forEach(({ key: renewed, seconds }) => {
          if (luck < 200) {
            apply({ kind: 'renewal-failed', key: renewed });
            return;
          }
          if (luck < 260) {
            apply({ kind: 'refused', key: renewed, cause: 'handle-refused' });
            return;
          }
          visibleAt.set(renewed, now + seconds * 1_000);
          apply({ kind: 'renewed', key: renewed, requestedAt: now, seconds });
        });
        return;
      }
      case 'dead-letter': {
        apply(
          luck < 200
            ? { kind: 'dead-letter-failed', key: effect.key, afterSeconds: 2 }
            : { kind: 'dead-lettered', key: effect.key },
        );
        return;
      }
      case 'delete': {
        apply(
          luck < 60
            ? { kind: 'delete-refused', key: effect.key, cause: 'handle-refused' }
            : luck < 250
              ? { kind: 'delete-failed', key: effect.key, retryAt: now + 20 * luck }
              : { kind: 'finished', key: effect.key },
        );
        return;
      }
      case 'release': {
        effect.keys.forEach((released) => apply({ kind: 'finished', key: released }));
        return;
      }
      default:
        return;
    }
  };

  apply({ kind: 'start' });
  for (let step = 0; step < 4_000 && !rest.isQuiet; step += 1) {
    if (step > 150 && !hasStopped) {
      hasStopped = true;
      apply({ kind: 'stop' });
    }
    const luck = roll();
    if (todo.length > 0 && luck % 4 !== 3) {
      const [effect] = todo.splice(hasStopped ? 0 : luck % todo.length, 1);
      if (effect !== undefined) perform(effect);
    } else {
      now = Math.max(now + 1 + luck * 8, step % 2 === 0 ? (machine.nextWake() ?? now) : now);
      apply({ kind: 'tick' });
    }
  }
  check(rest.isQuiet, 'never became quiet');
  return violations;
}

describe('the queue machine under random histories', () => {
  it.each([false, true])(
    'never acts without right, never doubles, and always comes to rest (fifo %p)',
    (fifo) => {
      fc.assert(
        fc.property(fc.nat({ max: 0x7fff_ffff }), (seed) => {
          expect(walk(seed, fifo)).toEqual([]);
        }),
        { numRuns: 200 },
      );
    },
  );
});
