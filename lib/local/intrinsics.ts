import { MillraceError } from '../core/errors.js';
import { asText, glimpse, isList, isObject, type Json, type JsonObject } from './json.js';

/** What the names in a template stand for while its values are worked out. */
export interface TemplateScope {
  /** What `Ref` of a resource, parameter or pseudo parameter gives; undefined for `AWS::NoValue`. */
  readonly reference: (id: string) => Json | undefined;
  readonly attribute: (id: string, attribute: string) => Json;
  readonly condition: (name: string) => boolean;
  readonly mappings: JsonObject;
  /** What stands for a value that no mapping has; without it, that is refused. */
  readonly unmapped?: (keys: readonly string[]) => Json;
  readonly importValue: (exportName: string) => Json;
  readonly stackOutput: (stack: string, output: string) => Json;
}

type Fn = (argument: Json, scope: TemplateScope) => Json | undefined;

/**
 * Works out every intrinsic function in a value. `undefined` means the value is `AWS::NoValue`: as a member it is left
 * out, as CloudFormation leaves it out.
 * @throws {ASSEMBLY_INVALID} a function that is not known here, or one that is used in a way CloudFormation refuses
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html (read 2026-11-22)
 */
export function resolveValue(value: Json, scope: TemplateScope): Json | undefined {
  if (isList(value)) return value.flatMap((item) => listOf(resolveValue(item, scope)));
  if (!isObject(value)) return value;
  const call = callOf(value);
  if (call !== undefined) return call.fn(call.argument, scope);
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => {
      const resolved = resolveValue(member, scope);
      return resolved === undefined ? [] : [[key, resolved]];
    }),
  );
}

/** Works out a condition: the name of one, or the functions it is made of. */
export function resolveCondition(value: Json, scope: TemplateScope): boolean {
  if (isObject(value) && typeof value.Condition === 'string') return scope.condition(value.Condition);
  const resolved = resolveValue(value, scope);
  if (typeof resolved === 'boolean') return resolved;
  return refuse('a condition', 'true or false', resolved);
}

/** Ids of everything a value refers to: resources, parameters, pseudo parameters. Both sides of an `Fn::If` count. */
export function referencesOf(value: Json): ReadonlySet<string> {
  const found = new Set<string>();
  const walk = (node: Json): void => {
    if (isList(node)) node.forEach(walk);
    if (!isObject(node)) return;
    if (typeof node.Ref === 'string') found.add(node.Ref);
    const attribute = node['Fn::GetAtt'];
    if (attribute !== undefined) found.add(attributePath(attribute)[0]);
    for (const id of subbedNames(node['Fn::Sub'])) found.add(id);
    Object.values(node).forEach(walk);
  };
  walk(value);
  return found;
}

const FUNCTIONS: Readonly<Record<string, Fn>> = {
  Ref: (id, scope) => scope.reference(textOf(id, 'Ref', scope)),
  'Fn::GetAtt': (argument, scope) => {
    const [id, attribute] = attributePath(argument);
    return scope.attribute(
      id,
      typeof attribute === 'string' ? attribute : textOf(attribute, 'Fn::GetAtt', scope),
    );
  },
  'Fn::Join': (argument, scope) => {
    const [separator, items] = pairOf(argument, 'Fn::Join');
    const texts = itemsOf(items, 'Fn::Join', scope).map((item) => textOf(item, 'Fn::Join', scope));
    return texts.join(textOf(separator, 'Fn::Join', scope));
  },
  'Fn::Sub': substitute,
  'Fn::Select': (argument, scope) => {
    const [index, items] = pairOf(argument, 'Fn::Select');
    const list = itemsOf(items, 'Fn::Select', scope);
    const chosen = list[Number(textOf(index, 'Fn::Select', scope))];
    return chosen ?? refuse('Fn::Select', `an index below ${list.length}`, index);
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = pairOf(argument, 'Fn::Split');
    return textOf(text, 'Fn::Split', scope).split(textOf(separator, 'Fn::Split', scope));
  },
  'Fn::If': (argument, scope) => {
    const [condition, then, otherwise] = isList(argument) ? argument : [];
    if (typeof condition !== 'string' || then === undefined || otherwise === undefined) {
      return refuse('Fn::If', '[condition, value, value]', argument);
    }
    return resolveValue(scope.condition(condition) ? then : otherwise, scope);
  },
  'Fn::Equals': (argument, scope) => {
    const [left, right] = pairOf(argument, 'Fn::Equals').map((side) => resolveValue(side, scope));
    // CloudFormation compares as text, so that the number 1 and the text '1' are the same.
    return (asText(left) ?? JSON.stringify(left)) === (asText(right) ?? JSON.stringify(right));
  },
  'Fn::And': (argument, scope) =>
    conditionsOf(argument, 'Fn::And').every((each) => resolveCondition(each, scope)),
  'Fn::Or': (argument, scope) =>
    conditionsOf(argument, 'Fn::Or').some((each) => resolveCondition(each, scope)),
  'Fn::Not': (argument, scope) =>
    !conditionsOf(argument, 'Fn::Not').every((each) => resolveCondition(each, scope)),
  'Fn::FindInMap': findInMap,
  'Fn::ImportValue': (name, scope) => scope.importValue(textOf(name, 'Fn::ImportValue', scope)),
  'Fn::GetStackOutput': (argument, scope) => {
    const given = isObject(argument) ? argument : refuse('Fn::GetStackOutput', 'an object', argument);
    const member = (name: string): string => textOf(given[name] ?? null, `Fn::GetStackOutput ${name}`, scope);
    return scope.stackOutput(member('StackName'), member('OutputName'));
  },
  'Fn::ToJsonString': (value, scope) => JSON.stringify(resolveValue(value, scope)),
  'Fn::Base64': (text, scope) => Buffer.from(textOf(text, 'Fn::Base64', scope)).toString('base64'),
  'Fn::Length': (items, scope) => itemsOf(items, 'Fn::Length', scope).length,
};

