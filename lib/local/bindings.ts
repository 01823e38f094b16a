import { parseBinding } from '../contract/binding-reader.js';
import { bindingVariable, type Binding, type BindingKind } from '../contract/binding.js';
import { isObject } from './json.js';

const KINDS: readonly BindingKind[] = ['topic', 'queue', 'stream', 'reader'];

/**
 * Finds the bindings among stack outputs: values that are the JSON of one. Everything else in `outputs` is passed by.
 * @param outputs stack → output key → value, as a deployment has them, and as `cdk deploy --outputs-file` writes them
 * @returns environment variable → binding
 * @throws {BINDING_INVALID} a value says it is a binding, but lacks fields: synthesize and run the same millrace version
 */
export function bindingsIn(
  outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Readonly<Record<string, Binding>> {
  const found: Record<string, Binding> = {};
  for (const [stack, values] of Object.entries(outputs)) {
    for (const [key, value] of Object.entries(values)) {
      const kind = typeof value === 'string' ? kindOf(value) : undefined;
      if (kind === undefined) continue;
      const binding = parseBinding(kind, String(value), `output ${key} of stack ${stack}`);
      found[bindingVariable(kind, binding.name)] = binding;
    }
  }
  return found;
}

function kindOf(text: string): BindingKind | undefined {
  if (!text.startsWith('{')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // an output may hold any text
  }
  return isObject(value) && 'v' in value ? KINDS.find((kind) => kind === value.kind) : undefined;
}

/** The variables that hand bindings to a process. */
export function environmentOfBindings(
  bindings: Readonly<Record<string, Binding>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(bindings).map(([variable, binding]) => [variable, JSON.stringify(binding)]),
  );
}
