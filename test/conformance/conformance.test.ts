import { readFileSync } from 'node:fs';

import { ALL_CASES } from './cases/index.js';
import { millrace } from './engines/millrace.js';
import { KNOWN_DIFFERENCES } from './known-differences.js';
import { runEngine } from './run-engine.js';

/** Groups without waits of seconds; the whole suite is `npm run conformance`. */
const QUICK_GROUPS = new Set([
  'sqs.batch',
  'sqs.refusal',
  'sns.filter-body',
  'sns.filter-refusal',
  'sns.publish-refusal',
  'dynamodb.transaction',
]);

describe('conformance suite', () => {
  const ids = ALL_CASES.map(({ id }) => id);

  it('gives every case an id of its own', () => {
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it('trap 42: has at least 250 cases, which AWS itself can be asked too', () => {
    expect(ALL_CASES.length).toBeGreaterThanOrEqual(250);
  });

  it.each([
    ['docs/conformance.md', /Our column: \*\*(\d+) passed, 0 failed\*\*/],
    ['CHANGELOG.md', /`npm run conformance`: (\d+) black-box cases/],
  ])('is as large as %s says', (file, count) => {
    expect(count.exec(readFileSync(file, 'utf8'))?.[1]).toBe(String(ALL_CASES.length));
  });

  it('cites an AWS page for every case', () => {
    const uncited = ALL_CASES.filter(
      ({ page }) => !/^https:\/\/docs\.aws\.amazon\.com\/\S+\.html$/.test(page),
    );
    expect(uncited.map(({ id }) => id)).toEqual([]);
  });

  it('excuses only cases that exist', () => {
    expect(Object.keys(KNOWN_DIFFERENCES).filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('passes its quick part, and whatever needs a clock, on the embedded emulator', async () => {
    const quick = ALL_CASES.filter(({ group, needs }) => QUICK_GROUPS.has(group) || needs.includes('clock'));
    const report = await runEngine(millrace, quick, {
      cache: '',
      concurrency: 8,
      onProgress: () => undefined,
    });
    const outcomes = report.kind === 'ran' ? [...report.outcomes] : [];
    expect(outcomes).toHaveLength(quick.length);
    expect(outcomes.filter(([id, { kind }]) => kind !== 'pass' && !(id in KNOWN_DIFFERENCES))).toEqual([]);
  }, 60_000);
});
