import { existsSync, readFileSync } from 'node:fs';
import type { Settlement } from '../../.config/practices/practice.js';
import { renderPracticesPage } from '../../.config/practices/practices-page.js';
import { PRACTICE_SECTIONS } from '../../.config/practices/sections.js';
import { CHECK_RULES } from '../../lib/cdk/checks/check-rules.js';

const settlements: readonly Settlement[] = PRACTICE_SECTIONS.flatMap(({ practices }) =>
  practices.flatMap(({ settled }) => settled),
);

/** Whether `test/path.test.ts › name` is a test: its name is the first argument of a call in that file. */
function isTest(proof: string): boolean {
  const [file = '', name = ''] = proof.split(' › ');
  if (!existsSync(file) || name === '') return false;
  const source = readFileSync(file, 'utf8');
  return ["'", '"', '`'].some((quote) => new RegExp(`\\(\\s*${quote}${escape(name)}${quote}`).test(source));
}

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

describe('the practices', () => {
  it('are shown as the table has them (npm run docs)', () => {
    expect(readFileSync('docs/practices.md', 'utf8')).toBe(renderPracticesPage());
  });

  it.each(PRACTICE_SECTIONS.map((section) => [section.title, section] as const))(
    'on %s are named in order, each once, each settled',
    (_title, { prefix, count, practices }) => {
      const all = Array.from({ length: count }, (_, index) => `${prefix}-${`${index + 1}`.padStart(2, '0')}`);
      const ids = practices.map(({ id }) => id);
      expect(ids).toEqual(all);
      expect(practices.filter(({ settled }) => settled.length === 0)).toEqual([]);
    },
  );

  it('are the 149 of the catalogue, and a few more', () => {
    const catalogue = PRACTICE_SECTIONS.filter(({ prefix }) => prefix !== 'MIL');
    expect(catalogue.flatMap(({ practices }) => practices)).toHaveLength(149);
  });

  it('name every rule, and only rules that are there', () => {
    const named = settlements.flatMap((settled) => (settled.kind === 'rule' ? settled.ids : []));
    const known = CHECK_RULES.map(({ id }) => id);
    expect(named.filter((id) => !known.includes(id))).toEqual([]);
    expect(known.filter((id) => !named.includes(id))).toEqual([]);
  });

  it('name only tests that are there', () => {
    const proofs = settlements.flatMap((settled) => ('tests' in settled ? settled.tests : []));
    expect(proofs.filter((proof) => !isTest(proof))).toEqual([]);
  });

  it('give a proof for whatever a construct or the runtime is said to do', () => {
    expect(settlements.filter((settled) => 'tests' in settled && settled.tests.length === 0)).toEqual([]);
  });
});
