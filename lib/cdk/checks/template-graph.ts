/** What a template says, before anything is known of its shape. */
export type Json = unknown;

/** A JSON object; `{}` stands in for everything that is none. */
export type JsonObject = Readonly<Record<string, Json>>;

/** One synthesized stack. */
export interface StackTemplate {
  /** Name that other stacks' references use. */
  readonly stackName: string;
  /** Where the template file is. */
  readonly templatePath: string;
  readonly template: JsonObject;
  /** The account it is deployed into, where the app says it. */
  readonly accountId?: string | undefined;
}

/** One resource of one stack. */
export interface TemplateResource {
  readonly stack: StackTemplate;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
  readonly metadata: JsonObject;
  /** What becomes of it when it leaves the stack; undefined where nothing is said. */
  readonly deletionPolicy: string | undefined;
  /** What becomes of it when an update replaces it; undefined where nothing is said. */
  readonly updateReplacePolicy: string | undefined;
}

/**
 * All resources of an app and what refers to what, across stacks too: exports with `Fn::ImportValue`, and the outputs of
 * `Fn::GetStackOutput`. What it can't follow (imports of other apps, conditions) is undefined, and rules then say nothing.
 */
export class TemplateGraph {
  private readonly stacks: readonly StackTemplate[];
  private readonly byType = new Map<string, TemplateResource[]>();
  private readonly byId = new Map<StackTemplate, Map<Json, TemplateResource>>();

  constructor(stacks: readonly StackTemplate[]) {
    this.stacks = stacks;
    for (const stack of stacks) {
      const resources = Object.entries(objectOf(stack.template['Resources'])).map(([logicalId, body]) => ({
        stack,
        logicalId,
        type: String(objectOf(body)['Type']),
        properties: objectOf(objectOf(body)['Properties']),
        metadata: objectOf(objectOf(body)['Metadata']),
        deletionPolicy: textOf(objectOf(body)['DeletionPolicy']),
        updateReplacePolicy: textOf(objectOf(body)['UpdateReplacePolicy']),
      }));
      this.byId.set(stack, new Map(resources.map((resource) => [resource.logicalId, resource])));
      for (const resource of resources) {
        this.byType.set(resource.type, [...(this.byType.get(resource.type) ?? []), resource]);
      }
    }
  }

  /** Resources of these types. */
  ofType(...types: readonly string[]): readonly TemplateResource[] {
    return types.flatMap((type) => this.byType.get(type) ?? []);
  }

  /** The resource that a property's value names, if it is of this app. */
  follow(value: Json, from: StackTemplate): TemplateResource | undefined {
    const [intrinsic, argument] = intrinsicOf(value);
    switch (intrinsic) {
      case 'Ref':
        return this.find(from, argument);
      case 'Fn::GetAtt':
        return this.find(
          from,
          Array.isArray(argument) ? (argument as Json[])[0] : String(argument).split('.')[0],
        );
      case 'Fn::ImportValue':
        return this.followOutput((output) => objectOf(output['Export'])['Name'] === argument);
      case 'Fn::GetStackOutput': {
        const { StackName, OutputName } = objectOf(argument);
        return this.followOutput((_, name, stack) => name === OutputName && stack.stackName === StackName);
      }
      default:
        return undefined;
    }
  }

  private followOutput(
    isWanted: (output: JsonObject, name: string, stack: StackTemplate) => boolean,
  ): TemplateResource | undefined {
    for (const stack of this.stacks) {
      for (const [name, body] of Object.entries(objectOf(stack.template['Outputs']))) {
        const output = objectOf(body);
        if (isWanted(output, name, stack)) return this.follow(output['Value'], stack);
      }
    }
    return undefined;
  }

  private find(stack: StackTemplate, logicalId: Json): TemplateResource | undefined {
    return this.byId.get(stack)?.get(logicalId);
  }
}

/** `{ Ref: 'X' }` as `['Ref', 'X']`; nothing for what is no intrinsic function. */
export function intrinsicOf(value: Json): readonly [name: string, argument: Json] | readonly [] {
  const [only, ...others] = Object.entries(objectOf(value));
  if (only === undefined || others.length > 0) return [];
  return only[0] === 'Ref' || only[0].startsWith('Fn::') ? only : [];
}

const textOf = (value: Json): string | undefined => (typeof value === 'string' ? value : undefined);

/** An object as it is, and `{}` for anything else. */
export function objectOf(value: Json): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** A list as it is, one thing as a list of it, nothing as none. */
export function listOf(value: Json): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as Json[]) : [value];
}

/** A number, also where the template has it as text; undefined when only the deployment knows it. */
export function numberOf(value: Json, otherwise: number): number | undefined {
  if (value === undefined) return otherwise;
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Whether a switch is on; undefined when only the deployment knows it. */
export function switchOf(value: Json): boolean | undefined {
  if (value === undefined || value === false || value === 'false') return false;
  return value === true || value === 'true' ? true : undefined;
}