function callOf(value: JsonObject): { readonly fn: Fn; readonly argument: Json } | undefined {
  const [[name, argument] = [], ...others] = Object.entries(value);
  if (name === undefined || argument === undefined || others.length > 0) return undefined;
  const fn = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (fn !== undefined) return { fn, argument };
  return name.startsWith('Fn::')
    ? refuse(name, `one of ${Object.keys(FUNCTIONS).join(', ')}`, value)
    : undefined;
}

const PLACEHOLDER = /\$\{([^!}][^}]*)\}/g;

function substitute(argument: Json, scope: TemplateScope): string {
  const [pattern, given] = isList(argument) ? argument : [argument];
  if (typeof pattern !== 'string') return refuse('Fn::Sub', 'text, or [text, values]', argument);
  const values = isObject(given) ? given : {};
  const filled = pattern.replace(PLACEHOLDER, (_, key: string) => {
    const name = key.trim();
    if (Object.hasOwn(values, name)) return textOf(values[name] ?? null, 'Fn::Sub', scope);
    const [id, ...attribute] = name.split('.');
    const value =
      attribute.length === 0 ? scope.reference(name) : scope.attribute(id ?? '', attribute.join('.'));
    return asText(value) ?? refuse(`Fn::Sub \${${name}}`, 'text', value);
  });
  return filled.replaceAll('${!', '${');
}

function subbedNames(argument: Json | undefined): string[] {
  const [pattern, given] = isList(argument) ? argument : [argument];
  if (typeof pattern !== 'string') return [];
  const names = [...pattern.matchAll(PLACEHOLDER)].map(([, key = '']) => key.trim());
  const free = names.filter((name) => !(isObject(given) && Object.hasOwn(given, name)));
  return free.map((name) => name.split('.')[0] ?? name);
}

function findInMap(argument: Json, scope: TemplateScope): Json {
  const [map, top, second, options] = isList(argument) ? argument : [];
  const keys = [map, top, second].map((key) => textOf(key ?? null, 'Fn::FindInMap', scope));
  const found = keys.reduce<Json | undefined>(
    (level, key) => (isObject(level) && Object.hasOwn(level, key) ? level[key] : undefined),
    scope.mappings,
  );
  if (found !== undefined) return found;
  const fallback =
    isObject(options) && options.DefaultValue !== undefined
      ? resolveValue(options.DefaultValue, scope)
      : undefined;
  return fallback ?? scope.unmapped?.(keys) ?? refuse('Fn::FindInMap', 'keys that the mappings hold', keys);
}

function attributePath(argument: Json): readonly [string, Json] {
  if (typeof argument === 'string') {
    const dot = argument.indexOf('.');
    if (dot > 0) return [argument.slice(0, dot), argument.slice(dot + 1)];
  }
  const [id, attribute] = isList(argument) ? argument : [];
  if (typeof id !== 'string' || attribute === undefined)
    return refuse('Fn::GetAtt', '[id, attribute]', argument);
  return [id, attribute];
}

function pairOf(argument: Json, where: string): readonly [Json, Json] {
  const [first, second] = isList(argument) ? argument : [];
  return first === undefined || second === undefined
    ? refuse(where, 'two values', argument)
    : [first, second];
}

function itemsOf(items: Json, where: string, scope: TemplateScope): readonly Json[] {
  const resolved = resolveValue(items, scope);
  return isList(resolved) ? resolved : refuse(where, 'a list', resolved);
}

function conditionsOf(argument: Json, where: string): readonly Json[] {
  return isList(argument) && argument.length > 0 ? argument : refuse(where, 'a list of conditions', argument);
}

function textOf(value: Json, where: string, scope: TemplateScope): string {
  const resolved = resolveValue(value, scope);
  return asText(resolved) ?? refuse(where, 'text', resolved);
}

const listOf = (value: Json | undefined): readonly Json[] => (value === undefined ? [] : [value]);

function refuse(where: string, expected: string, got: unknown): never {
  throw new MillraceError('ASSEMBLY_INVALID', `${where} must be ${expected}, got ${glimpse(got)}`);
}
