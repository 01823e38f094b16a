import { limitOf } from '../../contract/limits.js';
import type { ApiFault } from '../engine.js';
import { CallInput } from '../structures/call-input.js';
import { sqsInputRefusals, sqsRefusals } from './refusals.js';

/** One entry of a batch request. */
export interface BatchEntry {
  readonly id: string;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly input: CallInput;
}

/** A batch request that is well formed, or why it is not. */
export type BatchReading =
  | { readonly kind: 'batch'; readonly entries: readonly BatchEntry[] }
  | { readonly kind: 'refused'; readonly fault: ApiFault };

/** How one entry ended. */
export type EntryOutcome =
  | { readonly kind: 'done'; readonly result: Readonly<Record<string, unknown>> }
  | { readonly kind: 'failed'; readonly fault: ApiFault };

const ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/;

/** Reads the entries of a batch and checks what holds for the batch as a whole. */
export function readBatch(input: CallInput): BatchReading {
  const raw = input.records('Entries');
  if (input.fault !== undefined) return { kind: 'refused', fault: input.fault };
  if (raw.length === 0) return { kind: 'refused', fault: sqsRefusals.emptyBatch() };
  if (raw.length > limitOf('sqs.batch.maxEntries'))
    return { kind: 'refused', fault: sqsRefusals.tooManyEntries(raw.length) };
  const seen = new Set<string>();
  const entries: BatchEntry[] = [];
  for (const entry of raw) {
    const id = entry['Id'];
    if (typeof id !== 'string' || !ENTRY_ID.test(id))
      return { kind: 'refused', fault: sqsRefusals.invalidBatchEntryId() };
    if (seen.has(id)) return { kind: 'refused', fault: sqsRefusals.entryIdsNotDistinct(id) };
    seen.add(id);
    entries.push({ id, raw: entry, input: new CallInput(entry, sqsInputRefusals) });
  }
  return { kind: 'batch', entries };
}

/** Runs the entries in order; like AWS, a list that would be empty is left out of the answer. */
export function runBatch<E extends { readonly id: string }>(
  entries: readonly E[],
  run: (entry: E) => EntryOutcome,
): Readonly<Record<string, unknown>> {
  const successful: Readonly<Record<string, unknown>>[] = [];
  const failed: Readonly<Record<string, unknown>>[] = [];
  for (const entry of entries) {
    const outcome = run(entry);
    if (outcome.kind === 'done') successful.push({ Id: entry.id, ...outcome.result });
    else failed.push(failedEntry(entry.id, outcome.fault));
  }
  return {
    ...(successful.length > 0 ? { Successful: successful } : {}),
    ...(failed.length > 0 ? { Failed: failed } : {}),
  };
}

const failedEntry = (id: string, fault: ApiFault): Readonly<Record<string, unknown>> => ({
  Id: id,
  SenderFault: fault.status < 500,
  Code: fault.code,
  Message: fault.message,
});
