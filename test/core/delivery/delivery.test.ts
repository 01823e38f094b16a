import { compileClaimRules } from '../../../lib/core/delivery/claim.js';
import {
  arrive,
  needsRenewal,
  takesSlot,
  transition,
  type Delivery,
  type DeliveryEvent,
  type HandlingOutcome,
  type Phase,
} from '../../../lib/core/delivery/delivery.js';

const rules = compileClaimRules(30);
const at = { now: 1_000, rules };

const PHASES: readonly Phase[] = [
  { kind: 'buffered' },
  { kind: 'handling', startedAt: 0 },
  { kind: 'parked' },
  { kind: 'dead-lettering' },
  { kind: 'deleting', since: 0 },
  { kind: 'deleting', since: 0, retryAt: 2_000 },
  { kind: 'releasing' },
  { kind: 'lost', at: 0 },
];
const settled = (outcome: HandlingOutcome): DeliveryEvent => ({ kind: 'settled', outcome });
const EVENTS: readonly (readonly [string, DeliveryEvent])[] = [
  ['start', { kind: 'start' }],
  ['done', settled({ kind: 'done' })],
  ['retry', settled({ kind: 'retry', afterSeconds: 1 })],
  ['poison', settled({ kind: 'poison' })],
  ['settled lost', settled({ kind: 'lost' })],
  ['abort', { kind: 'abort' }],
  ['give-up', { kind: 'give-up' }],
  ['expire', { kind: 'expire', cause: 'expired' }],
  ['release', { kind: 'release' }],
  ['park', { kind: 'park', costs: 1 }],
  ['dead-lettered', { kind: 'dead-lettered' }],
  ['delete-failed', { kind: 'delete-failed', retryAt: 2_000 }],
  ['retry-delete', { kind: 'retry-delete' }],
  ['finished', { kind: 'finished' }],
];
/** Its name in the table: a delete that waits for its next try is told from one that is out. */
const nameOf = (phase: Phase): string =>
  phase.kind === 'deleting' && phase.retryAt !== undefined ? 'deleting, waits' : phase.kind;
const delivery = (phase: Phase): Delivery => ({ ...arrive({ key: 1 }, 1, 0, rules), phase });

/** The table in the docstring of `transition`, in full: what is not listed stays. */
const TABLE: Readonly<Record<string, string>> = {
  'buffered + start': 'handling: start',
  'buffered + expire': 'gone: lost',
  'buffered + release': 'releasing:',
  'handling + done': 'deleting: delete',
  'handling + poison': 'dead-lettering: dead-letter',
  'handling + retry': 'releasing:',
  'handling + settled lost': 'gone: lost',
  'handling + abort': 'handling: abort',
  'handling + release': 'releasing:',
  'handling + park': 'parked:',
  'handling + give-up': 'releasing:',
  'handling + expire': 'lost: lost,abort',
  'parked + start': 'handling: start',
  'parked + release': 'releasing:',
  'parked + expire': 'gone: lost',
  'lost + done': 'gone:',
  'lost + retry': 'gone:',
  'lost + poison': 'gone:',
  'lost + settled lost': 'gone:',
  'lost + give-up': 'gone:',
  'dead-lettering + dead-lettered': 'deleting: delete',
  'dead-lettering + release': 'releasing:',
  'dead-lettering + park': 'parked:',
  'dead-lettering + expire': 'gone: lost',
  'deleting + delete-failed': 'deleting, waits:',
  'deleting + expire': 'gone: lost',
  'deleting + finished': 'gone:',
  'deleting, waits + retry-delete': 'deleting: delete',
  'deleting, waits + expire': 'gone: lost',
  'deleting, waits + finished': 'gone:',
  'releasing + finished': 'gone:',
};

describe('the life of a delivery', () => {
  const cases = PHASES.flatMap((phase) =>
    EVENTS.map(([name, event]) => ({ phase, state: nameOf(phase), name, event })),
  );

  it.each(cases)('$state + $name follows the table', ({ phase, state, name, event }) => {
    const { next, actions } = transition(delivery(phase), event, at);
    const expected = TABLE[`${state} + ${name}`] ?? `${state}:`;
    expect(`${next === undefined ? 'gone' : nameOf(next.phase)}: ${actions.join(',')}`.trim()).toBe(expected);
  });

  it.each(['done', 'retry', 'poison'] as const)('turns a late %s into a loss', (kind) => {
    const outcome: HandlingOutcome = kind === 'retry' ? { kind, afterSeconds: 1 } : { kind };
    const late = { now: 29_500, rules };
    expect(transition(delivery({ kind: 'handling', startedAt: 0 }), settled(outcome), late)).toEqual({
      next: undefined,
      actions: ['lost'],
    });
  });

  it('asks a handler to end only once', () => {
    const first = transition(delivery({ kind: 'handling', startedAt: 0 }), { kind: 'abort' }, at).next!;
    expect(transition(first, { kind: 'abort' }, at).actions).toEqual([]);
  });

  it('trap 7: is renewed until it is deleted, never once it is lost or given back', () => {
    const renewed = PHASES.filter((phase) => needsRenewal(delivery(phase))).map(nameOf);
    expect(renewed).toEqual([
      'buffered',
      'handling',
      'parked',
      'dead-lettering',
      'deleting',
      'deleting, waits',
    ]);
    const { next } = transition(delivery({ kind: 'buffered' }), { kind: 'renewing' }, at);
    expect(needsRenewal(next!)).toBe(false);
  });

  it('takes a slot as long as its handler runs, wanted or not', () => {
    expect(PHASES.filter((phase) => takesSlot(delivery(phase))).map(({ kind }) => kind)).toEqual([
      'handling',
      'lost',
    ]);
  });

  it('tries a failed renewal again, but not at once', () => {
    const renewing = transition(delivery({ kind: 'buffered' }), { kind: 'renewing' }, at).next!;
    const failed = transition(renewing, { kind: 'renewal-failed' }, at).next!;
    expect(failed).toMatchObject({ isRenewing: false, renewNotBefore: 2_500 });
  });
});
