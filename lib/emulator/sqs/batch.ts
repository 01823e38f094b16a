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

/** What an entry that succeeded is answered with; it begins as its `Id`. */
export type EntryAnswer = Record<string, string>;

const ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/;

/** Reads the entries of a batch and checks what holds for the batch as a whole. */
export function readBatch(input: CallInput): BatchReading {
  const raw = input.records('Entries');
  if (input.fault !== undefined) return { kind: 'refused', fault: input.fault };
  if (raw.length === 0) return { kind: 'refused', fault: sqsRefusals.emptyBatch() };
  if (raw.length > limitOf('sqs.batch.maxEntries'))
    return { kind: 'refused', fault: sqsRefusals.tooManyEntries(raw.length) };
  const entries: BatchEntry[] = [];
  for (const entry of raw) {
    const id = entry['Id'];
    if (typeof id !== 'string' || !ENTRY_ID.test(id))
      return { kind: 'refused', fault: sqsRefusals.invalidBatchEntryId() };
    // At most ten: looking through them costs less than a set would.
    if (entries.some((earlier) => earlier.id === id))
      return { kind: 'refused', fault: sqsRefusals.entryIdsNotDistinct(id) };
    entries.push({ id, raw: entry, input: new CallInput(entry, sqsInputRefusals) });
  }
  return { kind: 'batch', entries };
}

/**
 * Runs the entries in order: each fills its answer, or gives the fault it fails with. Like AWS, a list that would be
 * empty is left out of the answer.
 */
export function runBatch(
  entries: readonly BatchEntry[],
  run: (entry: BatchEntry, answer: EntryAnswer) => ApiFault | undefined,
): Readonly<Record<string, unknown>> {
  const successful: EntryAnswer[] = [];
  const failed: Readonly<Record<string, unknown>>[] = [];
  for (const entry of entries) {
    const answer: EntryAnswer = { Id: entry.id };
    const fault = run(entry, answer);
    if (fault === undefined) successful.push(answer);
    else failed.push(failedEntry(entry.id, fault));
  }
  if (failed.length === 0) return { Successful: successful };
  return successful.length === 0 ? { Failed: failed } : { Successful: successful, Failed: failed };
}

const failedEntry = (id: string, fault: ApiFault): Readonly<Record<string, unknown>> => ({
  Id: id,
  SenderFault: fault.status < 500,
  Code: fault.code,
  Message: fault.message,
});
