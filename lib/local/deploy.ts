import { randomBytes } from 'node:crypto';
import type { Binding } from '../contract/binding.js';
import { isMillraceError, MillraceError, refuseAll } from '../core/errors.js';
import { nearestName } from '../core/options.js';
import { readAssembly, type Assembly, type AssemblyStack } from './assembly.js';
import { createAwsClients, type AwsClients, type AwsCredentials } from './aws-clients.js';
import { bindingsIn, environmentOfBindings } from './bindings.js';
import { checkDeployOptions, DEPLOY_DEFAULTS, type DeployOptions } from './deploy-options.js';
import { assertReachable } from './endpoint.js';
import { accountOf, credentialsOf, environmentOf } from './environment.js';
import { createGate } from './gate.js';
import { asText, type Json } from './json.js';
import {
  createStack,
  type DeployedResource,
  type DeploymentProgress,
  type NotApplied,
  type NotCreated,
} from './stack-creation.js';
import { systemClock } from './system-clock.js';
import { describeLeftBehind, undoAll, type Undoable } from './undo-log.js';

/** What a deployment created, and how to reach it. */
export interface Deployment {
  /** Names of the stacks, in the order they were deployed. */
  readonly stacks: readonly string[];
  /** What was created, in the order it was created. */
  readonly resources: readonly DeployedResource[];
  /** Resources of the templates that were not created (roles, keys, alarms, functions, …): none is skipped in silence. */
  readonly notCreated: readonly NotCreated[];
  /** Properties of created resources that were not taken over. */
  readonly notApplied: readonly NotApplied[];
  /** Stack name → output key → value. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Environment variable → binding, with this deployment's region and endpoint in it. */
  readonly bindings: Readonly<Record<string, Binding>>;
  /** Everything a worker process needs: bindings, region, and at an endpoint the endpoint and credentials. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Deletes everything that was created, with all messages and records in it; removal policies and deletion protection
   * don't hold it back. Calling it again gives the same promise.
   * @throws {DEPLOY_FAILED} something could not be deleted; the message names it
   */
  destroy(): Promise<void>;
  /** Destroys it at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Creates what the templates of a cloud assembly say, through the AWS SDK: at an emulator, or in AWS itself. What it
 * can't create it names in `notCreated`; if a service refuses something, all that was created before is deleted again.
 *
 * It is for local runs and tests: it creates and deletes, but never updates, and does not create roles or keys. For
 * an account that people rely on use `cdk deploy`, from the same assembly.
 * @throws {INVALID_OPTIONS} wrong options or names of stacks and parameters, all at once
 * @throws {ASSEMBLY_INVALID} the folder holds no assembly, or a template is not one; names the file
 * @throws {ENDPOINT_UNREACHABLE} nothing answers at the endpoint, told within 5 s
 * @throws {DEPENDENCY_MISSING} a template needs a service whose SDK client is not installed
 * @throws {DEPLOY_FAILED} a service refused; names stack, logical id, type and what the service said
 * @throws {STOPPED} `signal` was aborted; what had been created is deleted again
 */
export async function deployAssembly(options: DeployOptions): Promise<Deployment> {
  checkDeployOptions(options);
  const assembly = readAssembly(options.assembly);
  const stacks = selectStacks(assembly, options.stacks);
  const parameters = compileParameters(stacks, options.parameters ?? {});
  const { aws } = options;
  if (aws.endpoint !== undefined && aws.requestHandler === undefined) await assertReachable(aws.endpoint);
  const credentials = await credentialsOf(aws);
  const clients = createAwsClients(aws);
  try {
    const progress = beginDeployment(options, { clients, stacks, credentials });
    try {
      for (const stack of stacks) {
        const outputs = await createStack(stack, parameters.get(stack.id) ?? new Map(), progress);
        progress.shared.outputs.set(stack.name, outputs);
      }
      return finishDeployment(options, { clients, stacks, credentials, progress });
    } catch (cause) {
      throw await withRollback(cause, progress);
    }
  } finally {
    await clients.close();
  }
}

interface Context {
  readonly clients: AwsClients;
  readonly stacks: readonly AssemblyStack[];
  readonly credentials: AwsCredentials | undefined;
}

function beginDeployment(options: DeployOptions, context: Context): DeploymentProgress {
  const { aws, signal, onProgress } = options;
  const synthesizedFor = context.stacks.find((stack) => stack.account !== undefined)?.account;
  const account = accountOf({ said: options.account, credentials: context.credentials, synthesizedFor }, aws);
  return {
    clients: context.clients,
    environment: environmentOf(account, aws.region),
    isEmulated: aws.endpoint !== undefined,
    gate: createGate(options.concurrency ?? DEPLOY_DEFAULTS.concurrency),
    clock: options.clock ?? systemClock,
    nameSuffix: options.nameSuffix ?? randomSuffix(),
    ...(signal !== undefined && { signal }),
    shared: { exports: new Map(), outputs: new Map() },
    created: [],
    resources: [],
    notCreated: [],
    notApplied: [],
    report: onProgress ?? (() => undefined),
  };
}

function finishDeployment(
  options: DeployOptions,
  context: Context & { readonly progress: DeploymentProgress },
): Deployment {
  const { progress, clients, credentials } = context;
  const { endpoint, region } = options.aws;
  const outputs = Object.fromEntries(
    [...progress.shared.outputs].map(([stack, values]) => [
      stack,
      Object.fromEntries([...values].map(([key, value]) => [key, asText(value) ?? JSON.stringify(value)])),
    ]),
  );
  const bindings = Object.fromEntries(
    Object.entries(bindingsIn(outputs)).map(([variable, binding]) => [
      variable,
      { ...binding, region, ...(endpoint !== undefined && { endpoint }) },
    ]),
  );
  let destroyed: Promise<void> | undefined;
  const destroy = (): Promise<void> => (destroyed ??= destroyAll(progress, clients));
  return Object.freeze({
    stacks: context.stacks.map((stack) => stack.name),
    resources: progress.resources,
    notCreated: progress.notCreated,
    notApplied: progress.notApplied,
    outputs,
    bindings,
    environment: {
      ...environmentOfBindings(bindings),
      AWS_REGION: region,
      ...(endpoint !== undefined && { AWS_ENDPOINT_URL: endpoint, ...credentialVariables(credentials) }),
    },
    destroy,
    [Symbol.asyncDispose]: destroy,
  });
}

/** Only for endpoints: in AWS itself a worker has its own role, and keys have no business in another environment. */
function credentialVariables(credentials: AwsCredentials | undefined): Record<string, string> {
  if (credentials === undefined) return {};
  return {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken !== undefined && { AWS_SESSION_TOKEN: credentials.sessionToken }),
  };
}

