import { readFileSync } from 'node:fs';
import { isMillraceError, MillraceError } from '../../lib/contract/index.js';
import { refuseAll } from '../../lib/core/errors.js';

describe('MillraceError', () => {
  it('is recognised by its brand, also when made by another copy of the package', () => {
    const foreign = Object.assign(new Error('x'), { code: 'STOPPED', [Symbol.for('millrace.error')]: true });
    expect([
      isMillraceError(new MillraceError('STOPPED', 'x')),
      isMillraceError(foreign),
      isMillraceError(new Error('x')),
    ]).toEqual([true, true, false]);
  });

  it('is told apart by its code', () => {
    const error = new MillraceError('STOPPED', 'x');
    expect([isMillraceError(error, 'STOPPED'), isMillraceError(error, 'PUT_FAILED')]).toEqual([true, false]);
  });

  it('keeps its cause', () => {
    const cause = new Error('socket hang up');
    expect(new MillraceError('ENDPOINT_UNREACHABLE', 'x', { cause }).cause).toBe(cause);
  });
});

describe('refuseAll', () => {
  it('lets no violations pass in silence', () => {
    expect(() => refuseAll('nothing', [])).not.toThrow();
  });

  it('rejects with all violations in one message', () => {
    expect(() => refuseAll('createX cannot be used', ['a is wrong', 'b is wrong'])).toThrow(
      /createX cannot be used:\n {2}- a is wrong\n {2}- b is wrong/,
    );
  });
});

describe('docs/errors.md', () => {
  it('has a row for every error code, and none for a code that is gone', () => {
    const source = readFileSync('lib/core/errors.ts', 'utf8');
    const union = source.slice(
      source.indexOf('export type ErrorCode'),
      source.indexOf(';', source.indexOf('export type ErrorCode')),
    );
    const codes = [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code);
    const rows = [...readFileSync('docs/errors.md', 'utf8').matchAll(/^\| `([A-Z_]+)` \|/gm)].map(
      ([, code]) => code,
    );
    expect(rows.sort()).toEqual(codes.sort());
  });
});
