import { costOf, limitOf, LIMITS, PRICES } from '../../lib/contract/index.js';

describe('limits and prices', () => {
  it.each([...Object.entries(LIMITS), ...Object.entries(PRICES)])(
    '%s names an official page and the day it was read',
    (_name, entry) => {
      expect(entry.source).toMatch(/^https:\/\/(docs\.)?aws\.amazon\.com\//);
      expect(entry.asOf).toMatch(/^2026-\d\d-\d\d$/);
    },
  );

  it('gives the number of a limit in its unit', () => {
    expect(limitOf('sqs.visibilityTimeout.max')).toBe(12 * 60 * 60);
  });

  it('prices a million requests at the list price', () => {
    expect(costOf('sqs.standard.request', 1_000_000)).toBeCloseTo(0.4);
  });
});
