import assert from 'node:assert/strict';
import { LEASE_SKEW_MS } from '../../../lib/core/idempotency/record.js';
import { createGuard } from '../../../lib/runtime/idempotency/create-guard.js';
import type {
  GuardedMessage,
  GuardOutcome,
  HandlerEffects,
  HandlingScope,
} from '../../../lib/runtime/idempotency/guard.js';
import type { OutboxMessage } from '../../../lib/runtime/idempotency/outbox-message.js';
import type { GuardedMode } from '../../../lib/runtime/idempotency/modes.js';
import { createRecordKeeper, type RecordKeeper } from '../../../lib/runtime/idempotency/record-keeper.js';
import type {
  AcquireRequest,
  Fence,
  IdempotencyStore,
  InboxEntry,
} from '../../../lib/runtime/idempotency/store.js';
import { createSystemClock } from '../../../lib/runtime/system/clock.js';

/** A store under test. */
export interface StoreSubject {
  readonly store: IdempotencyStore;
  /** What a handler can have as an effect in mode `transactional`, where the store has transactions. */
  readonly transactions?: {
    /** The effect of a handler, named. */
    readonly effect: (effects: HandlerEffects, name: string) => Promise<void>;
    /** Names of the effects that happened. */
    readonly effects: () => Promise<readonly string[]>;
  };
}

/** One promise that every store keeps, whatever it is made of. */
export interface StoreCase {
  readonly title: string;
  /** Left out for stores without transactions. */
  readonly needsTransactions: boolean;
  readonly run: (subject: StoreSubject) => Promise<void>;
}

const SECOND = 1_000;
/** Real time: stores that let records expire by themselves do so by it. */
const NOW = Math.floor(Date.now() / SECOND) * SECOND;
const LATE = NOW + 3_700 * SECOND;

let keys = 0;
const RUN = `${process.pid}-${NOW.toString(36)}`;

/** What a case works with: its own key, and the store's parts. */
class Bench {
  readonly key = `case#${RUN}#${(keys += 1)}`;
  readonly keeper: RecordKeeper;
  /** Destinations of messages that were published, and whether publishing fails now. */
  readonly sent: string[] = [];
  isPublishingDown = false;
  readonly #subject: StoreSubject;
  readonly #sender = {
    send: (messages: readonly OutboxMessage[]): Promise<void> => {
      if (this.isPublishingDown) return Promise.reject(new Error('down'));
      this.sent.push(...messages.map(({ to }) => to));
      return Promise.resolve();
    },
  };
  #attempts = 0;

  constructor(subject: StoreSubject) {
    this.#subject = subject;
    this.keeper = createRecordKeeper(subject.store.records);
  }

  get records() {
    return this.#subject.store.records;
  }

  get marks() {
    return this.#subject.store.marks;
  }

  get transactions() {
    const { transactions } = this.#subject;
    assert.ok(transactions, 'the store has transactions');
    return transactions;
  }

  request(over: Partial<AcquireRequest> = {}): AcquireRequest {
    const leaseMs = 30 * SECOND;
    const times = { leaseMs, now: NOW, expiresAt: NOW / SECOND + 3_600 };
    return { key: this.key, hash: 'body', owner: 'first', ...times, ...over };
  }

  entry(over: Partial<InboxEntry> = {}): InboxEntry {
    const attempt = `attempt-${(this.#attempts += 1)}`;
    return { key: this.key, hash: 'body', now: NOW, expiresAt: NOW / SECOND + 3_600, attempt, ...over };
  }

  async acquired(over: Partial<AcquireRequest> = {}): Promise<Fence> {
    const acquisition = await this.keeper.acquire(this.request(over));
    assert.ok(acquisition.kind === 'acquired', `expected to acquire, got ${acquisition.kind}`);
    return acquisition.fence;
  }

  /** A delivery of this case's message through the guard of a mode, with a handler that has one effect. */
  async deliver(mode: GuardedMode, effect: string, over: Partial<HandlingScope> = {}): Promise<GuardOutcome> {
    const guard = createGuard({
      mode,
      store: this.#subject.store,
      onStoreOutage: 'fail-closed',
      outbox: this.#sender,
      clock: createSystemClock(),
      random: { next: () => 0.5 },
      retentionSeconds: 3_600,
    });
    const attempt = `attempt-${(this.#attempts += 1)}`;
    const message: GuardedMessage = {
      key: this.key,
      hash: 'body',
      groupKey: `${this.key}#group`,
      sequence: '0001',
      receiveCount: 1,
      attempt,
    };
    const scope: HandlingScope = {
      run: (effects) => this.transactions.effect(effects, effect),
      bypass: () => assert.fail('nothing may be bypassed'),
      isHeld: () => true,
      leaseMs: 30 * SECOND,
      keep: () => undefined,
      ...over,
    };
    return guard.handle(message, scope);
  }

  /** Effects of this case. */
  async effects(): Promise<readonly string[]> {
    const all = await this.transactions.effects();
    return all.filter((name) => name.startsWith(this.key)).map((name) => name.slice(this.key.length + 1));
  }

  effect(name: string): string {
    return `${this.key}/${name}`;
  }
}

