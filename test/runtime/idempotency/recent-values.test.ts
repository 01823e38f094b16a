import { createRecentValues } from '../../../lib/runtime/idempotency/recent-values.js';

describe('recent values', () => {
  it('are the last that were set, at least so many and at most twice that', () => {
    const recent = createRecentValues<number>(100);
    for (let value = 0; value < 1_000; value += 1) recent.set(`k${value}`, value);
    const known = Array.from({ length: 1_000 }, (_, value) => recent.get(`k${value}`)).filter(
      (value) => value !== undefined,
    );
    expect(known.slice(-100)).toEqual(Array.from({ length: 100 }, (_, index) => 900 + index));
    expect(known.length).toBeLessThanOrEqual(200);
  });

  it('are those that were set last, also of a key that was set long ago', () => {
    const recent = createRecentValues<string>(2);
    recent.set('a', 'first');
    recent.set('b', '');
    recent.set('c', '');
    recent.set('a', 'second');
    expect([recent.get('a'), recent.get('c')]).toEqual(['second', '']);
  });
});
