import type { Assembly, AssemblyStack } from './assembly.js';
import { resolveCondition, resolveValue, type TemplateScope } from './intrinsics.js';
import { isObject, type Json, type JsonObject } from './json.js';

/** A resource whose values are worked out without anything being deployed: references are tokens that name resources. */
export interface SymbolicResource {
  /** `<stack>/<logical id>`. */
  readonly id: string;
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
  /** Construct path inside its stack: `Builds/DLQ`; the logical id where the assembly tells no path. */
  readonly path: string;
}

/** All resources and outputs of an assembly, with tokens for what only a deployment knows. */
export interface SymbolicStacks {
  readonly resources: readonly SymbolicResource[];
  readonly outputs: readonly { readonly stack: string; readonly value: Json }[];
}

const TOKEN = /urn:millrace:([^#"\s]+)#/;

const tokenOf = (stack: string, id: string, attribute: string): string =>
  `urn:millrace:${stack}/${id}#${attribute}`;

/** Which resource a worked-out value names, if it names one: a token anywhere in it. */
export function resourceIdIn(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? TOKEN.exec(value)?.[1] : undefined;
}

/** Works out all templates of an assembly symbolically; what can't be worked out is left out. */
export function readSymbolicStacks(assembly: Assembly): SymbolicStacks {
  const exports = new Map<string, Json>();
  const outputs = new Map<string, ReadonlyMap<string, Json>>();
  const resources: SymbolicResource[] = [];
  for (const stack of assembly.stacks) {
    const scope = symbolicScope(stack, { exports, outputs });
    const isThere = (condition: string | undefined): boolean =>
      condition === undefined || scope.condition(condition);
    for (const [logicalId, resource] of stack.template.resources) {
      if (!isThere(resource.condition)) continue;
      const properties = resolveValue(resource.properties, scope);
      resources.push({
        id: `${stack.name}/${logicalId}`,
        stack: stack.name,
        logicalId,
        type: resource.type,
        properties: isObject(properties) ? properties : {},
        path: pathInStack(stack, logicalId),
      });
    }
    const own = new Map<string, Json>();
    for (const [key, output] of stack.template.outputs) {
      const value = isThere(output.condition) ? resolveValue(output.value, scope) : undefined;
      if (value === undefined) continue;
      own.set(key, value);
      const exportName = output.exportName === undefined ? undefined : resolveValue(output.exportName, scope);
      if (typeof exportName === 'string') exports.set(exportName, value);
    }
    outputs.set(stack.name, own);
  }
  return {
    resources,
    outputs: [...outputs].flatMap(([stack, values]) =>
      [...values.values()].map((value) => ({ stack, value })),
    ),
  };
}

interface Earlier {
  readonly exports: ReadonlyMap<string, Json>;
  readonly outputs: ReadonlyMap<string, ReadonlyMap<string, Json>>;
}

function symbolicScope(stack: AssemblyStack, { exports, outputs }: Earlier): TemplateScope {
  const { template } = stack;
  const scope: TemplateScope = {
    mappings: template.mappings,
    unmapped: (keys) => keys.join('/'), // by Region, which only a deployment knows
    reference: (id) => {
      if (id === 'AWS::NoValue') return undefined;
      if (id === 'AWS::NotificationARNs') return [];
      if (id.startsWith('AWS::'))
        return stack.region !== undefined && id === 'AWS::Region' ? stack.region : id;
      if (template.resources.has(id)) return tokenOf(stack.name, id, 'Ref');
      return template.parameters.get(id) ?? id;
    },
    attribute: (id, attribute) => tokenOf(stack.name, id, attribute),
    condition: (name) => {
      const definition = template.conditions[name];
      return definition !== undefined && resolveCondition(definition, scope);
    },
    importValue: (name) => exports.get(name) ?? name,
    stackOutput: (name, output) => outputs.get(name)?.get(output) ?? output,
  };
  return scope;
}

/** `/Stage/Stack/Builds/DLQ/Resource` → `Builds/DLQ`: what the author of the stack called it. */
function pathInStack(stack: AssemblyStack, logicalId: string): string {
  const full = stack.paths.get(logicalId);
  if (full === undefined) return logicalId.replace(/[0-9A-F]{8}$/, '');
  const inside = full.startsWith(`/${stack.displayName}/`)
    ? full.slice(stack.displayName.length + 2)
    : full.slice(1);
  const steps = inside.split('/').filter((step) => step !== 'Resource' && step !== 'Default');
  return steps.join('/') || logicalId;
}
