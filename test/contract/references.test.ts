import fc from 'fast-check';
import type { ContractReference } from '../../lib/contract/binding.js';
import { decodeReferences, encodeReferences } from '../../lib/contract/references.js';

const references = (version: number, ...names: string[]): ContractReference[] =>
  names.map((name) => ({ name, version }));

describe('message types as one line', () => {
  it.each<[string, ContractReference[]]>([
    ['', []],
    ['ping@1', references(1, 'ping')],
    ['github.push@1', references(1, 'github.push')],
    ['github.{push,ping}@1', references(1, 'github.push', 'github.ping')],
    [
      'github.{issues.{opened,closed},push}@3',
      references(3, 'github.issues.opened', 'github.issues.closed', 'github.push'),
    ],
    ['order{,.paid}@1', references(1, 'order', 'order.paid')],
    ['a@1 b@1 a@2', [...references(1, 'a', 'b'), ...references(2, 'a')]],
  ])('writes and reads %j', (text, list) => {
    expect(encodeReferences(list)).toBe(text);
    expect(decodeReferences(text)).toEqual(list);
  });

  it('reads back every set of names that it wrote', () => {
    const segment = fc.stringMatching(/^[a-c_-]{0,3}$/);
    const name = fc
      .array(segment, { minLength: 1, maxLength: 4 })
      .map((segments) => segments.join('.'))
      .filter((text) => text !== '');
    const list = fc.uniqueArray(fc.record({ name, version: fc.integer({ min: 1, max: 3 }) }), {
      selector: ({ name: text, version }) => `${text}@${version}`,
      maxLength: 30,
    });
    const sorted = (some: readonly ContractReference[] | undefined): unknown =>
      some?.map(({ name: text, version }) => `${text}@${version}`).sort();
    fc.assert(
      fc.property(list, (given) => {
        expect(sorted(decodeReferences(encodeReferences(given)))).toEqual(sorted(given));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    'a',
    'a@',
    'a@x',
    '@1',
    'a{@1',
    'a}@1',
    'a{b@1',
    'a{b,{c}@1',
    'a b@1',
    'a@1  b@1',
    '{}@1',
    'a{b}c@1',
    'a@1,b@1',
  ])('refuses %j', (text) => {
    expect(decodeReferences(text)).toBeUndefined();
  });

  it('keeps 58 types of one source under 1.2 KB', () => {
    const types = Array.from({ length: 58 }, (_, index) => `github.kind_${index % 20}.action_${index}`);
    expect(encodeReferences(references(1, ...types)).length).toBeLessThan(1_200);
  });
});
