import { randomUUID } from 'node:crypto';
import type { Clock, Random } from '../core/clock.js';
import { refuseAll } from '../core/errors.js';
import {
  callbackViolations,
  choiceViolations,
  numberViolations,
  textViolations,
  unknownNames,
} from '../core/options.js';
import { createEmulatedAws, type EmulatedAws, type EmulatedAwsOptions } from '../emulator/aws.js';
import type { CallLog } from '../emulator/calls.js';
import type { Faults } from '../emulator/faults.js';
import type { InvokeFunction } from '../emulator/outbound.js';
import type { LostDelivery } from '../emulator/sns/deliveries.js';
import type { OutboxEntry } from '../emulator/sns/outbox.js';
import { listen, LISTEN_DEFAULTS } from '../emulator/http/server.js';
import { createSystemClock } from '../runtime/system/clock.js';
import { createSystemRandom } from '../runtime/system/random.js';

/** How a local AWS is to be. */
export interface LocalAwsOptions {
  /** Port to listen on; 0 takes a free one. @default 0 */
  readonly port?: number;
  /** Address to bind. Anything but loopback lets others on the network in. @default '127.0.0.1' */
  readonly host?: string;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** Twelve digits. @default '000000000000' */
  readonly accountId?: string;
  /** Whether DynamoDB is served; it needs the package `dynalite`. @default true */
  readonly dynamodb?: boolean;
  /**
   * `strict` enforces throughput limits and rates as AWS does; `off` lets tests go faster than a shard.
   * @default 'strict'
   */
  readonly limits?: 'strict' | 'off';
  /** Milliseconds that streams and consumers stay in their in-between statuses. @default 100 */
  readonly transitionMs?: number;
  /**
   * Whether notifications of topics carry a signature that verifies with the certificate they name. It costs about a
   * millisecond each.
   * @default false
   */
  readonly signedNotifications?: boolean;
  /**
   * Called for notifications to functions that are subscribed to topics; rejecting makes SNS try again.
   * @default - there are no functions, such deliveries are given up
   */
  readonly invokeFunction?: InvokeFunction;
  /** Where time comes from; give a virtual clock to pass hours in milliseconds. @default - the machine's clock */
  readonly clock?: Clock;
  /** Where chance and ids come from; give a seeded one to repeat a run to the last message id. @default - the machine's */
  readonly random?: Random;
}

/** Defaults of {@link LocalAwsOptions}. */
export const LOCAL_AWS_DEFAULTS = Object.freeze({
  port: LISTEN_DEFAULTS.port,
  host: LISTEN_DEFAULTS.host,
  region: 'us-east-1',
  accountId: '000000000000',
  dynamodb: true,
  limits: 'strict',
  transitionMs: 100,
  signedNotifications: false,
} as const);

/** What every SDK v3 client takes to talk to a local AWS. */
export interface LocalClientConfig {
  /** Where the services answer. */
  readonly endpoint: string;
  /** The Region its resources are in. */
  readonly region: string;
  /** Any will do: signatures are not checked. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A running local AWS: SQS, SNS, Kinesis and DynamoDB on one loopback port. */
export interface LocalAws extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  /** The Region its resources are in. */
  readonly region: string;
  /** The account in its ARNs. */
  readonly accountId: string;
  /** Spread it into any SDK v3 client: `new SQSClient(aws.clientConfig)`. */
  readonly clientConfig: LocalClientConfig;
  /** What was called, counted and told. */
  readonly calls: CallLog;
  /** What is to go wrong; nothing unless set. */
  readonly faults: Faults;
  /** E-mails, SMS and push notifications that topics sent, oldest first. */
  readonly outbox: () => readonly OutboxEntry[];
  /** Deliveries of topics that were given up, with the reason. */
  readonly lostDeliveries: () => readonly LostDelivery[];
  /** The clock the emulated services run on. */
  readonly clock: Clock;
  /** Stops serving and ends every connection. Everything it held is gone. Fine to call twice. */
  close(): Promise<void>;
}

type CompiledLocalAws = Required<Omit<LocalAwsOptions, 'invokeFunction'>> &
  Pick<LocalAwsOptions, 'invokeFunction'> & {
    /** Makes ids of messages and requests. */
    readonly randomId: () => string;
  };

