import { existsSync, readFileSync } from 'node:fs';

interface Proof {
  readonly promise: string;
  readonly file: string;
  readonly test: string;
}

const GUIDE = 'docs/queue-worker.md';
const HEADING = '## What is promised, and the test that proves it';

/** The rows of the guide's table; one without a promise of its own proves the one above. */
function proofsOf(guide: string): readonly Proof[] {
  const [, section = ''] = guide.split(`${HEADING}\n`);
  const rows = [...section.matchAll(/^\| (.*?) \| `(test\/[^`]+)` \| (.+?) \|$/gm)];
  let above = '';
  return rows.map(([, promise = '', file = '', test = '']) => {
    above = promise.trim() === '' ? above : promise;
    return { promise: above, file, test };
  });
}

const PROOFS = proofsOf(readFileSync(GUIDE, 'utf8'));

describe('what a queue worker promises', () => {
  it('is listed with its proofs', () => {
    expect(PROOFS.length).toBeGreaterThan(40);
    expect(PROOFS.filter(({ promise }) => promise === '')).toEqual([]);
  });

  it.each(PROOFS)('is proved by a test that exists: $test', ({ file, test }) => {
    expect(existsSync(file)).toBe(true);
    const source = readFileSync(file, 'utf8');
    const quoted = ["'", '`', '"'].map((quote) => `${quote}${test}${quote}`);
    expect(quoted.some((name) => source.includes(name))).toBe(true);
  });
});
