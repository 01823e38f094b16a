import type { TransactionWrite } from '../../../lib/runtime/aws/dynamo-api.js';
import { createGuard, type GuardPlan } from '../../../lib/runtime/idempotency/create-guard.js';
import type {
  GuardedMessage,
  GuardOutcome,
  HandlerEffects,
  HandlingScope,
  RenewableFence,
} from '../../../lib/runtime/idempotency/guard.js';
import { createRecordKeeper } from '../../../lib/runtime/idempotency/record-keeper.js';
import { createPlainGuard } from '../../../lib/runtime/idempotency/plain-guard.js';
import type { GuardedMode } from '../../../lib/runtime/idempotency/modes.js';
import type { OutboxMessage } from '../../../lib/runtime/idempotency/outbox-message.js';
import type { IdempotencyStore, RecordRows } from '../../../lib/runtime/idempotency/store.js';
import { createMemoryStore, type MemoryStore } from '../../../lib/runtime/stores/memory-store.js';
import { createFakeClock, turns } from '../support/fake-clock.js';

const WRITE: TransactionWrite = { Put: { TableName: 't', Item: { pk: { S: 'x' } } } };

const message = (over: Partial<GuardedMessage> = {}): GuardedMessage => ({
  key: 'Jobs#job#1',
  hash: 'body',
  groupKey: 'Jobs#group#g',
  sequence: '05',
  receiveCount: 1,
  attempt: 'a1',
  ...over,
});

/** A store that is down, for some of its steps. */
function outage(...steps: (keyof RecordRows)[]): IdempotencyStore {
  const { records, marks, name } = createMemoryStore();
  const down = Object.fromEntries(steps.map((step) => [step, () => Promise.reject(new Error('down'))]));
  const struck = { ...records, ...down };
  const { look, record } = createRecordKeeper(struck);
  return { name, records: struck, marks, inbox: { look, commit: record } };
}

function setup<Store extends IdempotencyStore = MemoryStore>(
  mode: GuardedMode,
  { store, ...plan }: { readonly store?: Store } & Partial<GuardPlan> = {},
) {
  const clock = createFakeClock();
  const used = store ?? createMemoryStore();
  const guard = createGuard({
    mode,
    store: used,
    onStoreOutage: 'fail-closed',
    outbox: { send: () => Promise.resolve() },
    clock,
    random: { next: () => 0 },
    retentionSeconds: 3_600,
    ...plan,
  });
  let runs = 0;
  const bypassed: unknown[] = [];
  const scope = (over: Partial<HandlingScope> = {}): HandlingScope => ({
    run: ({ write }) => {
      runs += 1;
      if (mode === 'transactional') write(WRITE);
      return Promise.resolve();
    },
    bypass: (error) => void bypassed.push(error),
    isHeld: () => true,
    leaseMs: 30_000,
    keep: () => undefined,
    ...over,
  });
  const failing = scope({ run: () => Promise.reject(new Error('no')) });
  return { clock, guard, store: used as Store, scope, failing, bypassed, runs: () => runs };
}

