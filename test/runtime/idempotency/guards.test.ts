import type { TransactionWrite } from '../../../lib/runtime/aws/dynamo-api.js';
import type {
  GuardedMessage,
  HandlingScope,
  IdempotencyGuard,
} from '../../../lib/runtime/idempotency/guard.js';
import { createLeaseGuard } from '../../../lib/runtime/idempotency/lease-guard.js';
import { createPlainGuard } from '../../../lib/runtime/idempotency/plain-guard.js';
import { createRecordAfterGuard } from '../../../lib/runtime/idempotency/record-after-guard.js';
import { createSequenceGuard } from '../../../lib/runtime/idempotency/sequence-guard.js';
import type { SequenceStore } from '../../../lib/runtime/idempotency/store.js';
import { createTransactionalGuard } from '../../../lib/runtime/idempotency/transactional-guard.js';
import { createMemoryStore, type MemoryStore } from '../../../lib/runtime/stores/memory-store.js';
import { createFakeClock } from '../support/fake-clock.js';

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

/** A store that is down, for every call or for one. */
function outage(store: MemoryStore, ...methods: (keyof MemoryStore)[]): MemoryStore {
  const down = Object.fromEntries(methods.map((name) => [name, () => Promise.reject(new Error('down'))]));
  return { ...store, ...down };
}

function setup(
  make: (store: MemoryStore, parts: Parameters<typeof createLeaseGuard>[1]) => IdempotencyGuard,
  store = createMemoryStore(),
) {
  const clock = createFakeClock();
  const guard = make(store, { clock, random: { next: () => 0 }, retentionSeconds: 3_600 });
  let runs = 0;
  const scope = (over: Partial<HandlingScope> = {}): HandlingScope => ({
    run: (write) => {
      runs += 1;
      if (guard.takesWrites) write(WRITE);
      return Promise.resolve();
    },
    isHeld: () => true,
    leaseMs: 30_000,
    keep: () => undefined,
    ...over,
  });
  const failing = scope({ run: () => Promise.reject(new Error('no')) });
  return { clock, guard, store, scope, failing, runs: () => runs };
}

describe('the transactional guard', () => {
  it('commits the writes once and calls copies duplicates', async () => {
    const { guard, scope, store } = setup(createTransactionalGuard);
    await expect(guard.handle(message(), scope())).resolves.toEqual({ kind: 'handled', isRecorded: true });
    await expect(guard.handle(message({ attempt: 'a2' }), scope())).resolves.toEqual({ kind: 'duplicate' });
    expect(store.written).toEqual([WRITE]);
  });

  it('does not run the handler for a redelivery that was committed', async () => {
    const { guard, scope, runs } = setup(createTransactionalGuard);
    await guard.handle(message(), scope());
    await guard.handle(message({ attempt: 'a2', receiveCount: 2 }), scope());
    expect(runs()).toBe(1);
  });

  it('commits nothing once the message is lost, nor when the handler fails', async () => {
    const { guard, scope, failing, store } = setup(createTransactionalGuard);
    await expect(guard.handle(message(), scope({ isHeld: () => false }))).resolves.toEqual({ kind: 'lost' });
    await expect(guard.handle(message(), failing)).resolves.toMatchObject({ kind: 'failed' });
    expect(store.records.size).toBe(0);
  });

  it('is closed while the store is down: nothing runs blindly, nothing is called done', async () => {
    const { guard, scope, runs } = setup(
      createTransactionalGuard,
      outage(createMemoryStore(), 'look', 'commit'),
    );
    await expect(guard.handle(message({ receiveCount: 2 }), scope())).resolves.toMatchObject({
      kind: 'unavailable',
    });
    expect(runs()).toBe(0);
    await expect(guard.handle(message(), scope())).resolves.toMatchObject({ kind: 'unavailable' });
  });

  it('tells the same id with another body', async () => {
    const { guard, scope } = setup(createTransactionalGuard);
    await guard.handle(message(), scope());
    await expect(guard.handle(message({ hash: 'other' }), scope())).resolves.toEqual({ kind: 'mismatch' });
  });

  it('rejects more writes than a transaction takes', async () => {
    const { guard, scope } = setup(createTransactionalGuard);
    const greedy = scope({
      run: (write) => Promise.resolve(Array.from({ length: 100 }, () => write(WRITE))).then(() => undefined),
    });
    await expect(guard.handle(message(), greedy)).resolves.toMatchObject({
      kind: 'failed',
      error: { code: 'TRANSACTION_REFUSED' },
    });
  });
});

