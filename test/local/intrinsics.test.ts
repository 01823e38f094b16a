import { isMillraceError } from '../../lib/core/errors.js';
import {
  referencesOf,
  resolveCondition,
  resolveValue,
  type TemplateScope,
} from '../../lib/local/intrinsics.js';
import type { Json } from '../../lib/local/json.js';

const scope: TemplateScope = {
  reference: (id) => (id === 'AWS::NoValue' ? undefined : `ref-${id}`),
  attribute: (id, attribute) => `${id}/${attribute}`,
  condition: (name) => name === 'Yes',
  mappings: { Sizes: { dev: { count: 1 }, prod: { count: 4 } } },
  importValue: (name) => `import-${name}`,
  stackOutput: (stack, output) => `${stack}#${output}`,
};

const resolve = (value: Json): Json | undefined => resolveValue(value, scope);

describe('resolveValue', () => {
  it.each<[string, Json, Json]>([
    ['Ref', { Ref: 'A' }, 'ref-A'],
    ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['A', 'Arn'] }, 'A/Arn'],
    ['Fn::GetAtt as text', { 'Fn::GetAtt': 'A.Stream.Arn' }, 'A/Stream.Arn'],
    ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'B' }, 3]] }, 'a-ref-B-3'],
    ['Fn::Sub', { 'Fn::Sub': '${A}:${B.Arn}:${AWS::Region}' }, 'ref-A:B/Arn:ref-AWS::Region'],
    ['Fn::Sub with values', { 'Fn::Sub': ['${A}/${own}', { own: { Ref: 'X' } }] }, 'ref-A/ref-X'],
    ['Fn::Sub with a literal', { 'Fn::Sub': '${!A}${A}' }, '${A}ref-A'],
    ['Fn::Select of Fn::Split', { 'Fn::Select': [1, { 'Fn::Split': ['-', { Ref: 'A' }] }] }, 'A'],
    ['Fn::If', { 'Fn::If': ['No', 'then', { Ref: 'Else' }] }, 'ref-Else'],
    ['Fn::FindInMap', { 'Fn::FindInMap': ['Sizes', 'prod', 'count'] }, 4],
    ['Fn::FindInMap with a default', { 'Fn::FindInMap': ['Sizes', 'qa', 'count', { DefaultValue: 2 }] }, 2],
    ['Fn::ImportValue', { 'Fn::ImportValue': 'x' }, 'import-x'],
    [
      'Fn::GetStackOutput',
      { 'Fn::GetStackOutput': { StackName: 's', OutputName: 'o', Region: { Ref: 'R' } } },
      's#o',
    ],
    ['Fn::ToJsonString', { 'Fn::ToJsonString': { a: { Ref: 'A' } } }, '{"a":"ref-A"}'],
    ['Fn::Base64', { 'Fn::Base64': 'mill' }, 'bWlsbA=='],
    ['Fn::Length', { 'Fn::Length': ['a', 'b'] }, 2],
    ['an object that only looks like a call', { Ref: 'A', also: 1 }, { Ref: 'A', also: 1 }],
  ])('works out %s', (_, value, expected) => {
    expect(resolve(value)).toEqual(expected);
  });

  it('leaves members and items out that are AWS::NoValue', () => {
    const noValue = { Ref: 'AWS::NoValue' };
    expect(resolve({ kept: 1, gone: noValue, list: ['a', noValue] })).toEqual({ kept: 1, list: ['a'] });
  });

  it.each<[string, Json]>([
    ['an unknown function', { 'Fn::Transform': { Name: 'x' } }],
    ['Fn::Select beyond the list', { 'Fn::Select': [7, ['a']] }],
    ['Fn::Join of an object', { 'Fn::Join': ['', [{ a: 1 }]] }],
    ['Fn::FindInMap without the key', { 'Fn::FindInMap': ['Sizes', 'qa', 'count'] }],
    ['Fn::If without a value', { 'Fn::If': ['Yes', 'only'] }],
  ])('rejects %s', (_, value) => {
    let refused: unknown;
    try {
      resolve(value);
    } catch (error) {
      refused = error;
    }
    expect(isMillraceError(refused, 'ASSEMBLY_INVALID')).toBe(true);
  });
});

describe('resolveCondition', () => {
  it.each<[Json, boolean]>([
    [{ Condition: 'Yes' }, true],
    [{ 'Fn::Equals': [1, '1'] }, true],
    [{ 'Fn::Not': [{ Condition: 'Yes' }] }, false],
    [{ 'Fn::And': [{ Condition: 'Yes' }, { 'Fn::Equals': ['a', 'b'] }] }, false],
    [{ 'Fn::Or': [{ Condition: 'No' }, { 'Fn::Equals': [{ Ref: 'A' }, 'ref-A'] }] }, true],
  ])('works out %j', (condition, expected) => {
    expect(resolveCondition(condition, scope)).toBe(expected);
  });
});

describe('referencesOf', () => {
  it('finds what is mentioned at any depth, by Ref, Fn::GetAtt and Fn::Sub, but not what Fn::Sub is given', () => {
    const value: Json = {
      a: [{ Ref: 'A' }],
      b: { 'Fn::If': ['Yes', { 'Fn::GetAtt': ['B', 'Arn'] }, { 'Fn::GetAtt': 'C.Arn' }] },
      c: { 'Fn::Sub': ['${D.Arn} ${own} ${!E}', { own: { Ref: 'F' } }] },
    };
    expect([...referencesOf(value)].sort()).toEqual(['A', 'B', 'C', 'D', 'F']);
  });
});
