import type { Clock } from '../core/clock.js';
import { isMillraceError, MillraceError } from '../core/errors.js';
import type { AssemblyStack } from './assembly.js';
import type { AwsClients } from './aws-clients.js';
import { errorMessage, errorName } from './aws-error.js';
import { orderByNeed } from './dependency-order.js';
import type { DeployEvent } from './deploy-options.js';
import type { AwsEnvironment } from './environment.js';
import type { Gate } from './gate.js';
import { referencesOf, resolveValue, type TemplateScope } from './intrinsics.js';
import { isObject, type Json } from './json.js';
import { physicalName } from './physical-name.js';
import { placeholderOf } from './placeholders.js';
import { PropertyReader } from './property-reader.js';
import { RESOURCE_KINDS } from './resources/kinds.js';
import type { CreateRequest, CreatedResource, ResourceKind } from './resources/resource-kind.js';
import { AbsentResource, createStackScope, type ResourceState, type SharedValues } from './stack-scope.js';
import type { TemplateResource } from './template.js';
import type { Undoable } from './undo-log.js';
import { waitUntil } from './wait-until.js';

/** A resource of a template that was not created, or an output that could not be worked out, and why. */
export interface NotCreated {
  /** The stack it is of. */
  readonly stack: string;
  /** Its name in the template. */
  readonly logicalId: string;
  /** CloudFormation type, or `Output`. */
  readonly type: string;
  /** Why, in words. */
  readonly reason: string;
}

/** A property of a created resource that was not taken over, and why. */
export interface NotApplied extends NotCreated {
  /** Its name in the template, e.g. `KmsMasterKeyId`. */
  readonly property: string;
}

/** A resource that was created. */
export interface DeployedResource {
  /** The stack it is of. */
  readonly stack: string;
  /** Its name in the template. */
  readonly logicalId: string;
  /** CloudFormation type, e.g. `AWS::SQS::Queue`. */
  readonly type: string;
  /** What `Ref` gives: a queue's URL, a topic's ARN, the name of a stream or table. */
  readonly physicalId: string;
  /** Where it has one. @default - it has none */
  readonly arn?: string;
}

/** What all stacks of one deployment share; the lists grow as things happen. */
export interface DeploymentProgress {
  readonly clients: AwsClients;
  readonly environment: AwsEnvironment;
  /** Whether the target is an emulator, where a mention of a missing key or role does no harm. */
  readonly isEmulated: boolean;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly nameSuffix: string;
  readonly signal?: AbortSignal;
  readonly shared: SharedValues;
  readonly created: Undoable[];
  readonly resources: DeployedResource[];
  readonly notCreated: NotCreated[];
  readonly notApplied: NotApplied[];
  readonly report: (event: DeployEvent) => void;
}

/** Says which analytics record the CDK adds to templates: nothing that AWS would create. */
const NO_RESOURCE = 'AWS::CDK::Metadata';

/**
 * Creates what one template says, independent resources at the same time, and returns its outputs.
 * @throws {ASSEMBLY_INVALID} resources depend on each other in a circle, or a value is not what CloudFormation takes
 * @throws {DEPLOY_FAILED} a service refused; names the resource and what the service said
 */
export async function createStack(
  stack: AssemblyStack,
  parameters: ReadonlyMap<string, Json>,
  progress: DeploymentProgress,
): Promise<ReadonlyMap<string, Json>> {
  const states = new Map<string, ResourceState>();
  const { environment, shared } = progress;
  const scope = createStackScope({ stack, environment, parameters, resources: states, shared });
  const existing = [...stack.template.resources].filter(
    ([id, { type, condition }]) =>
      type !== NO_RESOURCE &&
      (condition === undefined || inTemplate(stack, id, () => scope.condition(condition))),
  );
  const needs = new Map(
    existing.map(([id, resource]) => [id, [...referencesOf(resource.properties), ...resource.dependsOn]]),
  );
  const order = orderByNeed(needs);
  if (order.kind === 'cycle') {
    throw new MillraceError(
      'ASSEMBLY_INVALID',
      `${stack.file}: resources depend on each other in a circle: ${order.ids.join(' → ')}; break one of these references`,
    );
  }

  const byId = new Map(existing);
  const settled = new Map<string, Promise<void>>();
  const failures: unknown[] = [];
  const createOne = async (id: string, resource: TemplateResource): Promise<void> => {
    await Promise.all((needs.get(id) ?? []).flatMap((needed) => settled.get(needed) ?? []));
    await progress.gate(async () => {
      if (failures.length > 0) return;
      try {
        states.set(id, await createResource({ stack, id, resource, scope }, progress));
      } catch (error) {
        failures.push(error);
      }
    });
  };
  for (const id of order.ids) {
    const resource = byId.get(id);
    if (resource !== undefined) settled.set(id, createOne(id, resource));
  }
  await Promise.all(settled.values());
  if (failures.length > 0) throw failures[0];
  return resolveOutputs(stack, scope, progress);
}

interface ResourceToCreate {
  readonly stack: AssemblyStack;
  readonly id: string;
  readonly resource: TemplateResource;
  readonly scope: TemplateScope;
}

