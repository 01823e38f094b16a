import { MillraceError } from '../core/errors.js';
import type { AssemblyStack } from './assembly.js';
import type { AwsEnvironment } from './environment.js';
import { resolveCondition, type TemplateScope } from './intrinsics.js';
import type { Json } from './json.js';

/** What became of a resource of the template. */
export type ResourceState =
  | {
      readonly kind: 'known';
      readonly physicalId: string;
      readonly attributes: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'absent'; readonly reason: string };

/**
 * Thrown while a value is worked out that mentions a resource which is not there. It travels up through functions
 * nested to any depth, to the one place that then leaves out the whole resource or output, and says why.
 */
export class AbsentResource extends Error {}

/** Values that stacks hand to one another. */
export interface SharedValues {
  /** `Export` name → value. */
  readonly exports: Map<string, Json>;
  /** Stack name → output key → value. */
  readonly outputs: Map<string, ReadonlyMap<string, Json>>;
}

/** What the names of one stack stand for. */
export interface StackScopeOptions {
  readonly stack: AssemblyStack;
  readonly environment: AwsEnvironment;
  /** Values of the parameters, by name. */
  readonly parameters: ReadonlyMap<string, Json>;
  /** Filled in as resources come into being. */
  readonly resources: ReadonlyMap<string, ResourceState>;
  readonly shared: SharedValues;
}

/** Makes the scope in which the values of one stack's template are worked out. */
export function createStackScope(options: StackScopeOptions): TemplateScope {
  const { stack, parameters, resources, shared } = options;
  const pseudo = pseudoParameters(stack, options.environment);
  const conditions = new Map<string, boolean>();

  const stateOf = (id: string): Extract<ResourceState, { readonly kind: 'known' }> => {
    const state = resources.get(id);
    if (state?.kind === 'known') return state;
    throw new AbsentResource(
      state === undefined
        ? `'${id}' is neither a parameter nor a resource that exists`
        : `needs '${id}', ${state.reason}`,
    );
  };

  const scope: TemplateScope = {
    mappings: stack.template.mappings,
    reference: (id) => {
      if (pseudo.has(id)) return pseudo.get(id);
      return parameters.get(id) ?? stateOf(id).physicalId;
    },
    attribute: (id, attribute) => {
      const value = stateOf(id).attributes[attribute];
      if (value !== undefined) return value;
      throw new AbsentResource(`needs the attribute ${attribute} of '${id}', which is not known here`);
    },
    condition: (name) => {
      const known = conditions.get(name);
      if (known !== undefined) return known;
      const definition = stack.template.conditions[name];
      if (definition === undefined) {
        throw new MillraceError('ASSEMBLY_INVALID', `the condition '${name}' is not defined`);
      }
      const value = resolveCondition(definition, scope);
      conditions.set(name, value);
      return value;
    },
    importValue: (name) => {
      const value = shared.exports.get(name);
      if (value !== undefined) return value;
      throw new AbsentResource(`needs the export '${name}', which no deployed stack has`);
    },
    stackOutput: (name, output) => {
      const value = shared.outputs.get(name)?.get(output);
      if (value !== undefined) return value;
      throw new AbsentResource(`needs the output '${output}' of stack '${name}', which is not deployed`);
    },
  };
  return scope;
}

function pseudoParameters(
  stack: AssemblyStack,
  environment: AwsEnvironment,
): ReadonlyMap<string, Json | undefined> {
  return new Map<string, Json | undefined>([
    ['AWS::AccountId', environment.account],
    ['AWS::NoValue', undefined],
    ['AWS::NotificationARNs', []],
    ['AWS::Partition', environment.partition],
    ['AWS::Region', environment.region],
    ['AWS::StackId', environment.arnOf('cloudformation', `stack/${stack.name}/${stack.id}`)],
    ['AWS::StackName', stack.name],
    ['AWS::URLSuffix', environment.urlSuffix],
  ]);
}
