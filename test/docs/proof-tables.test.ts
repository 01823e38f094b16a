import { readdirSync, readFileSync } from 'node:fs';
import { brokenProofs, PROOF_HEADING, proofsOf, testNamesIn } from '../../.config/proof-tables.js';

const page = (...rows: string[]): string =>
  ['# Page', PROOF_HEADING, 'Words.', '| clause | test |', '|---|---|', ...rows, '## Next', '| a | b |'].join(
    '\n',
  );

const THIS = 'test/docs/proof-tables.test.ts';

describe('the tables of promises in the documentation', () => {
  it('name tests that are there', () => {
    const broken = readdirSync('docs')
      .filter((name) => name.endsWith('.md'))
      .flatMap((name) => {
        const proofs = proofsOf(readFileSync(`docs/${name}`, 'utf8'));
        return proofs === undefined ? [] : brokenProofs(proofs).map((problem) => `docs/${name}: ${problem}`);
      });
    expect(broken).toEqual([]);
  });

  it('are read up to the next heading, several tests to a clause', () => {
    expect(proofsOf(page('| a \\| b | `x › one`, `y › two` |', '| c | `z › three` |'))).toEqual([
      { clause: 'a | b', tests: ['x › one', 'y › two'] },
      { clause: 'c', tests: ['z › three'] },
    ]);
  });

  it('are not looked for in pages without the heading', () => {
    expect(proofsOf('# Page\n| clause | test |\n')).toBeUndefined();
  });

  it.each([
    [`| it is so | \`${THIS} › name tests that are there\` |`, []],
    [`| it is so | \`${THIS} › rejects %s\` |`, []],
    ['| it is so | |', ["'it is so' names no test"]],
    [`| it is so | \`${THIS} › is nowhere\` |`, [`${THIS} has no test 'is nowhere'`]],
    ['| it is so | `test/none.test.ts › a` |', ['test/none.test.ts is not there (a)']],
    ['| it is so | `docs/webhook.md › a` |', ['docs/webhook.md is not there (a)']],
    ['| it is so | `a` |', ["'a' is not of the form 'test/path.test.ts › name of the test'"]],
  ])('rejects %s', (row, problems) => {
    expect(brokenProofs(proofsOf(page(row)) ?? [])).toEqual(problems);
  });

  it('rejects a heading without rows', () => {
    expect(brokenProofs(proofsOf(page()) ?? [])).toEqual(['the table has no rows']);
  });

  it('take no test that is skipped, and no words in a comment or string', () => {
    const source = [
      "it('runs', () => {});",
      "test('too', () => {});",
      "it.each([1])('each %s', () => {});",
      "it.skip('skipped', () => {});",
      "it.skip.each([1])('each skipped %s', () => {});",
      "it.todo('some day');",
      "// it('in a comment', () => {});",
      "const text = `it('in a string')`;",
      "describe('a suite', () => {});",
    ].join('\n');
    expect([...testNamesIn(source)]).toEqual(['runs', 'too', 'each %s']);
  });
});