describe('the transactional guard', () => {
  it('commits the writes once and calls copies duplicates', async () => {
    const { guard, scope, store } = setup('transactional');
    await expect(guard.handle(message(), scope())).resolves.toEqual({ kind: 'handled', isRecorded: true });
    await expect(guard.handle(message({ attempt: 'a2' }), scope())).resolves.toEqual({ kind: 'duplicate' });
    expect(store.written).toEqual([WRITE]);
  });

  it('does not run the handler for a redelivery that was committed', async () => {
    const { guard, scope, runs } = setup('transactional');
    await guard.handle(message(), scope());
    await guard.handle(message({ attempt: 'a2', receiveCount: 2 }), scope());
    expect(runs()).toBe(1);
  });

  it('commits nothing once the message is lost, nor when the handler fails', async () => {
    const { guard, scope, failing, store } = setup('transactional');
    await expect(guard.handle(message(), scope({ isHeld: () => false }))).resolves.toEqual({ kind: 'lost' });
    await expect(guard.handle(message(), failing)).resolves.toMatchObject({ kind: 'failed' });
    expect(store.stored.size).toBe(0);
  });

  it('is closed while the store is down: nothing runs blindly, nothing is called done', async () => {
    const { guard, scope, runs } = setup('transactional', { store: outage('read', 'insert') });
    await expect(guard.handle(message({ receiveCount: 2 }), scope())).resolves.toMatchObject({
      kind: 'unavailable',
    });
    expect(runs()).toBe(0);
    await expect(guard.handle(message(), scope())).resolves.toMatchObject({ kind: 'unavailable' });
  });

  it('tells the same id with another body', async () => {
    const { guard, scope } = setup('transactional');
    await guard.handle(message(), scope());
    await expect(guard.handle(message({ hash: 'other', attempt: 'a2' }), scope())).resolves.toEqual({
      kind: 'mismatch',
    });
  });

  it('rejects more writes than a transaction takes', async () => {
    const { guard, scope } = setup('transactional');
    const greedy = scope({
      run: ({ write }) =>
        Promise.resolve(Array.from({ length: 100 }, () => write(WRITE))).then(() => undefined),
    });
    await expect(guard.handle(message(), greedy)).resolves.toMatchObject({
      kind: 'failed',
      error: { code: 'TRANSACTION_REFUSED' },
    });
  });
});

describe('an outbox', () => {
  it('is sent once by copies of a message in one process, at the same moment or after each other', async () => {
    const sent: string[] = [];
    const outbox = {
      send: async (messages: readonly OutboxMessage[]) => {
        await turns();
        sent.push(...messages.map(({ to }) => to));
      },
    };
    const { guard, scope } = setup('transactional', { outbox });
    const publishing = scope({
      run: ({ publish }) =>
        Promise.resolve().then(() => publish({ to: 'out', outgoing: { body: '{}', attributes: {} } })),
    });
    const copies = ['a1', 'a2', 'a3'].map((attempt) => guard.handle(message({ attempt }), publishing));
    const outcomes = await Promise.all(copies);
    outcomes.push(await guard.handle(message({ attempt: 'a4' }), publishing));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['handled', 'duplicate', 'duplicate', 'duplicate']);
    expect(sent).toEqual(['out']);
  });
});

describe('the lease guard', () => {
  it('holds the lease while the handler runs and completes it after', async () => {
    const { guard, scope, store } = setup('lease');
    const states: (string | undefined)[] = [];
    const watching = scope({
      run: () => Promise.resolve(void states.push(store.stored.get('Jobs#job#1')?.state)),
    });
    await guard.handle(message(), watching);
    expect([...states, store.stored.get('Jobs#job#1')?.state]).toEqual(['IN_PROGRESS', 'COMPLETED']);
  });

  it('gives the record back when the handler fails, so that the next try starts at once', async () => {
    const { guard, failing, scope } = setup('lease');
    await guard.handle(message(), failing);
    await expect(guard.handle(message({ attempt: 'a2' }), scope())).resolves.toMatchObject({
      kind: 'handled',
    });
  });

  it('lends its fence for the time the handler runs, and renews through it', async () => {
    const { guard, scope, store, clock } = setup('lease');
    const kept: boolean[] = [];
    let renewed = 0;
    await guard.handle(
      message(),
      scope({
        keep: (fence) => {
          kept.push(fence !== undefined);
          void fence?.renew(60_000).then(() => (renewed = store.stored.get('Jobs#job#1')?.leaseUntil ?? 0));
        },
      }),
    );
    expect(kept).toEqual([true, false]);
    expect(renewed).toBe(clock.now() + 60_000);
  });

  it('does not call done what somebody else has taken over meanwhile', async () => {
    const { guard, scope, store, clock } = setup('lease');
    const overtaken = scope({
      run: async () => {
        await clock.advance(40_000);
        const { hash } = message();
        await createRecordKeeper(store.records).acquire({
          key: 'Jobs#job#1',
          hash,
          owner: 'other',
          leaseMs: 30_000,
          now: clock.now(),
          expiresAt: 2e9,
        });
      },
    });
    await expect(guard.handle(message(), overtaken)).resolves.toEqual({ kind: 'lost' });
  });

  it('lets the message go when the record of a finished handler can’t be written, and says so', async () => {
    const { guard, scope } = setup('lease', { store: outage('replace') });
    await expect(guard.handle(message(), scope())).resolves.toEqual({ kind: 'handled', isRecorded: false });
  });

  it('is closed while the store is down', async () => {
    const { guard, scope, runs } = setup('lease', { store: outage('insert') });
    await expect(guard.handle(message(), scope())).resolves.toMatchObject({ kind: 'unavailable' });
    expect(runs()).toBe(0);
  });
});