type Cases = Readonly<Record<string, (bench: Bench) => Promise<void>>>;

const leaseCases: Cases = {
  'lets one in and tells the second how long the first may take': async (bench) => {
    await bench.acquired();
    assert.deepEqual(await bench.keeper.acquire(bench.request({ owner: 'second', now: NOW + SECOND })), {
      kind: 'in-progress',
      remainingMs: 29 * SECOND + LEASE_SKEW_MS,
    });
  },
  'calls a completed record a duplicate until it expires': async (bench) => {
    const { keeper } = bench;
    assert.equal(await keeper.complete(await bench.acquired()), 'kept');
    assert.deepEqual(await keeper.acquire(bench.request({ owner: 'second' })), { kind: 'completed' });
    await bench.acquired({ owner: 'third', now: LATE, expiresAt: LATE / SECOND + 60 });
  },
  'lets the next one in at once after a release': async (bench) => {
    assert.equal(await bench.keeper.release(await bench.acquired()), 'kept');
    await bench.acquired({ owner: 'second' });
  },
  'lets the next one in when the lease is over, and shuts the first one out for good': async (bench) => {
    const { keeper } = bench;
    const first = await bench.acquired();
    const late = NOW + 30 * SECOND + LEASE_SKEW_MS + 1;
    const second = await bench.acquired({ owner: 'second', now: late });
    assert.ok(second.version > first.version);
    assert.deepEqual(
      [await keeper.complete(first), await keeper.release(first), await keeper.renew(first, late + 60_000)],
      ['lost', 'lost', 'lost'],
    );
    assert.equal(await keeper.complete(second), 'kept');
  },
  'keeps others out as long as the lease is renewed': async (bench) => {
    assert.equal(await bench.keeper.renew(await bench.acquired(), NOW + 60 * SECOND), 'kept');
    const later = await bench.keeper.acquire(bench.request({ owner: 'second', now: NOW + 40 * SECOND }));
    assert.equal(later.kind, 'in-progress');
  },
  'takes no lease that was renewed since it was looked at': async (bench) => {
    const { key, keeper } = bench;
    const fence = await bench.acquired();
    const seen = bench.records.read(key);
    await keeper.renew(fence, NOW + 60 * SECOND);
    const known = await seen;
    assert.ok(known);
    const taken = await bench.records.replace({ key, ...known }, { owner: 'second', version: 2 }, NOW);
    assert.equal(taken, 'changed');
    assert.equal(await keeper.complete(fence), 'kept');
  },
  'takes what is repeated because its answer was lost as the same': async (bench) => {
    const { keeper } = bench;
    const fence = await bench.acquired();
    assert.deepEqual(await bench.acquired(), fence);
    assert.deepEqual(await keeper.acquire(bench.request({ owner: 'second' })), {
      kind: 'in-progress',
      remainingMs: 30 * SECOND + LEASE_SKEW_MS,
    });
    assert.equal(await keeper.renew(fence, NOW + 40 * SECOND), 'kept');
    assert.equal(await keeper.renew(fence, NOW + 40 * SECOND), 'kept');
    assert.equal(await keeper.complete(fence), 'kept');
    assert.equal(await keeper.complete(fence), 'kept');
  },
  'tells another body under the same key': async (bench) => {
    await bench.keeper.complete(await bench.acquired());
    const other = await bench.keeper.acquire(bench.request({ owner: 'second', hash: 'other' }));
    assert.deepEqual(other, { kind: 'mismatch' });
  },
  'lets another body in after a release, and then none but that': async (bench) => {
    await bench.keeper.release(await bench.acquired());
    const mended = await bench.acquired({ owner: 'second', hash: 'mended' });
    assert.deepEqual(await bench.keeper.acquire(bench.request({ owner: 'third' })), { kind: 'mismatch' });
    assert.equal(await bench.keeper.complete(mended), 'kept');
  },
  'lets exactly one of many in': async (bench) => {
    const racers = Array.from({ length: 8 }, (_, index) =>
      bench.keeper.acquire(bench.request({ owner: `racer-${index}` })),
    );
    assert.equal((await Promise.all(racers)).filter(({ kind }) => kind === 'acquired').length, 1);
  },
  'lets exactly one of many have a lease that is over': async (bench) => {
    await bench.acquired();
    const now = NOW + 60 * SECOND;
    const racers = Array.from({ length: 8 }, (_, index) =>
      bench.keeper.acquire(bench.request({ owner: `racer-${index}`, now })),
    );
    assert.equal((await Promise.all(racers)).filter(({ kind }) => kind === 'acquired').length, 1);
  },
  'keeps many records apart in one turn': async (bench) => {
    const requests = Array.from({ length: 60 }, (_, index) =>
      bench.request({ key: `${bench.key}/${index}`, owner: `owner-${index}` }),
    );
    const acquisitions = await Promise.all(requests.map((request) => bench.keeper.acquire(request)));
    const fences = acquisitions.flatMap((each) => (each.kind === 'acquired' ? [each.fence] : []));
    assert.deepEqual(
      fences.map(({ owner }) => owner),
      requests.map(({ owner }) => owner),
    );
    const ends = await Promise.all(fences.map((fence) => bench.keeper.complete(fence)));
    assert.deepEqual(new Set(ends), new Set(['kept']));
  },
};

