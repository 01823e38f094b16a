import { existsSync, readFileSync } from 'node:fs';
import ts from 'typescript';

/** The heading under which a page says what is promised, in a table of clauses and the tests that prove them. */
export const PROOF_HEADING = '## What is promised, and the test that proves it';

/** A row of such a table: what is promised, and its tests as `test/path.test.ts › name of the test`. */
export interface Proof {
  readonly clause: string;
  readonly tests: readonly string[];
}

/** The rows under the heading, or undefined where a page has no such heading. */
export function proofsOf(page: string): readonly Proof[] | undefined {
  const lines = page.split('\n');
  const at = lines.indexOf(PROOF_HEADING);
  if (at < 0) return undefined;
  const end = lines.findIndex((line, index) => index > at && line.startsWith('## '));
  return lines
    .slice(at + 1, end < 0 ? undefined : end)
    .filter((line) => line.startsWith('|'))
    .map(cellsOf)
    .filter(([clause = '', tests = '']) => !/^-*$/.test(clause) && !(clause === 'clause' && tests === 'test'))
    .map(([clause = '', tests = '']) => ({
      clause,
      tests: [...tests.matchAll(/`([^`]+)`/g)].map(([, test = '']) => test),
    }));
}

/** What is wrong with the rows of a page: rows without a test, tests that are not there, tests that are skipped. */
export function brokenProofs(proofs: readonly Proof[]): readonly string[] {
  if (proofs.length === 0) return ['the table has no rows'];
  return proofs.flatMap(({ clause, tests }) =>
    tests.length === 0 ? [`'${clause}' names no test`] : tests.flatMap((test) => problemOf(test) ?? []),
  );
}

/** The names of the tests a file runs, as written: those of `it.each` with their placeholders, skipped ones left out. */
export function testNamesIn(source: string): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const name = ts.isCallExpression(node) ? nameOfTest(node) : undefined;
    if (name !== undefined) names.add(name);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('test.ts', source, ts.ScriptTarget.Latest));
  return names;
}

/** The cells of a row; a bar that belongs to a cell is written `\|`. */
function cellsOf(row: string): readonly string[] {
  return row
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function problemOf(test: string): string | undefined {
  const [file = '', name] = test.split(' › ');
  if (name === undefined) return `'${test}' is not of the form 'test/path.test.ts › name of the test'`;
  if (!/^test\/.*\.test\.ts$/.test(file) || !existsSync(file)) return `${file} is not there (${name})`;
  return testNamesIn(readFileSync(file, 'utf8')).has(name) ? undefined : `${file} has no test '${name}'`;
}

/** `it('name', …)`, `test('name', …)` and `it.each(…)('name', …)`. */
function nameOfTest({ expression, arguments: [title] }: ts.CallExpression): string | undefined {
  if (title === undefined || !ts.isStringLiteralLike(title)) return undefined;
  const callee = ts.isCallExpression(expression) ? expression.expression : expression;
  const isEach = ts.isPropertyAccessExpression(callee) && callee.name.text === 'each';
  const root = isEach ? callee.expression : callee;
  return ts.isIdentifier(root) && (root.text === 'it' || root.text === 'test') ? title.text : undefined;
}
