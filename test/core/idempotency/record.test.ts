import {
  decideOnRecord,
  LEASE_SKEW_MS,
  type IdempotencyRecord,
} from '../../../lib/core/idempotency/record.js';

const NOW = 1_000_000;
const record = (over: Partial<IdempotencyRecord> = {}): IdempotencyRecord => ({
  state: 'IN_PROGRESS',
  version: 1,
  owner: 'w1',
  leaseUntil: NOW + 5_000,
  expiresAt: NOW / 1_000 + 60,
  hash: 'h',
  ...over,
});

describe('decideOnRecord', () => {
  it.each([
    ['no record', undefined, { kind: 'free' }],
    ['a live lease', record(), { kind: 'in-progress', remainingMs: 5_000 + LEASE_SKEW_MS }],
    [
      'a lease that ended within the skew of clocks',
      record({ leaseUntil: NOW - LEASE_SKEW_MS + 1 }),
      { kind: 'in-progress', remainingMs: 1 },
    ],
    ['a lease that is over', record({ leaseUntil: NOW - LEASE_SKEW_MS }), { kind: 'free' }],
    ['a released record', record({ state: 'RELEASED' }), { kind: 'free' }],
    ['another body, released', record({ hash: 'x', state: 'RELEASED' }), { kind: 'free' }],
    ['a completed record', record({ state: 'COMPLETED' }), { kind: 'completed' }],
    ['another body', record({ hash: 'x' }), { kind: 'mismatch' }],
    ['another body, completed', record({ hash: 'x', state: 'COMPLETED' }), { kind: 'mismatch' }],
    [
      'a lease of a host whose clock was far ahead',
      record({ leaseUntil: NOW + 90_000_000 }),
      { kind: 'in-progress', remainingMs: 39_600_000 },
    ],
    [
      'a record in its last second',
      record({ state: 'COMPLETED', expiresAt: NOW / 1_000 }),
      { kind: 'completed' },
    ],
    [
      'an expired record that TTL has not removed yet',
      record({ state: 'COMPLETED', expiresAt: NOW / 1_000 - 1, hash: 'x' }),
      { kind: 'free' },
    ],
  ])('reads %s', (_case, stored, decision) => {
    expect(decideOnRecord(stored, { hash: 'h', now: NOW })).toEqual(decision);
  });
});
