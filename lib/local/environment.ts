import { MillraceError } from '../core/errors.js';
import type { AwsCredentials, AwsTarget } from './aws-clients.js';
import type { ArnOf } from './placeholders.js';

/** Where the stacks of a deployment live: what the pseudo parameters stand for. */
export interface AwsEnvironment {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly urlSuffix: string;
  readonly arnOf: ArnOf;
}

/** Services whose ARNs name no region. */
const GLOBAL_SERVICES: ReadonlySet<string> = new Set(['iam', 's3']);

/** Works out partition and ARNs of an account in a region. */
export function environmentOf(account: string, region: string): AwsEnvironment {
  const isChina = region.startsWith('cn-');
  const partition = isChina ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  return {
    account,
    region,
    partition,
    urlSuffix: isChina ? 'amazonaws.com.cn' : 'amazonaws.com',
    arnOf: (service, resource) => {
      const where = GLOBAL_SERVICES.has(service) ? '' : region;
      return `arn:${partition}:${service}:${where}:${service === 's3' ? '' : account}:${resource}`;
    },
  };
}

/** The account emulators say they are. */
const EMULATED_ACCOUNT = '000000000000';

/**
 * Finds the account of a deployment: what was said, then what the credentials tell, then what the stacks were
 * synthesized for, then what emulators use.
 * @throws {INVALID_OPTIONS} AWS itself is the target and nothing tells the account: give `account`
 */
export function accountOf(
  hints: {
    readonly said: string | undefined;
    readonly credentials: AwsCredentials | undefined;
    readonly synthesizedFor: string | undefined;
  },
  target: AwsTarget,
): string {
  const { said, credentials, synthesizedFor } = hints;
  // An access key of 12 digits is how emulators are told the account to act in.
  const fromKey = /^\d{12}$/.exec(credentials?.accessKeyId ?? '')?.[0];
  const account = said ?? credentials?.accountId ?? fromKey ?? synthesizedFor;
  if (account !== undefined) return account;
  if (target.endpoint !== undefined) return EMULATED_ACCOUNT;
  throw new MillraceError(
    'INVALID_OPTIONS',
    "neither the stacks nor the credentials tell the account to deploy into: give 'account', 12 digits",
  );
}

/** Credentials as values, where they were given; the SDK's own chain is left to the SDK. */
export async function credentialsOf(target: AwsTarget): Promise<AwsCredentials | undefined> {
  return typeof target.credentials === 'function' ? await target.credentials() : target.credentials;
}