async function createResource(what: ResourceToCreate, progress: DeploymentProgress): Promise<ResourceState> {
  const { stack, id, resource, scope } = what;
  const named = { stack: stack.name, logicalId: id, type: resource.type };
  if (progress.signal?.aborted === true) {
    throw new MillraceError(
      'STOPPED',
      `the deployment was stopped before ${resource.type} '${id}' of stack '${stack.name}'`,
    );
  }
  const leaveOut = (reason: string): ResourceState => {
    progress.notCreated.push({ ...named, reason });
    progress.report({ kind: 'not-created', ...named, reason });
    return { kind: 'absent', reason: `which is not created: ${reason}` };
  };

  const kind = RESOURCE_KINDS.get(resource.type);
  if (kind === undefined) {
    const absent = leaveOut(`${resource.type} can't be created through this deployment, 'cdk deploy' can`);
    const at = { stack: stack.name, logicalId: id, arnOf: progress.environment.arnOf };
    const placeholder = progress.isEmulated ? placeholderOf(resource.type, at) : undefined;
    return placeholder === undefined ? absent : { kind: 'known', ...placeholder };
  }
  let values: Json | undefined;
  try {
    values = inTemplate(stack, id, () => resolveValue(resource.properties, scope));
  } catch (error) {
    if (error instanceof AbsentResource) return leaveOut(error.message);
    throw error;
  }
  const properties = new PropertyReader(isObject(values) ? values : {}, `${stack.file}: ${id}`);
  progress.report({ kind: 'creating', ...named });
  const created = await createWhole(kind, { named, properties }, progress);
  progress.report({ kind: 'created', ...named });
  return { kind: 'known', physicalId: created.physicalId, attributes: created.attributes };
}

interface NamedProperties {
  readonly named: Omit<NotCreated, 'reason'>;
  readonly properties: PropertyReader;
}

async function createWhole(
  kind: ResourceKind,
  what: NamedProperties,
  progress: DeploymentProgress,
): Promise<CreatedResource> {
  const { named, properties } = what;
  const request = createRequest(what, progress);
  try {
    const created = await kind(request);
    const { physicalId } = created;
    const arn = created.arn === undefined ? {} : { arn: created.arn };
    progress.resources.push({ ...named, physicalId, ...arn });
    for (const property of properties.unread())
      request.leave(property, 'it is not set through this deployment');
    return created;
  } catch (cause) {
    if (isMillraceError(cause, 'DEPENDENCY_MISSING') || isMillraceError(cause, 'ASSEMBLY_INVALID'))
      throw cause;
    const said = `${isMillraceError(cause) ? '' : `${errorName(cause)}: `}${errorMessage(cause)}`;
    throw new MillraceError(
      'DEPLOY_FAILED',
      `stack '${named.stack}': ${named.type} '${named.logicalId}' could not be created: ${said}`,
      { cause },
    );
  }
}

/** Errors by which an endpoint says that it does not have an operation at all. */
const NO_SUCH_OPERATION: ReadonlySet<string> = new Set([
  'InvalidAction',
  'NotImplemented',
  'NotImplementedException',
  'UnknownOperation',
  'UnknownOperationException',
  'UnsupportedOperation',
]);

function createRequest(what: NamedProperties, progress: DeploymentProgress): CreateRequest {
  const { named, properties } = what;
  const { clients, environment, clock, nameSuffix } = progress;
  const leave = (property: string, reason: string): void => {
    progress.notApplied.push({ ...named, property, reason });
  };
  return {
    properties,
    clients,
    region: environment.region,
    arnOf: environment.arnOf,
    owns: (physicalId, remove) => {
      progress.created.push({ ...named, physicalId, remove });
    },
    generateName: (maxLength, ending = '') =>
      physicalName({ stack: named.stack, logicalId: named.logicalId, suffix: nameSuffix, maxLength, ending }),
    until: (what, isSo) => waitUntil({ what, isSo, clock }),
    leave,
    extra: async (property, step) => {
      try {
        await step();
      } catch (error) {
        if (!NO_SUCH_OPERATION.has(errorName(error))) throw error;
        leave(property, `the endpoint does not have this operation (${errorName(error)})`);
      }
    },
  };
}

function resolveOutputs(
  stack: AssemblyStack,
  scope: TemplateScope,
  progress: DeploymentProgress,
): ReadonlyMap<string, Json> {
  const outputs = new Map<string, Json>();
  for (const [key, output] of stack.template.outputs) {
    const { condition, exportName } = output;
    if (condition !== undefined && !scope.condition(condition)) continue;
    try {
      const value = inTemplate(stack, key, () => resolveValue(output.value, scope));
      if (value === undefined) continue;
      outputs.set(key, value);
      const name = exportName === undefined ? undefined : resolveValue(exportName, scope);
      if (typeof name === 'string') progress.shared.exports.set(name, value);
    } catch (error) {
      if (!(error instanceof AbsentResource)) throw error;
      progress.notCreated.push({ stack: stack.name, logicalId: key, type: 'Output', reason: error.message });
    }
  }
  return outputs;
}

/** Adds to an error in a template's values where in the template it stands. */
function inTemplate<T>(stack: AssemblyStack, id: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!isMillraceError(cause, 'ASSEMBLY_INVALID')) throw cause;
    throw new MillraceError('ASSEMBLY_INVALID', `${stack.file}: ${id}: ${cause.message}`, { cause });
  }
}