describe('the lease guard', () => {
  it('holds the lease while the handler runs and completes it after', async () => {
    const { guard, scope, store } = setup(createLeaseGuard);
    const states: (string | undefined)[] = [];
    const watching = scope({
      run: () => Promise.resolve(void states.push(store.records.get('Jobs#job#1')?.state)),
    });
    await guard.handle(message(), watching);
    expect([...states, store.records.get('Jobs#job#1')?.state]).toEqual(['IN_PROGRESS', 'COMPLETED']);
  });

  it('gives the record back when the handler fails, so that the next try starts at once', async () => {
    const { guard, failing, scope } = setup(createLeaseGuard);
    await guard.handle(message(), failing);
    await expect(guard.handle(message({ attempt: 'a2' }), scope())).resolves.toMatchObject({
      kind: 'handled',
    });
  });

  it('lends its fence for the time the handler runs, and renews through it', async () => {
    const { guard, scope, store, clock } = setup(createLeaseGuard);
    const kept: boolean[] = [];
    let renewed = 0;
    await guard.handle(
      message(),
      scope({
        keep: (fence) => {
          kept.push(fence !== undefined);
          void fence?.renew(60_000).then(() => (renewed = store.records.get('Jobs#job#1')?.leaseUntil ?? 0));
        },
      }),
    );
    expect(kept).toEqual([true, false]);
    expect(renewed).toBe(clock.now() + 60_000);
  });

  it('does not call done what somebody else has taken over meanwhile', async () => {
    const { guard, scope, store, clock } = setup(createLeaseGuard);
    const overtaken = scope({
      run: async () => {
        await clock.advance(40_000);
        const { hash } = message();
        await store.acquire({
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
    const { guard, scope } = setup(createLeaseGuard, outage(createMemoryStore(), 'complete'));
    await expect(guard.handle(message(), scope())).resolves.toEqual({ kind: 'handled', isRecorded: false });
  });

  it('is closed while the store is down', async () => {
    const { guard, scope, runs } = setup(createLeaseGuard, outage(createMemoryStore(), 'acquire'));
    await expect(guard.handle(message(), scope())).resolves.toMatchObject({ kind: 'unavailable' });
    expect(runs()).toBe(0);
  });
});

describe('the record-after guard', () => {
  it('runs once for copies that come after each other', async () => {
    const { guard, scope, runs } = setup(createRecordAfterGuard);
    await guard.handle(message(), scope());
    await expect(guard.handle(message({ attempt: 'a2' }), scope())).resolves.toEqual({ kind: 'duplicate' });
    await expect(guard.handle(message({ hash: 'other' }), scope())).resolves.toEqual({ kind: 'mismatch' });
    expect(runs()).toBe(1);
  });

  it('recognises what another process has recorded', async () => {
    const store = createMemoryStore();
    const [one, two] = [setup(createRecordAfterGuard, store), setup(createRecordAfterGuard, store)];
    await one.guard.handle(message(), one.scope());
    await expect(two.guard.handle(message(), two.scope())).resolves.toEqual({ kind: 'duplicate' });
  });

  it('records nothing when the handler fails', async () => {
    const { guard, failing, store } = setup(createRecordAfterGuard);
    await guard.handle(message(), failing);
    expect(store.records.size).toBe(0);
  });
});

describe('the sequence guard', () => {
  const sequenceStore = (): SequenceStore & { readonly written: TransactionWrite[] } => {
    const marks = new Map<string, string>();
    const written: TransactionWrite[] = [];
    return {
      written,
      markOf: (key) => Promise.resolve(marks.get(key)),
      advance: ({ groupKey, sequence }, writes) => {
        if ((marks.get(groupKey) ?? '') >= sequence) return Promise.resolve({ kind: 'behind' });
        marks.set(groupKey, sequence);
        written.push(...writes);
        return Promise.resolve({ kind: 'advanced' });
      },
    };
  };

  it('writes once per sequence number, in any process', async () => {
    const store = sequenceStore();
    const one = setup((_memory, parts) => createSequenceGuard(store, parts));
    const two = setup((_memory, parts) => createSequenceGuard(store, parts));
    await expect(one.guard.handle(message(), one.scope())).resolves.toMatchObject({ kind: 'handled' });
    await expect(one.guard.handle(message(), one.scope())).resolves.toEqual({ kind: 'duplicate' });
    await expect(two.guard.handle(message(), two.scope())).resolves.toEqual({ kind: 'duplicate' });
    await expect(two.guard.handle(message({ sequence: '06' }), two.scope())).resolves.toMatchObject({
      kind: 'handled',
    });
    expect(store.written).toHaveLength(2);
  });
});

describe('the plain guard', () => {
  it('runs every delivery and has no transaction to write into', async () => {
    const { guard, scope, runs } = setup(() => createPlainGuard());
    await guard.handle(message(), scope());
    await guard.handle(message(), scope());
    expect(runs()).toBe(2);
    const writing = scope({ run: (write) => Promise.resolve().then(() => write(WRITE)) });
    await expect(guard.handle(message(), writing)).resolves.toMatchObject({
      error: { code: 'INVALID_OPTIONS' },
    });
  });
});
