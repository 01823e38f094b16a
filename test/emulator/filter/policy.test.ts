import { readFilterPolicy, type FilterScope } from '../../../lib/emulator/filter/policy.js';
import type { MessageAttributeMap } from '../../../lib/emulator/structures/message-attributes.js';

const asAttributes = (values: Readonly<Record<string, unknown>>): MessageAttributeMap =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      Array.isArray(value)
        ? { DataType: 'String.Array', StringValue: JSON.stringify(value) }
        : { DataType: typeof value === 'number' ? 'Number' : 'String', StringValue: String(value) },
    ]),
  );

function decide(policy: unknown, values: Readonly<Record<string, unknown>>, scope: FilterScope): boolean {
  const reading = readFilterPolicy(JSON.stringify(policy), scope);
  if (reading.kind === 'refused') throw new Error(reading.reason);
  return reading.matches({
    attributes: scope === 'MessageAttributes' ? asAttributes(values) : {},
    body: scope === 'MessageBody' ? JSON.stringify(values) : 'no JSON',
  });
}

const SPORTS = { sport: ['rugby', 'tennis'] };

describe('filter policy', () => {
  const cases: readonly (readonly [string, unknown, Readonly<Record<string, unknown>>, boolean])[] = [
    ['one of the values', SPORTS, { sport: 'rugby' }, true],
    ['none of the values', SPORTS, { sport: 'soccer' }, false],
    ['another case', SPORTS, { sport: 'Rugby' }, false],
    ['an absent key', SPORTS, { other: 'rugby' }, false],
    ['an array with one of the values', SPORTS, { sport: ['soccer', 'tennis'] }, true],
    ['all keys', { a: ['1'], b: ['2'] }, { a: '1', b: '2' }, true],
    ['one key of two', { a: ['1'], b: ['2'] }, { a: '1', b: '3' }, false],
    ['a number', { price: [100] }, { price: 100 }, true],
    ['text where a number is wanted', { price: [100] }, { price: '100' }, false],
    ['a number where text is wanted', { price: ['100'] }, { price: 100 }, false],
    ['a prefix', { sport: [{ prefix: 'bas' }] }, { sport: 'baseball' }, true],
    ['another prefix', { sport: [{ prefix: 'bas' }] }, { sport: 'rugby' }, false],
    ['a suffix', { sport: [{ suffix: 'ball' }] }, { sport: 'baseball' }, true],
    ['another suffix', { sport: [{ suffix: 'ball' }] }, { sport: 'ballet' }, false],
    ['equals-ignore-case', { sport: [{ 'equals-ignore-case': 'tennis' }] }, { sport: 'TENNIS' }, true],
    ['a wildcard', { sport: [{ wildcard: '*ball' }] }, { sport: 'football' }, true],
    ['two wildcards', { sport: [{ wildcard: 'b*b*l' }] }, { sport: 'baseball' }, true],
    ['a wildcard with dots in it', { file: [{ wildcard: 'a.*' }] }, { file: 'abc' }, false],
    ['anything-but', { sport: [{ 'anything-but': ['rugby', 'tennis'] }] }, { sport: 'soccer' }, true],
    ['anything-but of its value', { sport: [{ 'anything-but': 'rugby' }] }, { sport: 'rugby' }, false],
    ['anything-but of an absent key', { sport: [{ 'anything-but': 'rugby' }] }, { other: 'x' }, false],
    // The documentation's own example: the array contains a value that isn't refused.
    [
      'anything-but of one element',
      { sport: [{ 'anything-but': ['rugby', 'tennis'] }] },
      { sport: ['rugby', 'baseball'] },
      true,
    ],
    ['anything-but of a number', { price: [{ 'anything-but': [100, 500] }] }, { price: 101 }, true],
    [
      'anything-but a prefix',
      { event: [{ 'anything-but': { prefix: 'order-' } }] },
      { event: 'order_x' },
      true,
    ],
    [
      'anything-but its prefix',
      { event: [{ 'anything-but': { prefix: 'order-' } }] },
      { event: 'order-x' },
      false,
    ],
    [
      'anything-but a wildcard',
      { event: [{ 'anything-but': { wildcard: '*-x' } }] },
      { event: 'order-x' },
      false,
    ],
    ['a number equal', { price: [{ numeric: ['=', 301.5] }] }, { price: 3.015e2 }, true],
    ['a number in a range', { price: [{ numeric: ['>', 100, '<=', 150] }] }, { price: 150 }, true],
    ['a number at an open end', { price: [{ numeric: ['>', 100, '<=', 150] }] }, { price: 100 }, false],
    ['a number below', { price: [{ numeric: ['<', 0] }] }, { price: -1 }, true],
    ['a key that exists', { sport: [{ exists: true }] }, { sport: 'x' }, true],
    ['a key that is absent', { sport: [{ exists: false }] }, { other: 'x' }, true],
    ['a key that should be absent', { sport: [{ exists: false }] }, { sport: 'x' }, false],
    ['an address in a block', { ip: [{ cidr: '10.0.0.0/24' }] }, { ip: '10.0.0.255' }, true],
    ['an address outside a block', { ip: [{ cidr: '10.0.0.0/24' }] }, { ip: '10.1.1.0' }, false],
    ['an IPv6 address in a block', { ip: [{ cidr: '2001:db8::/32' }] }, { ip: '2001:db8::1' }, true],
    ['text that is no address', { ip: [{ cidr: '10.0.0.0/24' }] }, { ip: 'ten' }, false],
    ['the first branch of $or', { $or: [{ a: ['1'] }, { b: ['2'] }] }, { a: '1' }, true],
    ['no branch of $or', { $or: [{ a: ['1'] }, { b: ['2'] }] }, { a: '2', b: '1' }, false],
    ['$or beside another key', { c: ['3'], $or: [{ a: ['1'] }, { b: ['2'] }] }, { a: '1', c: '4' }, false],
  ];

  it.each(cases)('decides on attributes with %s', (_what, policy, values, expected) => {
    expect(decide(policy, values, 'MessageAttributes')).toBe(expected);
  });

  it.each(cases)('decides on a body with %s', (_what, policy, values, expected) => {
    expect(decide(policy, values, 'MessageBody')).toBe(expected);
  });

  it('ignores binary attributes', () => {
    const reading = readFilterPolicy('{"a":[{"exists":false}]}', 'MessageAttributes');
    const attributes = { a: { DataType: 'Binary', BinaryValue: 'AA==' } };
    expect(reading.kind === 'policy' && reading.matches({ attributes, body: '' })).toBe(true);
  });

  it('lets a message without any attribute through to nobody but the empty policy', () => {
    expect(decide({ sport: [{ exists: false }] }, {}, 'MessageAttributes')).toBe(false);
    expect(decide({}, {}, 'MessageAttributes')).toBe(true);
  });

  it.each([
    ['nested keys', { a: { b: { c: ['x'] } } }, { a: { b: { c: 'x' } } }, true],
    ['nested keys that are absent', { a: { b: ['x'] } }, { a: 'x' }, false],
    ['true, false and null', { a: [true], b: [null] }, { a: true, b: null }, true],
    [
      'an array of objects with one that has all',
      { list: { a: ['1'], b: ['2'] } },
      { list: [{ a: '1' }, { a: '1', b: '2' }] },
      true,
    ],
    [
      'an array of objects with none that has all',
      { list: { a: ['1'], b: ['2'] } },
      { list: [{ a: '1' }, { b: '2' }] },
      false,
    ],
    ['an array of arrays', { a: ['x'] }, { a: [['x']] }, true],
    ['$or below a key', { a: { $or: [{ b: ['1'] }, { c: ['2'] }] } }, { a: { c: '2' } }, true],
    ['a key every object inherits', { constructor: [{ exists: false }] }, { a: 1 }, true],
    ['null for a key that should exist', { a: [{ exists: true }] }, { a: null }, false],
  ])('decides on a body with %s', (_what, policy, body, expected) => {
    expect(decide(policy, body, 'MessageBody')).toBe(expected);
  });

  it('does not match a body that is no JSON object', () => {
    const reading = readFilterPolicy('{"a":["x"]}', 'MessageBody');
    if (reading.kind === 'refused') throw new Error(reading.reason);
    for (const body of ['plain text', '[]', '"x"'])
      expect(reading.matches({ attributes: {}, body })).toBe(false);
  });

  it.each([
    ['no JSON', 'nonsense', 'MessageAttributes', 'failed to parse JSON'],
    ['no object', '["a"]', 'MessageAttributes', 'must be an object'],
    ['a value outside a list', '{"a":"x"}', 'MessageAttributes', 'must be an object or an array'],
    ['an empty list', '{"a":[]}', 'MessageAttributes', 'Empty arrays'],
    ['nesting on attributes', '{"a":{"b":["x"]}}', 'MessageAttributes', 'does not support nested'],
    ['an unknown operator', '{"a":[{"sounds-like":"x"}]}', 'MessageAttributes', 'Unrecognized match type'],
    ['two operators at once', '{"a":[{"prefix":"x","suffix":"y"}]}', 'MessageAttributes', 'Only one key'],
    ['a list in a list', '{"a":[["x"]]}', 'MessageAttributes', 'must be String, number'],
    ['an unknown comparison', '{"a":[{"numeric":["~",1]}]}', 'MessageAttributes', 'operator'],
    ['a comparison with text', '{"a":[{"numeric":["=","1"]}]}', 'MessageAttributes', 'must be numeric'],
    ['a range the wrong way round', '{"a":[{"numeric":[">",5,"<",1]}]}', 'MessageAttributes', 'range'],
    ['a number beyond a billion', '{"a":[1000000001]}', 'MessageAttributes', '1.0E9'],
    ['exists with text', '{"a":[{"exists":"yes"}]}', 'MessageAttributes', 'true or false'],
    ['four wildcards', '{"a":[{"wildcard":"a*b*c*d*"}]}', 'MessageAttributes', 'at most 3'],
    ['a broken block', '{"a":[{"cidr":"10.0.0.0/33"}]}', 'MessageAttributes', 'CIDR'],
    ['anything-but of mixed values', '{"a":[{"anything-but":["x",1]}]}', 'MessageAttributes', 'anything-but'],
    [
      'six keys',
      '{"a":["1"],"b":["1"],"c":["1"],"d":["1"],"e":["1"],"f":["1"]}',
      'MessageAttributes',
      'more than 5 keys',
    ],
  ])('rejects %s', (_what, text, scope, words) => {
    const reading = readFilterPolicy(text, scope as FilterScope);
    expect(reading).toMatchObject({ kind: 'refused' });
    expect(reading.kind === 'refused' && reading.reason).toContain(words);
  });

  const values = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `v${n}`);

  it.each([
    ['150 on attributes', { a: values(10), b: values(15) }, 'MessageAttributes', 'policy'],
    ['151 on attributes', { a: values(151) }, 'MessageAttributes', 'refused'],
    // (4 values x 3 levels) x (3 x 2) = 72 in the first, times 3 x 1 = 216 in the second.
    ['72 on a nested body', { a: { b: { c: values(4) } }, d: { e: values(3) } }, 'MessageBody', 'policy'],
    [
      '216 on a nested body',
      { a: { b: { c: values(4) } }, d: { e: values(3) }, f: values(3) },
      'MessageBody',
      'refused',
    ],
    [
      'the sum of the branches of $or',
      { $or: [{ a: values(75) }, { b: values(75) }] },
      'MessageAttributes',
      'policy',
    ],
    [
      'more in the branches of $or',
      { $or: [{ a: values(75) }, { b: values(76) }] },
      'MessageAttributes',
      'refused',
    ],
  ])('counts combinations: %s', (_what, policy, scope, kind) => {
    expect(readFilterPolicy(JSON.stringify(policy), scope as FilterScope).kind).toBe(kind);
  });
});