describe('the record-after guard', () => {
  it('runs once for copies that come after each other', async () => {
    const { guard, scope, runs } = setup('record-after');
    await guard.handle(message(), scope());
    await expect(guard.handle(message({ attempt: 'a2' }), scope())).resolves.toEqual({ kind: 'duplicate' });
    await expect(guard.handle(message({ hash: 'other' }), scope())).resolves.toEqual({ kind: 'mismatch' });
    expect(runs()).toBe(1);
  });

  it('recognises what another process has recorded', async () => {
    const store = createMemoryStore();
    const [one, two] = [setup('record-after', { store }), setup('record-after', { store })];
    await one.guard.handle(message(), one.scope());
    await expect(two.guard.handle(message(), two.scope())).resolves.toEqual({ kind: 'duplicate' });
  });

  it('handles an id anew once its record has expired, in the process that remembers it, too', async () => {
    const { guard, scope, clock, runs } = setup('record-after', { retentionSeconds: 3_600 });
    await guard.handle(message(), scope());
    await clock.advance(3_600_000);
    await expect(guard.handle(message({ attempt: 'a2' }), scope())).resolves.toEqual({ kind: 'duplicate' });
    await clock.advance(2_000);
    await guard.handle(message({ attempt: 'a3' }), scope());
    expect(runs()).toBe(2);
  });

  it('says so when a worker of another mode holds the record meanwhile', async () => {
    const { guard, scope, store, clock } = setup('record-after');
    const overtaken = scope({
      run: async () => {
        await createRecordKeeper(store.records).acquire({
          key: 'Jobs#job#1',
          hash: 'body',
          owner: 'other',
          leaseMs: 30_000,
          now: clock.now(),
          expiresAt: 2e9,
        });
      },
    });
    await expect(guard.handle(message(), overtaken)).resolves.toEqual({ kind: 'handled', isRecorded: false });
  });

  it('records nothing when the handler fails', async () => {
    const { guard, failing, store } = setup('record-after');
    await guard.handle(message(), failing);
    expect(store.stored.size).toBe(0);
  });
});

/** What is asked of a store of marks, counted; `isDown` makes it fail. */
function countedMarks() {
  const { marks, ...rest } = createMemoryStore();
  const asked = { reads: 0, advances: [] as string[], isDown: false };
  const orDown = <Answer>(answer: () => Promise<Answer>): Promise<Answer> =>
    asked.isDown ? Promise.reject(new Error('down')) : answer();
  const store: IdempotencyStore = {
    ...rest,
    marks: {
      markOf: (groupKey) => {
        asked.reads += 1;
        return orDown(() => marks.markOf(groupKey));
      },
      advance: (advance) => {
        asked.advances.push(advance.sequence);
        return orDown(() => marks.advance(advance));
      },
    },
  };
  return { store, asked };
}

async function recordOf(outcome: GuardOutcome): Promise<void> {
  if (outcome.kind === 'handled' || outcome.kind === 'duplicate') await outcome.record?.();
}

/** As a worker does: what is left to record is recorded right before the delete. */
async function deliver(
  { guard, scope }: Pick<ReturnType<typeof setup>, 'guard' | 'scope'>,
  over: Partial<GuardedMessage> = {},
): Promise<string> {
  const outcome = await guard.handle(message(over), scope());
  await recordOf(outcome);
  return outcome.kind;
}

