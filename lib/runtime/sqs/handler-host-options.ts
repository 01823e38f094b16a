import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { QueueBinding } from '../../contract/binding.js';
import type { Clock, Random } from '../../core/clock.js';
import type { BackoffCurve } from '../../core/retry/backoff.js';
import type { ErrorRule } from '../../core/retry/error-policy.js';
import type { Transport } from '../aws/transport.js';
import type { ClaimCheckReadOptions } from '../claim-check/claim-check-options.js';
import type { IdempotencyMode, StoreOutagePolicy } from '../idempotency/modes.js';
import type { IdempotencyStore } from '../idempotency/store.js';
import type { TelemetryOption } from '../observability/telemetry.js';
import type { PublisherOptions } from '../sns/publisher-options.js';
import type { MessageHandler } from './handler.js';
import type { WorkerEvent } from './worker-events.js';

/** SDK clients of a worker. */
export interface WorkerClients {
  /** For the queue and its dead-letter queue. @default - made from the binding */
  readonly sqs?: SQSClient;
  /** For the idempotency table. @default - made from the binding */
  readonly dynamodb?: DynamoDBClient;
  /** For payloads that were too large for their message. @default - made from the binding */
  readonly s3?: S3Client;
}

/** What handlers of messages need in every host: a loop of their own, or Lambda. */
export interface HandlerHostOptions {
  /** The construct id of the queue, looked up in the environment, or its binding itself. */
  readonly queue: string | QueueBinding;
  /** One handler per message type, made with `on`. Together they must cover what the queue carries. */
  readonly handlers: readonly MessageHandler[];
  /** How copies of a message are told from new ones; the modes differ in guarantee and cost. @see IdempotencyMode */
  readonly idempotency: IdempotencyMode;
  /**
   * Where idempotency records live: `createPostgresStore`, `createRedisStore`, `createMemoryStore`.
   * @default - the DynamoDB table of the queue's construct
   */
  readonly store?: IdempotencyStore;
  /**
   * Destinations of `context.publish`, by the name it is given; for mode `transactional`.
   * @default - none
   */
  readonly outbox?: Readonly<Record<string, PublisherOptions>>;
  /**
   * Whether messages wait (`fail-closed`) or are handled unguarded (`fail-open`, for `lease` and `record-after`) while the
   * idempotency store can't be reached. @default 'fail-closed'
   */
  readonly onStoreOutage?: StoreOutagePolicy;
  /**
   * Who does the work, as part of the idempotency key: copies are recognised among workers of one name. Change it to have
   * everything handled anew. @default - the queue's name
   */
  readonly consumer?: string;
  /**
   * How long a handled message is remembered, seconds, at least 60. @default - the queue's retention and 14 days in the
   * dead-letter queue together, so that even a late redrive is recognised
   */
  readonly rememberSeconds?: number;
  /** After it a handler's signal aborts, 1-43200 seconds. @default - the handler timeout of the construct */
  readonly handlerTimeoutSeconds?: number;
  /** The wait before a failed message comes back, with full jitter by receive count. @default base 1 s, factor 2, at most 300 s */
  readonly retry?: Partial<BackoffCurve>;
  /**
   * What is done with errors of certain classes, made with `whenError`; the first rule that matches decides.
   * @default - every error is tried again with `retry`
   */
  readonly errors?: readonly ErrorRule[];
  /** How payloads are taken out of S3 that were too large for their message. @default - from the construct's buckets */
  readonly claimCheck?: ClaimCheckReadOptions;
  /** Where spans and metrics go: `openTelemetry()`, `emf({ namespace })` or several of them. @default - nowhere */
  readonly telemetry?: TelemetryOption;
  /** Told everything that happens; what it throws becomes a warning of the process. @default - nobody is told */
  readonly onEvent?: (event: WorkerEvent) => void;
  /**
   * Who makes the requests to SQS: `lean` costs a fraction of the CPU and leaves the SDK client's middleware and request
   * handler out. @default 'sdk'
   */
  readonly transport?: Transport;
  /** SDK clients to use instead of the worker's own; they stay open at the end. @default - made from the binding */
  readonly clients?: WorkerClients;
  /** Where bindings are looked up. @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What tells the time and sets timers: a virtual one makes tests fast and repeatable. @default - the machine's clock */
  readonly clock?: Clock;
  /** Where jitter and random ids come from, in [0, 1): seeded, a run can be repeated. @default - Math.random */
  readonly random?: Random;
}
