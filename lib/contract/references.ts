import { CONTRACT_NAME } from './names.js';
import type { ContractReference } from './binding.js';

/**
 * Message types as one line of text, for bindings: environments are small (Lambda takes 4 KB of variables), and names
 * share beginnings. Braces as in a shell, the version after `@`:
 *
 * ```text
 * github.{push,issues.{opened,closed}}@1 billing.invoice@2
 * ```
 */
export function encodeReferences(references: readonly ContractReference[]): string {
  const versions = new Map<number, Branch>();
  for (const { name, version } of references) {
    const branch = versions.get(version) ?? newBranch();
    versions.set(version, branch);
    grow(branch, name);
  }
  return [...versions]
    .flatMap(([version, { children }]) => [...children].map((child) => `${writeChild(child)}@${version}`))
    .join(' ');
}

/** Reads what {@link encodeReferences} wrote; undefined when the text is nothing of the kind. */
export function decodeReferences(text: string): readonly ContractReference[] | undefined {
  const references: ContractReference[] = [];
  for (const part of text === '' ? [] : text.split(' ')) {
    const at = part.lastIndexOf('@');
    const names = at === -1 ? undefined : expand(part.slice(0, at));
    const version = part.slice(at + 1);
    if (names === undefined || !VERSION.test(version) || !names.every((name) => CONTRACT_NAME.test(name)))
      return undefined;
    references.push(...names.map((name) => ({ name, version: Number(version) })));
  }
  return references;
}

const VERSION = /^\d{1,15}$/;

/** Names as a tree of their segments; a segment but the first keeps its dot. */
interface Branch {
  isName: boolean;
  readonly children: Map<string, Branch>;
}

const newBranch = (): Branch => ({ isName: false, children: new Map() });

function grow(root: Branch, name: string): void {
  let branch = root;
  for (const segment of name.split(/(?=\.)/)) {
    const next = branch.children.get(segment) ?? newBranch();
    branch.children.set(segment, next);
    branch = next;
  }
  branch.isName = true;
}

function writeChild([segment, { isName, children }]: readonly [string, Branch]): string {
  const written = [...children].map(writeChild);
  const [first = '', ...others] = written;
  if (others.length === 0 && !(isName && first !== '')) return segment + first;
  if (isName) return `${segment}{,${written.join(',')}}`;
  // All of them begin with a dot: once is enough.
  return `${segment}.{${written.map((text) => text.slice(1)).join(',')}}`;
}

/** All names of one part, whose braces are always at its end; undefined when it is otherwise. */
function expand(pattern: string): string[] | undefined {
  const open = pattern.indexOf('{');
  if (open === -1) return [pattern];
  const options = optionsAfter(pattern, open);
  if (options === undefined) return undefined;
  const names: string[] = [];
  for (const option of options) {
    const tails = expand(option);
    if (tails === undefined) return undefined;
    names.push(...tails.map((tail) => pattern.slice(0, open) + tail));
  }
  return names;
}

/** The options between the brace at `open` and its partner, which must be the last sign. */
function optionsAfter(pattern: string, open: number): readonly string[] | undefined {
  const options: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let index = open; index < pattern.length; index += 1) {
    const sign = pattern[index];
    if (sign === '{') depth += 1;
    else if (sign === '}') depth -= 1;
    if (depth === 0 || (depth === 1 && sign === ',')) {
      options.push(pattern.slice(start, index));
      start = index + 1;
    }
    if (depth === 0) return start === pattern.length ? options : undefined;
  }
  return undefined;
}
