import type { QueueBinding } from '../../contract/binding.js';
import { MillraceError } from '../../core/errors.js';
import type { ClaimCheckReaderParts } from '../claim-check/claim-check-reader.js';
import { createS3ObjectStore } from '../claim-check/s3-object-store.js';
import { createDynamoApi, type DynamoApi } from '../aws/dynamo-api.js';
import type { SqsApi } from '../aws/sqs-api.js';
import { createSqsApi } from '../aws/sqs-client.js';
import type { IdempotencyGuard } from '../idempotency/guard.js';
import { createLeaseGuard } from '../idempotency/lease-guard.js';
import { createPlainGuard } from '../idempotency/plain-guard.js';
import { createRecordAfterGuard } from '../idempotency/record-after-guard.js';
import { createSequenceGuard } from '../idempotency/sequence-guard.js';
import { createTransactionalGuard } from '../idempotency/transactional-guard.js';
import { createDynamoInboxStore } from '../stores/dynamo-inbox-store.js';
import { createDynamoLeaseStore } from '../stores/dynamo-lease-store.js';
import { createDynamoSequenceStore } from '../stores/dynamo-sequence-store.js';
import type { CompiledWorkerOptions } from './worker-options.js';

/** The clients of one worker, and the guard made on them. */
export interface Resources {
  readonly sqs: SqsApi;
  readonly guard: IdempotencyGuard;
  /** Undefined where no message may point into S3. */
  readonly claimChecks: ClaimCheckReaderParts | undefined;
  /** Closes the sockets that were opened here. */
  close(): void;
}

/**
 * Makes the clients a worker needs, or takes the user's.
 * @throws {DEPENDENCY_MISSING} an SDK client is not installed
 */
export async function openResources(options: CompiledWorkerOptions): Promise<Resources> {
  const { binding, clients, claimCheck, idempotency } = options;
  const target = targetOf(binding);
  const sqs = await createSqsApi(target, clients.sqs);
  const dynamo = idempotency === 'none' ? undefined : await createDynamoApi(target, clients.dynamodb);
  const claimChecks = claimCheck && {
    store: await createS3ObjectStore(target, clients.s3),
    settings: claimCheck,
  };
  return {
    sqs,
    guard: createGuard(options, dynamo),
    claimChecks,
    close: () => {
      sqs.close();
      dynamo?.close();
      claimChecks?.store.close();
    },
  };
}

function createGuard(options: CompiledWorkerOptions, dynamo: DynamoApi | undefined): IdempotencyGuard {
  const { binding, clock, random, rememberSeconds, idempotency } = options;
  if (idempotency === 'none') return createPlainGuard();
  if (dynamo === undefined || binding.idempotency === undefined)
    throw new MillraceError('BINDING_MISMATCH', `queue '${binding.name}' has no idempotency table`);
  const table = { ...binding.idempotency, ...targetOf(binding) };
  const parts = { clock, random, retentionSeconds: rememberSeconds };
  switch (idempotency) {
    case 'transactional':
      return createTransactionalGuard(createDynamoInboxStore(dynamo, table), parts);
    case 'lease':
      return createLeaseGuard(createDynamoLeaseStore(dynamo, table), parts);
    case 'record-after':
      return createRecordAfterGuard(createDynamoInboxStore(dynamo, table), parts);
    case 'sequence':
      return createSequenceGuard(createDynamoSequenceStore(dynamo, table), parts);
  }
}

function targetOf({ region, endpoint }: QueueBinding): {
  readonly region: string;
  readonly endpoint?: string;
} {
  return { region, ...(endpoint !== undefined && { endpoint }) };
}
