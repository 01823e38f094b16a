import type { Clock } from '../core/clock.js';
import { createEmulatedAws } from '../emulator/aws.js';
import type { CallLog } from '../emulator/calls.js';
import type { Faults } from '../emulator/faults.js';
import type { LostDelivery } from '../emulator/sns/deliveries.js';
import type { OutboxEntry } from '../emulator/sns/outbox.js';
import {
  compileLocalAws,
  emulatedAwsOptions,
  localCredentials,
  type LocalAwsOptions,
  type LocalClientConfig,
} from './local-aws.js';
import { createSdkRequestHandler, type SdkRequestHandler } from './request-handler.js';

/** How an embedded AWS is to be: as a local one, without the options of a socket. */
export type EmbeddedAwsOptions = Omit<LocalAwsOptions, 'port' | 'host'>;

/** What SDK v3 clients take to talk to an embedded AWS. */
export interface EmbeddedClientConfig extends LocalClientConfig {
  /** Hands requests to the services without a socket. */
  readonly requestHandler: SdkRequestHandler;
}

/** A local AWS without a socket: only clients of this process reach it, through its request handler. */
export interface EmbeddedAws extends AsyncDisposable {
  /** The Region its resources are in. */
  readonly region: string;
  /** The account in its ARNs. */
  readonly accountId: string;
  /** Spread it into any SDK v3 client: `new KinesisClient(aws.clientConfig)`. */
  readonly clientConfig: EmbeddedClientConfig;
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
  /** Ends long polls and streams. Everything it held is gone. Fine to call twice. */
  close(): Promise<void>;
}

/** Never dialled: requests end in the handler. It is what queue URLs begin with. */
const ENDPOINT = 'http://127.0.0.1';

/**
 * Opens a local AWS for clients of this process. With a virtual clock and a seeded random it is the world of a
 * deterministic test: hours of retention, visibility and leases pass in milliseconds.
 * @throws {INVALID_OPTIONS} naming every option that can't be used
 * @throws {DEPENDENCY_MISSING} when DynamoDB is wanted and dynalite is not installed
 * @example
 * const clock = createVirtualClock();
 * await using aws = await createEmbeddedAws({ clock });
 * const kinesis = new KinesisClient(aws.clientConfig);
 */
export async function createEmbeddedAws(options: EmbeddedAwsOptions = {}): Promise<EmbeddedAws> {
  const compiled = compileLocalAws(options);
  const emulated = await createEmulatedAws(emulatedAwsOptions(compiled, () => ENDPOINT));
  const close = (): Promise<void> => {
    emulated.close();
    return Promise.resolve();
  };
  return Object.freeze({
    region: compiled.region,
    accountId: compiled.accountId,
    clientConfig: Object.freeze({
      endpoint: ENDPOINT,
      region: compiled.region,
      credentials: localCredentials(),
      requestHandler: createSdkRequestHandler(emulated.handle),
    }),
    calls: emulated.calls,
    faults: emulated.faults,
    outbox: emulated.outbox,
    lostDeliveries: emulated.lostDeliveries,
    clock: compiled.clock,
    close,
    [Symbol.asyncDispose]: close,
  });
}
