import { arnOf } from './arn-facts.js';

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
  /** The template, parsed. */
  readonly template: Readonly<Record<string, unknown>>;
  /**
   * The account it is deployed into.
   *
   * @default - the app does not say
   */
  readonly accountId?: string | undefined;
  /**
   * The Region it is deployed into.
   *
   * @default - the app does not say
   */
  readonly region?: string | undefined;
  /**
   * The resource of another stack that this stack is.
   *
   * @default - it is nested in none
   */
  readonly nestedIn?: ResourcePlace | undefined;
}

/** Where a resource is found. */
export interface ResourcePlace {
  /** The stack it is in. */
  readonly stack: StackTemplate;
  /** Its name in the template. */
  readonly logicalId: string;
}

/** One resource of one stack. */
export interface TemplateResource extends ResourcePlace {
  /** CloudFormation's word for it, such as `AWS::SQS::Queue`. */
  readonly type: string;
  /** What the template says of it, with intrinsic functions as they stand; `{}` where it says nothing. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** Its `Metadata`; `{}` where it has none. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Logical ids of what it says it depends on. */
  readonly dependsOn: readonly unknown[];
  /** What becomes of it when it leaves the stack; undefined where nothing is said. */
  readonly deletionPolicy: string | undefined;
  /** What becomes of it when an update replaces it; undefined where nothing is said. */
  readonly updateReplacePolicy: string | undefined;
}

/**
 * All resources of an app and what refers to what, across stacks too: exports with `Fn::ImportValue`, the outputs of
 * `Fn::GetStackOutput`, parameters and outputs of nested stacks, and ARNs that are written out. What it can't follow
 * (imports of other apps, conditions) is undefined, and rules then say nothing.
 */
export class TemplateGraph {
  private readonly stacks: readonly StackTemplate[];
  private readonly byType = new Map<string, TemplateResource[]>();
  private readonly byId = new Map<StackTemplate, Map<Json, TemplateResource>>();
  private readonly byName = new Map<string, TemplateResource[]>();
  private readonly outputs = new Map<string, { readonly value: Json; readonly stack: StackTemplate }>();

  constructor(stacks: readonly StackTemplate[]) {
    this.stacks = stacks;
    for (const stack of stacks) {
      const resources = Object.entries(objectOf(stack.template['Resources'])).map(([logicalId, body]) => ({
        stack,
        logicalId,
        type: String(objectOf(body)['Type']),
        properties: objectOf(objectOf(body)['Properties']),
        metadata: objectOf(objectOf(body)['Metadata']),
        dependsOn: listOf(objectOf(body)['DependsOn']),
        deletionPolicy: textOf(objectOf(body)['DeletionPolicy']),
        updateReplacePolicy: textOf(objectOf(body)['UpdateReplacePolicy']),
      }));
      this.byId.set(stack, new Map(resources.map((resource) => [resource.logicalId, resource])));
      for (const resource of resources) {
        add(this.byType, resource.type, resource);
        const name = nameOf(resource);
        if (name !== undefined) add(this.byName, name, resource);
      }
      for (const [name, body] of Object.entries(objectOf(stack.template['Outputs']))) {
        const { Export, Value: value } = objectOf(body);
        this.outputs.set(outputKey(stack.stackName, name), { value, stack });
        this.outputs.set(exportKey(objectOf(Export)['Name']), { value, stack });
      }
    }
  }

  /** Resources of these types. */
  ofType(...types: readonly string[]): readonly TemplateResource[] {
    return types.flatMap((type) => this.byType.get(type) ?? []);
  }

