import { limitOf } from '../../contract/limits.js';
import type { Clock, Random } from '../../core/clock.js';
import type { EntryOutcome } from '../aws/batch-outcome.js';
import { BatchRunner } from '../aws/batch-runner.js';
import type { AcceptedMessage, OutgoingMessage, SqsApi } from '../aws/sqs-api.js';
import { wireBytesOf } from '../aws/wire-size.js';
import type { Unrecorded } from '../idempotency/guard.js';
import type { CompiledWorkerOptions } from './worker-options.js';

/** One delete, release or renewal; `key` is asked for its right at the moment the batch leaves. */
interface HandleItem {
  readonly key: number;
  readonly receiptHandle: string;
}

/** A delete, and what has to be recorded before it. */
interface DeleteItem extends HandleItem {
  readonly record?: Unrecorded['record'] | undefined;
}

interface VisibilityItem extends HandleItem {
  readonly seconds: number;
  readonly purpose: 'renew' | 'release';
}

interface DeadLetterItem {
  readonly key: number;
  readonly outgoing: OutgoingMessage;
}

/** The batched calls of one worker. */
export interface WorkerCalls {
  readonly deletes: BatchRunner<DeleteItem, undefined>;
  readonly visibility: BatchRunner<VisibilityItem, undefined>;
  readonly deadLetters: BatchRunner<DeadLetterItem, AcceptedMessage>;
}

/** What the calls ask before they leave. */
export interface Rights {
  isHeld(key: number): boolean;
  wantsRenewal(key: number): boolean;
}

/** How long a finished message may wait for others before it is deleted: nothing waits for a delete but its deadline. */
const DELETE_AGE_MS = 200;
const MAX_CALLS_OUT = 4;
const RETRY = { curve: { baseSeconds: 0.2, factor: 2, maxSeconds: 5 }, maxAttempts: 5 };

/** Sets the batched calls up: deletes wait for company, visibility changes and dead letters leave at once. */
export function createWorkerCalls(sqs: SqsApi, options: CompiledWorkerOptions, rights: Rights): WorkerCalls {
  const { binding } = options;
  const ports: { readonly clock: Clock; readonly random: Random } = options;
  const limits = {
    maxEntries: limitOf('sqs.batch.maxEntries'),
    maxBytes: limitOf('sqs.batch.maxBytes'),
    maxAgeMs: 0,
    maxCallsOut: MAX_CALLS_OUT,
    isEager: true,
  };
  return {
    deletes: new BatchRunner<DeleteItem, undefined>({
      ...ports,
      limits: { ...limits, maxAgeMs: DELETE_AGE_MS, isEager: false },
      // A delete that fails is decided on anew by the machine: it is tried for as long as the message can be kept invisible.
      retry: { ...RETRY, maxAttempts: 1 },
      isWanted: ({ key }) => rights.isHeld(key),
      call: (items) => deleteRecorded(sqs, items, { url: binding.url, rights }),
    }),
    visibility: new BatchRunner<VisibilityItem, undefined>({
      ...ports,
      limits,
      // A renewal that fails is decided on anew by the machine: the claim may be over by then.
      retry: { ...RETRY, maxAttempts: 2 },
      isWanted: ({ key, purpose }) =>
        rights.isHeld(key) && (purpose === 'release' || rights.wantsRenewal(key)),
      call: (items) =>
        sqs.changeVisibilityBatch(
          binding.url,
          items.map(({ receiptHandle, seconds }) => ({ receiptHandle, visibilityTimeoutSeconds: seconds })),
        ),
    }),
    deadLetters: new BatchRunner<DeadLetterItem, AcceptedMessage>({
      ...ports,
      limits,
      retry: RETRY,
      isWanted: ({ key }) => rights.isHeld(key),
      call: (items) =>
        sqs.sendBatch(
          binding.deadLetterQueue.url,
          items.map(({ outgoing }) => outgoing),
        ),
    }),
  };
}

/**
 * Records what is left to record of messages that leave together, then deletes those that are still ours: recording may
 * have taken longer than a claim lasts.
 */
async function deleteRecorded(
  sqs: SqsApi,
  items: readonly DeleteItem[],
  { url, rights }: { readonly url: string; readonly rights: Pick<Rights, 'isHeld'> },
): Promise<readonly EntryOutcome<undefined>[]> {
  const records = items.flatMap(({ record }) => (record === undefined ? [] : [record]));
  if (records.length > 0) await Promise.all(records.map((record) => record()));
  const held = records.length > 0 ? items.filter(({ key }) => rights.isHeld(key)) : items;
  if (held.length === 0) return items.map(() => TOO_LATE);
  const outcomes = await sqs.deleteBatch(
    url,
    held.map(({ receiptHandle }) => receiptHandle),
  );
  if (held === items) return outcomes;
  const byKey = new Map(held.map(({ key }, position) => [key, outcomes[position]]));
  return items.map(({ key }) => byKey.get(key) ?? TOO_LATE);
}

const TOO_LATE = { kind: 'failed', code: 'TooLate', isSenderFault: true } as const;

/** A dead letter as a batch item: packed by bytes, in order inside its group. */
export function deadLetterItem(key: number, outgoing: OutgoingMessage) {
  return {
    item: { key, outgoing },
    bytes: wireBytesOf(outgoing),
    ...(outgoing.group !== undefined && { lane: outgoing.group }),
  };
}
