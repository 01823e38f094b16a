import type { Clock, Random, Timer } from '../core/clock.js';
import { createApi } from './api.js';
import { createCallLog, type CallLog } from './calls.js';
import { openDynamoService, type DynamoOptions, type DynamoService } from './dynamodb/dynamo-service.js';
import { createFaults, type Faults } from './faults.js';
import { EngineHost } from './host.js';
import { createNotificationSigner } from './http/notification-signer.js';
import type { WireHandler } from './http/wire.js';
import { createKinesisEngine, type KinesisEngineOptions } from './kinesis/kinesis-engine.js';
import { OutboundDeliveries, type InvokeFunction } from './outbound.js';
import type { LostDelivery } from './sns/deliveries.js';
import { createS3Engine } from './s3/engine.js';
import { createSnsEngine } from './sns/engine.js';
import type { OutboxEntry } from './sns/outbox.js';
import { createSqsEngine } from './sqs/engine.js';

/** What an emulated account is made with. */
export interface EmulatedAwsOptions {
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
  readonly clock: Clock;
  readonly random: Random;
  /** A new id at every call, never one given before. */
  readonly randomId: () => string;
  /** Scheme, host and port under which the account is reached: queue URLs begin with it. Asked late, as a server learns its port late. */
  readonly baseUrl: () => string;
  /** What differs from the defaults of Kinesis. */
  readonly kinesis?:
    Pick<KinesisEngineOptions, 'transitionMs' | 'areLimitsEnforced' | 'shardLimit'> | undefined;
  /** Whether FIFO queues and FIFO topics throttle as at AWS. @default true */
  readonly areLimitsEnforced?: boolean | undefined;
  /** What differs from the defaults of DynamoDB, or false to leave it out. @default - DynamoDB with its defaults */
  readonly dynamodb?: Omit<DynamoOptions, 'region' | 'accountId'> | false | undefined;
  /**
   * Whether notifications are signed with a key of this account, so that their receivers can verify them; a signature
   * costs about a millisecond. @default false: a digest stands where the signature would
   */
  readonly areNotificationsSigned?: boolean | undefined;
  /** Invokes functions that are subscribed to topics. @default - such deliveries are refused */
  readonly invokeFunction?: InvokeFunction | undefined;
}

/** One emulated account in one region: a handler for its API, and what can be seen and done from outside. */
export interface EmulatedAws {
  /** Answers HTTP requests of any of the services. */
  readonly handle: WireHandler;
  readonly calls: CallLog;
  readonly faults: Faults;
  /** E-mails, SMS and push notifications that topics sent, oldest first. */
  readonly outbox: () => readonly OutboxEntry[];
  /** Deliveries of topics that were given up, with the reason. */
  readonly lostDeliveries: () => readonly LostDelivery[];
  /** Ends long polls, streams and timers. Fine to call twice. */
  close(): void;
}

/** How often expired items are looked for. */
const SWEEP_MS = 60_000;

/**
 * Composes the engines into one account.
 * @throws {DEPENDENCY_MISSING} when DynamoDB is wanted and dynalite is not installed
 */
export async function createEmulatedAws(options: EmulatedAwsOptions): Promise<EmulatedAws> {
  const { clock, random, randomId, region, accountId } = options;
  const { areLimitsEnforced = true } = options;
  const account = { region, accountId, random, randomId };
  const kinesis = createKinesisEngine({ ...options.kinesis, ...account });
  const sqs = createSqsEngine({ ...account, areLimitsEnforced, queueUrlBase: options.baseUrl });
  const s3 = createS3Engine({ region, accountId });
  const signer = options.areNotificationsSigned === true ? createNotificationSigner(clock.now()) : undefined;
  const sns = createSnsEngine({
    ...account,
    areLimitsEnforced,
    ...(signer !== undefined && { sign: signer.sign }),
    endpointUrl: options.baseUrl,
    deliverToQueue: (queueArn, delivery, now) => sqs.deliver(queueArn, delivery, now),
  });
  const host: EngineHost = new EngineHost(clock, [sqs, sns, kinesis, s3], () => outbound.pump());
  const outbound = new OutboundDeliveries(sns, host, { clock, invokeFunction: options.invokeFunction });
  const dynamo =
    options.dynamodb === false
      ? undefined
      : await openDynamoService({ ...options.dynamodb, region, accountId });
  const calls = createCallLog();
  const faults = createFaults(random);
  const sweeper = dynamo === undefined ? undefined : sweepRegularly(dynamo, clock, host);
  return {
    handle: createApi({ clock, host, dynamo, calls, faults, sns, signer, random, randomId }),
    calls,
    faults,
    outbox: () => sns.outbox(),
    lostDeliveries: () => sns.lostDeliveries(),
    close: () => {
      sweeper?.cancel();
      outbound.close();
      host.close();
    },
  };
}

function sweepRegularly(dynamo: DynamoService, clock: Clock, host: EngineHost): Timer {
  let timer: Timer;
  let isCancelled = false;
  const again = (): void => {
    if (!isCancelled) timer = clock.schedule(SWEEP_MS, sweep);
  };
  const sweep = (): void => {
    if (!dynamo.hasExpiringTables) again();
    // A sweep that fails is done again; nobody waits for it, and an item kept longer is within what TTL promises.
    else void dynamo.sweep(host.now()).then(again, again);
  };
  timer = clock.schedule(SWEEP_MS, sweep);
  return {
    cancel: () => {
      isCancelled = true;
      timer.cancel();
    },
  };
}
