import type { IdempotencyRecord } from '../../core/idempotency/record.js';

/** Reads what a database holds under a key; undefined for nothing, and for what has another shape. */
export function readStoredRecord(
  stored: Readonly<Partial<Record<keyof IdempotencyRecord, unknown>>>,
): IdempotencyRecord | undefined {
  const { state, version, owner, leaseUntil, expiresAt, hash, outbox } = stored;
  if (state !== 'IN_PROGRESS' && state !== 'RELEASED' && state !== 'COMPLETED') return undefined;
  return {
    state,
    version: Number(version ?? 0),
    owner: typeof owner === 'string' ? owner : '',
    leaseUntil: Number(leaseUntil ?? 0),
    expiresAt: Number(expiresAt ?? 0),
    hash: typeof hash === 'string' ? hash : '',
    ...(typeof outbox === 'string' && outbox !== '' && { outbox }),
  };
}