const recordCases: Cases = {
  'records a message as done, once': async (bench) => {
    assert.deepEqual(await bench.keeper.record(bench.entry()), { kind: 'committed' });
    assert.deepEqual(await bench.keeper.record(bench.entry()), { kind: 'duplicate' });
    assert.deepEqual(await bench.keeper.record(bench.entry({ hash: 'other' })), { kind: 'mismatch' });
  },
  'knows a recorded message when asked, and promises nothing before': async (bench) => {
    const { key, keeper } = bench;
    assert.deepEqual(await keeper.look(key, 'body', NOW), { kind: 'unknown' });
    await keeper.record(bench.entry());
    assert.deepEqual(
      [
        await keeper.look(key, 'body', NOW),
        await keeper.look(key, 'other', NOW),
        await keeper.look(key, 'body', LATE),
      ].map(({ kind }) => kind),
      ['duplicate', 'mismatch', 'unknown'],
    );
  },
  'records anew after the record has expired': async (bench) => {
    await bench.keeper.record(bench.entry());
    const late = bench.entry({ now: LATE, expiresAt: LATE / SECOND + 60 });
    assert.deepEqual(await bench.keeper.record(late), { kind: 'committed' });
  },
  'forgets with a record what it had to publish': async (bench) => {
    const { key, keeper } = bench;
    await keeper.record(bench.entry({ outbox: '[]' }));
    await keeper.record(bench.entry({ now: LATE, expiresAt: LATE / SECOND + 60 }));
    assert.deepEqual(await keeper.look(key, 'body', LATE), { kind: 'duplicate' });
  },
  'records over a lease that was given back, and not over one that is held': async (bench) => {
    const fence = await bench.acquired();
    assert.equal((await bench.keeper.record(bench.entry())).kind, 'in-progress');
    await bench.keeper.release(fence);
    assert.deepEqual(await bench.keeper.record(bench.entry()), { kind: 'committed' });
  },
  'records exactly one of many': async (bench) => {
    const racers = Array.from({ length: 8 }, () => bench.keeper.record(bench.entry()));
    assert.equal((await Promise.all(racers)).filter(({ kind }) => kind === 'committed').length, 1);
  },
};

const markCases: Cases = {
  'moves a mark forward and never back': async ({ key, marks }) => {
    assert.equal(await marks.markOf(key), undefined);
    const moves = [
      await marks.advance({ groupKey: key, sequence: '0005', attempt: 'a' }),
      await marks.advance({ groupKey: key, sequence: '0005', attempt: 'b' }),
      await marks.advance({ groupKey: key, sequence: '0004', attempt: 'c' }),
      await marks.advance({ groupKey: key, sequence: '0010', attempt: 'd' }),
    ];
    assert.deepEqual(moves, ['advanced', 'behind', 'behind', 'advanced']);
    assert.equal(await marks.markOf(key), '0010');
  },
  'takes an advance that is repeated because its answer was lost as the same': async ({ key, marks }) => {
    const advance = { groupKey: key, sequence: '0005', attempt: 'a' };
    assert.deepEqual([await marks.advance(advance), await marks.advance(advance)], ['advanced', 'advanced']);
  },
  'makes the first mark of a group, and takes it that there was none as a hint only': async ({
    key,
    marks,
  }) => {
    const first = { groupKey: key, isFirst: true };
    const moves = [
      await marks.advance({ ...first, sequence: '0005', attempt: 'a' }),
      await marks.advance({ ...first, sequence: '0005', attempt: 'a' }),
      await marks.advance({ ...first, sequence: '0004', attempt: 'b' }),
      await marks.advance({ ...first, sequence: '0006', attempt: 'c' }),
    ];
    assert.deepEqual(moves, ['advanced', 'advanced', 'behind', 'advanced']);
    assert.equal(await marks.markOf(key), '0006');
  },
  'moves the marks of many groups in one turn': async ({ key, marks }) => {
    const groups = Array.from({ length: 40 }, (_, index) => `${key}/${index}`);
    const move = (sequence: string) =>
      Promise.all(groups.map((groupKey) => marks.advance({ groupKey, sequence, attempt: sequence })));
    assert.deepEqual(new Set([...(await move('0001')), ...(await move('0002'))]), new Set(['advanced']));
    assert.deepEqual(new Set(await move('0001')), new Set(['behind']));
  },
};

