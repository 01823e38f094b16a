import { decideOnError, errorPolicyViolations, whenError } from '../../../lib/core/retry/error-policy.js';

class RepositoryGone extends Error {}
class RepositoryMoved extends RepositoryGone {}

const rules = [
  whenError('RateLimited', { then: 'snooze', seconds: 60 }),
  whenError(RepositoryGone, { then: 'dead-letter' }),
  whenError('Stale', { then: 'drop' }),
];

describe('an error policy', () => {
  it.each([
    ['a name', Object.assign(new Error('x'), { name: 'RateLimited' }), 'snooze'],
    ['a class', new RepositoryGone('x'), 'dead-letter'],
    ['a subclass', new RepositoryMoved('x'), 'dead-letter'],
    [
      'a class of another copy of the package',
      new (class RepositoryGone extends Error {})('x'),
      'dead-letter',
    ],
    ['no rule', new Error('x'), 'retry'],
    ['something that is no error', 'x', 'retry'],
  ])('decides by %s', (_case, error, then) => {
    expect(decideOnError(rules, error)).toMatchObject({ then });
  });

  it('lets the first matching rule decide', () => {
    const both = [whenError(RepositoryMoved, { then: 'drop' }), ...rules];
    expect(decideOnError(both, new RepositoryMoved('x'))).toEqual({ then: 'drop' });
  });

  it('rejects a snooze beyond twelve hours', () => {
    expect(errorPolicyViolations([whenError('X', { then: 'snooze', seconds: 50_000 })])).toEqual([
      expect.stringContaining('snoozes for 50000 s'),
    ]);
  });
});
