/** What a batch call says about one of its entries. */
export type EntryOutcome<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | {
      readonly kind: 'failed';
      /** The service's code, e.g. `InternalError`. */
      readonly code: string;
      /** Whether the entry itself is at fault, so that sending it again is pointless. */
      readonly isSenderFault: boolean;
    };

/** One successful entry of a batch answer. */
interface Successful {
  readonly Id?: string | undefined;
}

/** One failed entry of a batch answer. */
interface Failed {
  readonly Id: string | undefined;
  readonly Code: string | undefined;
  readonly SenderFault: boolean | undefined;
}

/** The parts of a batch answer that SQS and SNS share; a 200 may carry failures. */
export interface BatchAnswer<Entry extends Successful> {
  readonly Successful?: readonly Entry[] | undefined;
  readonly Failed?: readonly Failed[] | undefined;
}

/**
 * Entry ids are positions: always unique and always of the allowed characters, which message ids in one batch are not
 * (the same message can be in it twice).
 */
export const entryId = (position: number): string => String(position);

/** Lines the answer up with the request: one outcome per entry, in the request's order. */
export function alignOutcomes<Entry extends Successful, Value>(
  answer: BatchAnswer<Entry>,
  count: number,
  read: (entry: Entry) => Value,
): readonly EntryOutcome<Value>[] {
  const outcomes = Array.from(
    { length: count },
    // An entry that is named in neither list was not confirmed: it is tried again like a service fault.
    (): EntryOutcome<Value> => ({ kind: 'failed', code: 'NotAnswered', isSenderFault: false }),
  );
  for (const entry of answer.Successful ?? [])
    outcomes[Number(entry.Id)] = { kind: 'done', value: read(entry) };
  for (const { Id, Code, SenderFault } of answer.Failed ?? [])
    outcomes[Number(Id)] = { kind: 'failed', code: Code ?? 'Unknown', isSenderFault: SenderFault === true };
  return outcomes;
}
