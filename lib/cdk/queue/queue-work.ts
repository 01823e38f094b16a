import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { QueueBinding } from '../../contract/binding.js';
import type { QueueContents } from './queue-contents.js';
import { ITEM_ACTIONS } from '../table-actions.js';
import type { CompiledWorkQueue } from './work-queue-options.js';
import type { ClaimCheckBucket } from '../claim-check/claim-check-bucket.js';

/** DynamoDB attribute that expires idempotency records; the client reads its name from the binding. */
export const TTL_ATTRIBUTE = 'ttl';

/** The resources a worker works with. */
export interface WorkedResources {
  readonly queue: IQueue;
  readonly deadLetterQueue: IQueue;
  /** Where the payloads of the queue's own senders are. */
  readonly claimCheck: ClaimCheckBucket | undefined;
  readonly idempotencyTable: Pick<ITable, 'encryptionKey' | 'grant' | 'tableName'> | undefined;
}

/** What clients are told of a work queue, ours or imported. */
export function describeQueue(
  name: string,
  facts: WorkedResources & { readonly settings: CompiledWorkQueue; readonly contents: QueueContents },
): QueueBinding {
  const { queue, deadLetterQueue, idempotencyTable, claimCheck, settings, contents } = facts;
  return {
    v: 1,
    kind: 'queue',
    name,
    region: queue.env.region,
    url: queue.queueUrl,
    arn: queue.queueArn,
    fifo: settings.fifo,
    // Getters: topics subscribe after this line, and the binding is read at synth.
    get delivery() {
      return contents.delivery;
    },
    get messages() {
      return contents.messages;
    },
    handlerTimeoutSeconds: settings.handlerTimeoutSeconds,
    visibilityTimeoutSeconds: settings.visibilityTimeoutSeconds,
    maxReceiveCount: settings.maxReceiveCount,
    retentionSeconds: settings.retentionSeconds,
    maxMessageBytes: settings.maxMessageBytes,
    deadLetterQueue: { url: deadLetterQueue.queueUrl, arn: deadLetterQueue.queueArn },
    ...(idempotencyTable && {
      idempotency: { table: idempotencyTable.tableName, ttlAttribute: TTL_ATTRIBUTE },
    }),
    ...(claimCheck && { claimCheck: claimCheck.binding }),
    get claimCheckBuckets() {
      const { bucketNames } = contents.claimChecks;
      return bucketNames.length === 0 ? undefined : bucketNames;
    },
  };
}

/** Lets a worker receive, extend and delete, dead-letter with a reason, and remember what it did. */
export function grantWork(resources: WorkedResources, grantee: IGrantable): Grant {
  const { queue, deadLetterQueue, idempotencyTable, claimCheck } = resources;
  const grant = queue.grantConsumeMessages(grantee).combine(deadLetterQueue.grantSendMessages(grantee));
  claimCheck?.grantFetch(grantee, { mayDelete: true });
  if (idempotencyTable === undefined) return grant;
  idempotencyTable.encryptionKey?.grantEncryptDecrypt(grantee);
  return grant.combine(idempotencyTable.grant(grantee, ...IDEMPOTENCY_ACTIONS));
}

/** Item by item, and in batches of conditional statements, which have rights of their own; never Scan. */
const IDEMPOTENCY_ACTIONS = ['dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate', ...ITEM_ACTIONS];