/** Local clients sign with these; they open nothing. Not frozen: SDK clients note on the object where it came from. */
export const localCredentials = (): LocalClientConfig['credentials'] => ({
  accessKeyId: 'local',
  secretAccessKey: 'local',
});

/** Checks the options and fills in defaults. @throws {INVALID_OPTIONS} with every violation */
export function compileLocalAws(options: LocalAwsOptions): CompiledLocalAws {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const { random } = options;
  const compiled: CompiledLocalAws = {
    ...LOCAL_AWS_DEFAULTS,
    clock: options.clock ?? createSystemClock(),
    random: random ?? createSystemRandom(),
    randomId: random === undefined ? randomUUID : () => uuidFrom(random),
    ...given,
  };
  const accountForm = /^\d{12}$/.test(compiled.accountId)
    ? []
    : [`accountId must be twelve digits, got '${compiled.accountId}'`];
  refuseAll("the local AWS can't be started", [
    ...unknownNames(options, [...Object.keys(LOCAL_AWS_DEFAULTS), 'clock', 'random', 'invokeFunction']),
    ...callbackViolations('invokeFunction', compiled.invokeFunction),
    ...numberViolations('port', compiled.port, { min: 0, max: 65_535, whole: true, unit: 'port number' }),
    ...numberViolations('transitionMs', compiled.transitionMs, { min: 0, unit: 'milliseconds' }),
    ...textViolations('host', compiled.host),
    ...textViolations('region', compiled.region),
    ...choiceViolations('limits', compiled.limits, ['strict', 'off']),
    ...accountForm,
  ]);
  return Object.freeze(compiled);
}

/** A version 4 UUID of given chance: ids of a seeded run are the same every time. */
function uuidFrom(random: Random): string {
  const bytes = Buffer.from(Array.from({ length: 16 }, () => Math.floor(random.next() * 256)));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The emulated account that compiled options describe. */
export const emulatedAwsOptions = (
  compiled: CompiledLocalAws,
  baseUrl: () => string,
): EmulatedAwsOptions => ({
  baseUrl,
  region: compiled.region,
  accountId: compiled.accountId,
  clock: compiled.clock,
  random: compiled.random,
  randomId: compiled.randomId,
  areLimitsEnforced: compiled.limits === 'strict',
  kinesis: {
    transitionMs: compiled.transitionMs,
    areLimitsEnforced: compiled.limits === 'strict',
  },
  dynamodb: compiled.dynamodb ? {} : false,
  areNotificationsSigned: compiled.signedNotifications,
  invokeFunction: compiled.invokeFunction,
});

/**
 * Starts a local AWS in this process, empty, in well under a second. It is strict where AWS is: what fails in
 * production should fail here first.
 * @throws {INVALID_OPTIONS} naming every option that can't be used
 * @throws {PORT_IN_USE} when the port is taken
 * @throws {DEPENDENCY_MISSING} when DynamoDB is wanted and dynalite is not installed
 * @example
 * await using aws = await createLocalAws();
 * const sqs = new SQSClient(aws.clientConfig);
 */
export async function createLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const compiled = compileLocalAws(options);
  // No queue can be asked for before the server listens, so nobody sees the endpoint without its port.
  let endpoint = `http://${reachableHost(compiled.host)}`;
  const emulated = await createEmulatedAws(emulatedAwsOptions(compiled, () => endpoint));
  try {
    const local = await serve(emulated, compiled);
    endpoint = local.endpoint;
    return local;
  } catch (error) {
    emulated.close();
    throw error;
  }
}

/** How clients on this machine reach a bound address: the unspecified ones are no address to call. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

async function serve(emulated: EmulatedAws, compiled: CompiledLocalAws): Promise<LocalAws> {
  const server = await listen(emulated.handle, { host: compiled.host, port: compiled.port });
  const endpoint = `http://${reachableHost(compiled.host)}:${server.port}`;
  const close = async (): Promise<void> => {
    emulated.close();
    await server.close();
  };
  return Object.freeze({
    endpoint,
    region: compiled.region,
    accountId: compiled.accountId,
    clientConfig: Object.freeze({ endpoint, region: compiled.region, credentials: localCredentials() }),
    calls: emulated.calls,
    faults: emulated.faults,
    outbox: emulated.outbox,
    lostDeliveries: emulated.lostDeliveries,
    clock: compiled.clock,
    close,
    [Symbol.asyncDispose]: close,
  });
}
