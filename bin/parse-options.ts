import { parseArgs } from 'node:util';
import { nearestName } from '../lib/core/options.js';
import type { Command, CommandOption, CommandValues } from './command.js';

/** Options that can be used, or everything that is wrong with them. */
export type ParsedOptions =
  | { readonly kind: 'right'; readonly values: CommandValues }
  | { readonly kind: 'wrong'; readonly violations: readonly string[] };

/** All that is wrong with a command line is told at once; parseArgs alone would stop at the first. */
export function parseOptions(command: Command, args: readonly string[]): ParsedOptions {
  const byName = new Map(command.options.map((option) => [option.name, option]));
  const options = Object.fromEntries(
    command.options.map(({ name, value }) => [
      name,
      { type: value === undefined ? 'boolean' : 'string', multiple: true } as const,
    ]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const given = new Map<string, string[]>();
  const violations: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional')
      violations.push(`'${token.value}' is not expected: values belong to an option`);
    if (token.kind !== 'option') continue;
    const option = byName.get(token.name);
    const known = command.options.map(({ name }) => `--${name}`);
    const before = given.get(token.name) ?? [];
    if (option === undefined)
      violations.push(describeUnknown(token.rawName, known, `option of '${command.name}'`));
    else violations.push(...violationsOf(option, token.value, before.length));
    given.set(token.name, [...before, token.value ?? '']);
  }
  for (const { name, isRequired, value } of command.options) {
    if (isRequired === true && !given.has(name))
      violations.push(`--${name} is needed: --${name} ${value ?? ''}`.trimEnd());
  }
  return violations.length > 0
    ? { kind: 'wrong', violations }
    : { kind: 'right', values: valuesOf(byName, given) };
}

/** A name that is not known, with the nearest that is. */
export function describeUnknown(given: string, known: readonly string[], what: string): string {
  const nearest = nearestName(given, known);
  const advice = nearest === undefined ? `there are ${known.join(', ')}` : `did you mean '${nearest}'?`;
  return `'${given}' is no ${what}: ${advice}`;
}

function violationsOf(option: CommandOption, value: string | undefined, timesBefore: number): string[] {
  const { name, isRepeated } = option;
  if (option.value !== undefined && (value === undefined || value === '')) {
    return [`--${name} needs a value: --${name} ${option.value}`];
  }
  if (option.value === undefined && value !== undefined) return [`--${name} takes no value, got '${value}'`];
  return timesBefore > 0 && isRepeated !== true ? [`--${name} can be given once only`] : [];
}

function valuesOf(
  byName: ReadonlyMap<string, CommandOption>,
  given: ReadonlyMap<string, readonly string[]>,
): CommandValues {
  const text = (name: string): string | undefined => given.get(name)?.at(-1) ?? byName.get(name)?.byDefault;
  return {
    text,
    required: (name) => text(name) ?? '',
    texts: (name) => given.get(name) ?? [],
    flag: (name) => given.has(name),
  };
}
