import type { QueueBinding } from '../../contract/binding.js';
import { MillraceError } from '../../core/errors.js';
import type { ClaimCheckReaderParts } from '../claim-check/claim-check-reader.js';
import { createS3ObjectStore } from '../claim-check/s3-object-store.js';
import { createDynamoApi, type DynamoApi } from '../aws/dynamo-api.js';
import type { SqsApi } from '../aws/sqs-api.js';
import { createGuard } from '../idempotency/create-guard.js';
import { openSqsApi } from '../aws/transport.js';
import type { IdempotencyGuard } from '../idempotency/guard.js';
import { createPlainGuard } from '../idempotency/plain-guard.js';
import type { IdempotencyStore } from '../idempotency/store.js';
import { createOutbox, type Outbox } from '../sns/outbox.js';
import { createDynamoStore } from '../stores/dynamo-store.js';
import { openQueueObservation, type QueueObservation } from './queue-observation.js';
import type { CompiledWorkerOptions } from './worker-options.js';

/** The clients of one worker, and the guard made on them. */
export interface Resources {
  readonly sqs: SqsApi;
  readonly guard: IdempotencyGuard;
  /** Undefined where no message may point into S3. */
  readonly claimChecks: ClaimCheckReaderParts | undefined;
  readonly outbox: Outbox;
  readonly observation: QueueObservation | undefined;
  /** Closes the sockets that were opened here. */
  close(): void;
}

/**
 * Makes the clients a worker needs, or takes the user's.
 * @throws {DEPENDENCY_MISSING} an SDK client or the OpenTelemetry API is not installed
 */
export async function openResources(
  options: CompiledWorkerOptions,
  client: 'queue-worker' | 'lambda',
): Promise<Resources> {
  const { binding, claimCheck, clients, idempotency, store, transport, clock } = options;
  const observation = await openQueueObservation(options, client);
  const target = targetOf(binding);
  const sqs = await openSqsApi({ transport, target, client: clients.sqs, clock });
  const needsDynamo = idempotency !== 'none' && store === undefined;
  const dynamo = needsDynamo ? await createDynamoApi(target, clients.dynamodb) : undefined;
  const claimChecks = claimCheck && {
    store: await createS3ObjectStore(target, clients.s3),
    settings: claimCheck,
  };
  const outbox = createOutbox(options.outbox);
  return {
    sqs,
    observation,
    guard: createWorkerGuard(options, dynamo, outbox),
    outbox,
    claimChecks,
    close: () => {
      sqs.close();
      dynamo?.close();
      claimChecks?.store.close();
      observation?.close();
      void outbox.close();
    },
  };
}

function createWorkerGuard(
  options: CompiledWorkerOptions,
  dynamo: DynamoApi | undefined,
  outbox: Outbox,
): IdempotencyGuard {
  const { idempotency, clock, random, onStoreOutage } = options;
  if (idempotency === 'none') return createPlainGuard();
  const store = options.store ?? queueStore(options, dynamo);
  return createGuard({
    mode: idempotency,
    store,
    onStoreOutage,
    outbox,
    clock,
    random,
    retentionSeconds: retentionOf(options),
  });
}

/** Records may be made before the handler runs, and are to be remembered from its end on. */
function retentionOf(options: CompiledWorkerOptions): number {
  const { rememberSeconds, handlerTimeoutSeconds, abortGraceSeconds } = options;
  return Math.ceil(rememberSeconds + handlerTimeoutSeconds + abortGraceSeconds);
}

/** The table that the queue's construct made. */
function queueStore(options: CompiledWorkerOptions, dynamo: DynamoApi | undefined): IdempotencyStore {
  const { binding, clock, random } = options;
  if (dynamo === undefined || binding.idempotency === undefined)
    throw new MillraceError('BINDING_MISMATCH', `queue '${binding.name}' has no idempotency table`);
  return createDynamoStore(dynamo, { ...binding.idempotency, ...targetOf(binding) }, { clock, random });
}

function targetOf({ region, endpoint }: QueueBinding): {
  readonly region: string;
  readonly endpoint?: string;
} {
  return { region, ...(endpoint !== undefined && { endpoint }) };
}
