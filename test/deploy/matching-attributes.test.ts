import { attributesFor, typeFor } from './matching-attributes.js';

describe('a message that passes a filter', () => {
  it.each([
    [{ 'millrace-type': ['b', 'c'] }, 'b'],
    [{ branch: ['main'] }, 'a'],
    [{}, 'a'],
  ])('of %j is of type %s', (filter, type) => {
    expect(typeFor(filter, ['a', 'b'])).toBe(type);
  });

  it.each([
    [{ 'millrace-type': ['b'] }, {}],
    [{ branch: ['main', 'next'] }, { branch: 'main' }],
    [{ price: [100] }, { price: 100 }],
    [{ branch: [{ prefix: 'refs/' }] }, { branch: 'refs/x' }],
    [{ file: [{ suffix: '.ts' }] }, { file: 'x.ts' }],
    [{ price: [{ numeric: ['>', 5, '<=', 9] }] }, { price: 6 }],
    [{ price: [{ numeric: ['<', 5] }] }, { price: 4 }],
    [{ price: [{ numeric: ['=', 5] }] }, { price: 5 }],
    [{ tenant: [{ exists: true }], internal: [{ exists: false }] }, { tenant: 'anything' }],
    [{ tenant: [{ 'anything-but': ['a'] }] }, { tenant: 'anything' }],
    [
      { a: ['1'], $or: [{ b: ['2'] }, { c: ['3'] }] },
      { a: '1', b: '2' },
    ],
  ])('of %j has %j', (filter, attributes) => {
    expect(attributesFor(filter)).toEqual(attributes);
  });
});