  /** The resource that a property's value names, if it is of this app. */
  follow(value: unknown, from: StackTemplate): TemplateResource | undefined {
    const [intrinsic, argument] = intrinsicOf(value);
    switch (intrinsic) {
      case 'Ref':
        return this.find(from, argument) ?? this.followParameter(argument, from);
      case 'Fn::GetAtt': {
        const [logicalId, attribute] = attributeOf(argument);
        const found = this.find(from, logicalId);
        return found?.type === NESTED_STACK ? this.followNested(found, attribute) : found;
      }
      case 'Fn::ImportValue':
        return this.followOutput(exportKey(argument));
      case 'Fn::GetStackOutput': {
        const { StackName, OutputName } = objectOf(argument);
        return this.followOutput(outputKey(StackName, OutputName));
      }
      default:
        return this.findByArn(value, from);
    }
  }

  /** What the parent stack gives a nested one. */
  private followParameter(name: Json, { nestedIn }: StackTemplate): TemplateResource | undefined {
    if (nestedIn === undefined) return undefined;
    const given = this.find(nestedIn.stack, nestedIn.logicalId)?.properties['Parameters'];
    return this.follow(objectOf(given)[String(name)], nestedIn.stack);
  }

  /** What a nested stack gives its parent: `Outputs.<name>`. */
  private followNested(
    { stack, logicalId }: TemplateResource,
    attribute: string,
  ): TemplateResource | undefined {
    const nested = this.stacks.find(
      ({ nestedIn }) => nestedIn?.stack === stack && nestedIn.logicalId === logicalId,
    );
    if (nested === undefined) return undefined;
    const output = objectOf(nested.template['Outputs'])[attribute.replace('Outputs.', '')];
    return this.follow(objectOf(output)['Value'], nested);
  }

  /** The one resource whose physical name an ARN writes out, as references into other accounts and Regions do. */
  private findByArn(value: Json, from: StackTemplate): TemplateResource | undefined {
    const arn = arnOf(value, from);
    if (arn?.service === undefined || arn.resource === undefined) return undefined;
    const [found, ...others] = (this.byName.get(`${arn.service}:${arn.resource}`) ?? []).filter(
      ({ stack }) => isSame(stack.accountId, arn.account) && isSame(stack.region, arn.region),
    );
    return others.length === 0 ? found : undefined;
  }

  private followOutput(key: string): TemplateResource | undefined {
    const output = key === '' ? undefined : this.outputs.get(key);
    return output && this.follow(output.value, output.stack);
  }

  private find(stack: StackTemplate, logicalId: Json): TemplateResource | undefined {
    return this.byId.get(stack)?.get(logicalId);
  }
}

/** Names of exports are one for all stacks, those of outputs are one for a stack; computed ones are never equal. */
const exportKey = (name: Json): string => (typeof name === 'string' ? `export ${name}` : '');
const outputKey = (stackName: Json, name: Json): string => `output ${String(stackName)} ${String(name)}`;

/** How an ARN writes a resource that has a name of its own, such as `sqs:orders`. */
function nameOf({ type, properties }: TemplateResource): string | undefined {
  const [property, prefix] = NAMED[type] ?? [];
  const name = property === undefined ? undefined : properties[property];
  return prefix === undefined || typeof name !== 'string' ? undefined : `${prefix}${name}`;
}

const NAMED: Readonly<Record<string, readonly [property: string, prefix: string]>> = {
  'AWS::SQS::Queue': ['QueueName', 'sqs:'],
  'AWS::SNS::Topic': ['TopicName', 'sns:'],
  'AWS::Kinesis::Stream': ['Name', 'kinesis:stream/'],
};

const NESTED_STACK = 'AWS::CloudFormation::Stack';

/** `Fn::GetAtt` takes a list or `Id.Attribute`. */
function attributeOf(argument: Json): readonly [logicalId: Json, attribute: string] {
  if (Array.isArray(argument)) return [argument[0], String(argument[1])];
  const [logicalId, ...attribute] = String(argument).split('.');
  return [logicalId, attribute.join('.')];
}

/** Whether two parts of places may be one: what is not known may be anything. */
export const isSame = (one: string | undefined, other: string | undefined): boolean =>
  one === undefined || other === undefined || one === other;

function add<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
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