describe('the sequence guard', () => {
  it('handles a sequence number once, in any process', async () => {
    const store = createMemoryStore();
    const [one, two] = [setup('sequence', { store }), setup('sequence', { store })];
    const outcomes = [
      await deliver(one),
      await deliver(one, { attempt: 'a2' }),
      await deliver(two, { attempt: 'a3' }),
      await deliver(two, { attempt: 'a4', sequence: '06' }),
    ];
    expect(outcomes).toEqual(['handled', 'duplicate', 'duplicate', 'handled']);
    expect(one.runs() + two.runs()).toBe(2);
  });

  it('reads the mark of a run once and moves it with one write, when its messages leave', async () => {
    const { store, asked } = countedMarks();
    const { guard, scope } = setup('sequence', { store });
    const outcomes: GuardOutcome[] = [];
    for (const sequence of ['05', '06', '07'])
      outcomes.push(await guard.handle(message({ sequence, attempt: sequence }), scope()));
    expect(asked).toMatchObject({ reads: 1, advances: [] });
    await Promise.all(outcomes.map(recordOf));
    expect(asked).toMatchObject({ reads: 1, advances: ['07'] });
    await expect(store.marks.markOf('Jobs#group#g')).resolves.toBe('07');
  });

  it('moves the mark again for what was handled while a write was out', async () => {
    const { store, asked } = countedMarks();
    const worker = setup('sequence', { store });
    await Promise.all([deliver(worker), deliver(worker, { sequence: '06', attempt: 'a2' })]);
    await deliver(worker, { sequence: '07', attempt: 'a3' });
    expect(asked.advances.at(-1)).toBe('07');
    await expect(store.marks.markOf('Jobs#group#g')).resolves.toBe('07');
  });

  it('recognises a redelivery that another worker has marked since', async () => {
    const store = createMemoryStore();
    const [one, two] = [setup('sequence', { store }), setup('sequence', { store })];
    await deliver(one);
    await deliver(two, { sequence: '06', attempt: 'a2' });
    await expect(deliver(one, { sequence: '06', attempt: 'a3', receiveCount: 2 })).resolves.toBe('duplicate');
    expect(one.runs()).toBe(1);
  });

  it('lets messages go whose mark can’t be stored, says so, and runs nothing more until the store answers', async () => {
    const { store, asked } = countedMarks();
    const worker = setup('sequence', { store });
    await deliver(worker);
    asked.isDown = true;
    const outcomes = [
      await deliver(worker, { sequence: '06', attempt: 'a2' }),
      await deliver(worker, { sequence: '07', attempt: 'a3' }),
    ];
    asked.isDown = false;
    outcomes.push(await deliver(worker, { sequence: '07', attempt: 'a4' }));
    expect(outcomes).toEqual(['handled', 'unavailable', 'handled']);
    expect([worker.runs(), worker.bypassed]).toEqual([3, [new Error('down')]]);
    await expect(store.marks.markOf('Jobs#group#g')).resolves.toBe('07');
  });

  it('never moves a mark for a message that was lost or whose handler failed', async () => {
    const { store, asked } = countedMarks();
    const { guard, scope, failing } = setup('sequence', { store });
    const outcomes = [
      await guard.handle(message(), scope({ isHeld: () => false })),
      await guard.handle(message(), failing),
    ];
    expect(outcomes.map(({ kind }) => kind)).toEqual(['lost', 'failed']);
    expect(outcomes.some((outcome) => 'record' in outcome)).toBe(false);
    expect(asked.advances).toEqual([]);
  });

  it('rejects a write where the store takes none along', async () => {
    const { guard, scope } = setup('sequence');
    const writing = scope({ run: ({ write }) => Promise.resolve().then(() => write(WRITE)) });
    await expect(guard.handle(message(), writing)).resolves.toMatchObject({
      error: { code: 'INVALID_OPTIONS' },
    });
  });
});