async function destroyAll(progress: DeploymentProgress, clients: AwsClients): Promise<void> {
  try {
    const left = await undoAll(progress.created, reportDeleted(progress));
    if (left.length === 0) return;
    throw new MillraceError('DEPLOY_FAILED', `not everything could be deleted; ${describeLeftBehind(left)}`, {
      cause: left[0]?.error,
    });
  } finally {
    await clients.close();
  }
}

async function withRollback(cause: unknown, progress: DeploymentProgress): Promise<unknown> {
  const left = await undoAll(progress.created, reportDeleted(progress));
  const aftermath =
    left.length > 0
      ? describeLeftBehind(left)
      : `what had been created (${progress.created.length}) was deleted again`;
  if (!isMillraceError(cause)) {
    return new MillraceError('DEPLOY_FAILED', `the deployment failed unexpectedly; ${aftermath}`, { cause });
  }
  return new MillraceError(cause.code, `${cause.message}; ${aftermath}`, {
    cause: cause.cause ?? cause,
    violations: cause.violations,
  });
}

const reportDeleted =
  (progress: DeploymentProgress) =>
  ({ stack, logicalId, type }: Undoable): void =>
    progress.report({ kind: 'deleted', stack, logicalId, type });

function selectStacks(assembly: Assembly, wanted: readonly string[] | undefined): readonly AssemblyStack[] {
  if (wanted === undefined) return assembly.stacks;
  const namesOf = (stack: AssemblyStack): readonly string[] => [stack.name, stack.id, stack.displayName];
  const known = assembly.stacks.flatMap((stack) => namesOf(stack));
  refuseAll(
    `${assembly.directory} does not hold all stacks that were asked for`,
    wanted
      .filter((name) => !known.includes(name))
      .map((name) => {
        const nearest = nearestName(name, known);
        const advice =
          nearest === undefined ? `it holds ${[...new Set(known)].join(', ')}` : `did you mean '${nearest}'?`;
        return `'${name}' is no stack of it: ${advice}`;
      }),
  );
  const selected = new Set<string>();
  // Stacks come after what they depend on, so one pass from the end meets every dependency after its dependents.
  for (const stack of assembly.stacks.toReversed()) {
    if (!selected.has(stack.id) && !namesOf(stack).some((name) => wanted.includes(name))) continue;
    selected.add(stack.id);
    for (const id of stack.dependencies) selected.add(id);
  }
  return assembly.stacks.filter((stack) => selected.has(stack.id));
}

/** Values of all parameters of all stacks: given as `Stack:Name` or `Name`, else the template's default. */
function compileParameters(
  stacks: readonly AssemblyStack[],
  given: Readonly<Record<string, string>>,
): ReadonlyMap<string, ReadonlyMap<string, Json>> {
  const violations: string[] = [];
  const known = new Set<string>();
  const values = new Map(
    stacks.map((stack) => {
      const own = new Map<string, Json>();
      for (const [name, byDefault] of stack.template.parameters) {
        const value = given[`${stack.name}:${name}`] ?? given[name] ?? byDefault;
        if (value === undefined)
          violations.push(`parameter '${name}' of stack '${stack.name}' has no default: give a value`);
        else own.set(name, value);
        known.add(name).add(`${stack.name}:${name}`);
      }
      return [stack.id, own];
    }),
  );
  for (const name of Object.keys(given)) {
    if (!known.has(name))
      violations.push(`'${name}' is no parameter: there are ${[...known].join(', ') || 'none'}`);
  }
  refuseAll("the templates' parameters can't be filled in", violations);
  return values;
}

const SUFFIX_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

function randomSuffix(): string {
  return [...randomBytes(12)].map((byte) => SUFFIX_LETTERS.charAt(byte % SUFFIX_LETTERS.length)).join('');
}
