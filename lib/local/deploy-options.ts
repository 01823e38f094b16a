import type { Clock } from '../core/clock.js';
import { refuseAll } from '../core/errors.js';
import { callbackViolations, numberViolations, textViolations, unknownNames } from '../core/options.js';
import type { AwsTarget } from './aws-clients.js';
import { isObject } from './json.js';

/** What happens to a resource while a deployment runs. */
export interface DeployEvent {
  /** What was done with the resource. */
  readonly kind: 'creating' | 'created' | 'not-created' | 'deleted';
  /** The stack it is of. */
  readonly stack: string;
  /** Its name in the template. */
  readonly logicalId: string;
  /** CloudFormation type, e.g. `AWS::SQS::Queue`. */
  readonly type: string;
  /** Where {@link kind} is `not-created`: why. */
  readonly reason?: string;
}

/** What to deploy, and where to. */
export interface DeployOptions {
  /** The folder that `cdk synth` wrote, e.g. `cdk.out`. */
  readonly assembly: string;
  /** Where to: an emulator's endpoint, or AWS itself where no endpoint is given. */
  readonly aws: AwsTarget;
  /** Names of the stacks to deploy; what they depend on is deployed with them. @default - all stacks of the assembly */
  readonly stacks?: readonly string[];
  /** Values for template parameters, as `Name` or `Stack:Name`. @default - the templates' own defaults */
  readonly parameters?: Readonly<Record<string, string>>;
  /**
   * Account that `AWS::AccountId` stands for, 12 digits.
   * @default - that of the credentials, then the one the stacks were synthesized for, then `000000000000` at an endpoint
   */
  readonly account?: string;
  /** Resources created at the same time, 1 to 64. @default 8 */
  readonly concurrency?: number;
  /** Ends generated physical names, so that two deployments don't meet; letters and digits. @default - 12 random ones */
  readonly nameSuffix?: string;
  /** Told of every step. @default - nobody is told */
  readonly onProgress?: (event: DeployEvent) => void;
  /** Stops the deployment: nothing more is created, and what was is deleted again. @default - runs to its end */
  readonly signal?: AbortSignal;
  /** Where time comes from. @default - the machine's clock */
  readonly clock?: Clock;
}

/** Defaults of {@link DeployOptions}. */
export const DEPLOY_DEFAULTS = Object.freeze({
  /** Enough to hide the round trips of a region away, and far below any control plane's throttling. */
  concurrency: 8,
});

const OPTION_NAMES = [
  'assembly',
  'aws',
  'stacks',
  'parameters',
  'account',
  'concurrency',
  'nameSuffix',
  'onProgress',
  'signal',
  'clock',
] as const satisfies readonly (keyof DeployOptions)[];

const TARGET_NAMES = ['endpoint', 'region', 'credentials', 'requestHandler'] as const;

/**
 * Checks the options of a deployment.
 * @throws {INVALID_OPTIONS} with every violation at once
 */
export function checkDeployOptions(options: DeployOptions): void {
  const given: Readonly<Record<keyof DeployOptions, unknown>> = { ...EMPTY, ...options };
  refuseAll("the cloud assembly can't be deployed", [
    ...unknownNames(options, OPTION_NAMES),
    ...textViolations('assembly', given.assembly),
    ...targetViolations(given.aws),
    ...textListViolations('stacks', given.stacks),
    ...parameterViolations(given.parameters),
    ...patternViolations('account', given.account, { pattern: /^\d{12}$/, expected: '12 digits' }),
    ...patternViolations('nameSuffix', given.nameSuffix, {
      pattern: /^[A-Za-z0-9]{1,32}$/,
      expected: '1 to 32 letters and digits',
    }),
    ...(given.concurrency === undefined
      ? []
      : numberViolations('concurrency', given.concurrency, {
          min: 1,
          max: 64,
          whole: true,
          unit: 'resources',
        })),
    ...callbackViolations('onProgress', given.onProgress),
  ]);
}

const EMPTY = Object.fromEntries(OPTION_NAMES.map((name) => [name, undefined])) as Record<
  keyof DeployOptions,
  undefined
>;

function targetViolations(aws: unknown): string[] {
  if (!isObject(aws)) return [`aws must be {region, endpoint?, credentials?}, got ${typeof aws}`];
  const { endpoint, region } = aws as { endpoint?: unknown; region?: unknown };
  const isUrl =
    endpoint === undefined ||
    (typeof endpoint === 'string' && /^https?:\/\//.test(endpoint) && URL.canParse(endpoint));
  return [
    ...unknownNames(aws, TARGET_NAMES, 'aws.'),
    ...textViolations('aws.region', region),
    ...(isUrl ? [] : [`aws.endpoint must be an http or https URL, got ${JSON.stringify(endpoint)}`]),
  ];
}

function textListViolations(name: string, value: unknown): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [`${name} must be a list of names, got ${typeof value}`];
  return value.flatMap((item, index) => textViolations(`${name}[${index}]`, item));
}

function parameterViolations(value: unknown): string[] {
  if (value === undefined) return [];
  if (!isObject(value)) return [`parameters must be an object of texts, got ${typeof value}`];
  return Object.entries(value)
    .filter(([, text]) => typeof text !== 'string')
    .map(([name, text]) => `parameters.${name} must be text, got ${typeof text}`);
}

function patternViolations(
  name: string,
  value: unknown,
  rule: { readonly pattern: RegExp; readonly expected: string },
): string[] {
  if (value === undefined || (typeof value === 'string' && rule.pattern.test(value))) return [];
  return [`${name} must be ${rule.expected}, got ${JSON.stringify(value)}`];
}