describe('guards whose handlers write', () => {
  /** A store whose transactions meet others so often. */
  function busy(conflicts: number): IdempotencyStore {
    const store = createMemoryStore();
    let left = conflicts;
    const isBusy = (): boolean => (left -= 1) >= 0;
    return {
      ...store,
      inbox: {
        look: (...seen) => store.inbox.look(...seen),
        commit: (...work) => (isBusy() ? Promise.resolve({ kind: 'conflict' }) : store.inbox.commit(...work)),
      },
      sequence: {
        takesWrites: true,
        markOf: (groupKey) => store.marks.markOf(groupKey),
        advance: async (advance) =>
          isBusy() ? { kind: 'conflict' } : { kind: await store.marks.advance(advance) },
      },
    };
  }

  it.each(['transactional', 'sequence'] as const)(
    'waits for another transaction on the same items, and gives up after six: %s',
    async (mode) => {
      const writing = { run: ({ write }: HandlerEffects) => Promise.resolve().then(() => write(WRITE)) };
      const outcomeAfter = async (conflicts: number) => {
        const { guard, scope, clock } = setup(mode, { store: busy(conflicts) });
        const outcome = guard.handle(message(), scope(writing));
        await clock.advance(10_000);
        return outcome;
      };
      await expect(outcomeAfter(5)).resolves.toMatchObject({ kind: 'handled', isRecorded: true });
      await expect(outcomeAfter(6)).resolves.toMatchObject({
        kind: 'failed',
        error: { code: 'TRANSACTION_REFUSED' },
      });
    },
  );
});

describe('a guard that fails open', () => {
  it.each(['lease', 'record-after'] as const)(
    'handles without a record while the store is down, and says so: %s',
    async (mode) => {
      const { guard, scope, runs, bypassed } = setup(mode, {
        store: outage('insert', 'read'),
        onStoreOutage: 'fail-open',
      });
      await expect(guard.handle(message(), scope())).resolves.toEqual({ kind: 'handled', isRecorded: false });
      expect(runs()).toBe(1);
      expect(bypassed).toEqual([new Error('down')]);
    },
  );

  it('tells failures and losses of such a handling like any other', async () => {
    const { guard, scope, failing } = setup('lease', { store: outage('insert'), onStoreOutage: 'fail-open' });
    await expect(guard.handle(message(), failing)).resolves.toMatchObject({ kind: 'failed' });
    await expect(guard.handle(message(), scope({ isHeld: () => false }))).resolves.toEqual({ kind: 'lost' });
  });

  it('keeps the message of a handler that runs when the store goes, and says so once', async () => {
    const { guard, scope, bypassed } = setup('lease', {
      store: outage('replace'),
      onStoreOutage: 'fail-open',
    });
    const kept: unknown[] = [];
    let fence: RenewableFence | undefined;
    const long = scope({
      keep: (given) => (fence = given ?? fence),
      run: async () => {
        for (let renewal = 0; renewal < 2; renewal += 1) kept.push(await fence?.renew(30_000));
      },
    });
    await expect(guard.handle(message(), long)).resolves.toEqual({ kind: 'handled', isRecorded: false });
    expect([kept, bypassed]).toEqual([['kept', 'kept'], [new Error('down')]]);
  });

  it('gives up a message whose lease somebody else has taken', async () => {
    const { guard, scope, store } = setup('lease', { onStoreOutage: 'fail-open' });
    const answers: unknown[] = [];
    const overtaken = scope({
      keep: (fence) => {
        if (fence === undefined) return;
        const { leaseUntil: _, ...seen } = store.stored.get('Jobs#job#1')!;
        void store.records.replace({ key: 'Jobs#job#1', ...seen }, { owner: 'other' }, 0);
        void fence.renew(30_000).then((answer) => answers.push(answer));
      },
    });
    await guard.handle(message(), overtaken);
    expect(answers).toEqual(['lost']);
  });

  it('keeps records as long as the store answers', async () => {
    const { guard, scope, runs, bypassed } = setup('lease', { onStoreOutage: 'fail-open' });
    await guard.handle(message(), scope());
    await expect(guard.handle(message({ attempt: 'a2' }), scope())).resolves.toEqual({ kind: 'duplicate' });
    expect([runs(), bypassed]).toEqual([1, []]);
  });
});

describe('the plain guard', () => {
  it('runs every delivery and has no transaction to write into', async () => {
    const { scope, runs } = setup('lease');
    const guard = createPlainGuard();
    await guard.handle(message(), scope());
    await guard.handle(message(), scope());
    expect(runs()).toBe(2);
    const writing = scope({ run: ({ write }) => Promise.resolve().then(() => write(WRITE)) });
    const querying = scope({ run: ({ sql }) => sql('SELECT 1').then(() => undefined) });
    for (const refused of [writing, querying])
      await expect(guard.handle(message(), refused)).resolves.toMatchObject({
        error: { code: 'INVALID_OPTIONS' },
      });
  });
});