const transactionCases: Cases = {
  'commits the effect and the record together, once': async (bench) => {
    const first = await bench.deliver('transactional', bench.effect('one'));
    const second = await bench.deliver('transactional', bench.effect('two'));
    assert.deepEqual([first, second], [{ kind: 'handled', isRecorded: true }, { kind: 'duplicate' }]);
    assert.deepEqual(await bench.effects(), ['one']);
  },
  'leaves nothing of a handler that fails, nor of one that lost its message': async (bench) => {
    const { transactions } = bench;
    const failed = await bench.deliver('transactional', 'unused', {
      run: async (effects) => {
        await transactions.effect(effects, bench.effect('failed'));
        throw new Error('no');
      },
    });
    const lost = await bench.deliver('transactional', bench.effect('lost'), { isHeld: () => false });
    assert.deepEqual([failed.kind, lost.kind], ['failed', 'lost']);
    assert.deepEqual(await bench.effects(), []);
    const again = await bench.deliver('transactional', bench.effect('again'));
    assert.equal(again.kind, 'handled');
    assert.deepEqual(await bench.effects(), ['again']);
  },
  'has exactly one effect of many copies at once': async (bench) => {
    const racers = Array.from({ length: 6 }, (_, index) =>
      bench.deliver('transactional', bench.effect(`racer-${index}`)),
    );
    const outcomes = await Promise.all(racers);
    assert.equal(outcomes.filter(({ kind }) => kind === 'handled').length, 1);
    assert.equal((await bench.effects()).length, 1);
  },
  'publishes what was committed, and nothing of what was not': async (bench) => {
    const publishing = (to: string, error?: Error): Partial<HandlingScope> => ({
      run: (effects) => {
        effects.publish({ to, outgoing: { body: '{}', attributes: {} } });
        return error === undefined ? Promise.resolve() : Promise.reject(error);
      },
    });
    await bench.deliver('transactional', 'unused', publishing('failed', new Error('no')));
    await bench.deliver('transactional', 'unused', { ...publishing('lost'), isHeld: () => false });
    await bench.deliver('transactional', 'unused', publishing('done'));
    await bench.deliver('transactional', 'unused', publishing('copy'));
    assert.deepEqual(bench.sent, ['done']);
  },
  'publishes at the next delivery what a crash or an outage kept back, without the handler': async (
    bench,
  ) => {
    const publishing: Partial<HandlingScope> = {
      run: async (effects) => {
        await bench.transactions.effect(effects, bench.effect('one'));
        effects.publish({ to: 'late', outgoing: { body: '{}', attributes: {} } });
      },
    };
    bench.isPublishingDown = true;
    const first = await bench.deliver('transactional', 'unused', publishing);
    const second = await bench.deliver('transactional', 'unused', publishing);
    bench.isPublishingDown = false;
    const third = await bench.deliver('transactional', 'unused', publishing);
    const fourth = await bench.deliver('transactional', 'unused', publishing);
    assert.deepEqual(
      [first, second, third, fourth].map(({ kind }) => kind),
      ['failed', 'failed', 'duplicate', 'duplicate'],
    );
    assert.deepEqual([bench.sent, await bench.effects()], [['late'], ['one']]);
  },
  'commits over a lease of another body that was given back': async (bench) => {
    await bench.keeper.release(await bench.acquired({ hash: 'faulty' }));
    const outcome = await bench.deliver('transactional', bench.effect('mended'));
    assert.deepEqual([outcome.kind, await bench.effects()], ['handled', ['mended']]);
  },
  'commits a message whose handler wrote nothing, once': async (bench) => {
    const idle = { run: () => Promise.resolve() };
    assert.equal((await bench.deliver('transactional', 'none', idle)).kind, 'handled');
    assert.equal((await bench.deliver('transactional', 'none', idle)).kind, 'duplicate');
  },
};

const casesOf = (part: string, cases: Cases, needsTransactions = false): readonly StoreCase[] =>
  Object.entries(cases).map(([title, run]) => ({
    title: `${part}: ${title}`,
    needsTransactions,
    run: (subject) => run(new Bench(subject)),
  }));

/** The conformance suite of idempotency stores. */
export const STORE_CASES: readonly StoreCase[] = [
  ...casesOf('lease', leaseCases),
  ...casesOf('record', recordCases),
  ...casesOf('mark', markCases),
  ...casesOf('transaction', transactionCases, true),
];
