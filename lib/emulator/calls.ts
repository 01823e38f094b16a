import type { ApiService } from './http/route.js';

/** One call that was answered, as an event. Bodies are never in it. */
export interface CallRecord {
  /** Epoch milliseconds at which the call came in. */
  readonly at: number;
  /** The service that was called. */
  readonly service: ApiService;
  /** Its name in the API, e.g. `SendMessageBatch`. */
  readonly operation: string;
  /** The queue URL, topic ARN, stream name, bucket or table the call names first, if it names one. */
  readonly resource: string | undefined;
  /** Entries of a batch, records of a put, items of a transaction; 1 for a call about one thing. */
  readonly entries: number;
  /** Characters of the request and of the answer: what AWS bills by, to the first approximation. */
  readonly requestSize: number;
  /** Characters of the answer. */
  readonly answerSize: number;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Name of the fault, when the call was refused. */
  readonly code: string | undefined;
  /** Milliseconds on the emulator's clock: long polls count as long as they waited. */
  readonly durationMs: number;
  /** Kind of the fault that was injected into the call, if one was. */
  readonly injected: string | undefined;
}

/** What was called: counted for good, and told to who listens. */
export interface CallLog {
  /** How many calls were answered, of a service or of one operation of it. */
  count(service?: ApiService, operation?: string): number;
  /** Every count, as `sqs.SendMessage` → 12. */
  counts(): Readonly<Record<string, number>>;
  /** Tells every later call; the returned function ends that. */
  subscribe(listener: (call: CallRecord) => void): () => void;
}

/** A call log and the way to write it. */
export interface WritableCallLog extends CallLog {
  add(call: CallRecord): void;
}

/** Makes an empty log. Counters are all it keeps, so it doesn't grow with the calls. */
export function createCallLog(): WritableCallLog {
  const counters = new Map<string, number>();
  const listeners = new Set<(call: CallRecord) => void>();
  return Object.freeze({
    add: (call: CallRecord) => {
      const name = `${call.service}.${call.operation}`;
      counters.set(name, (counters.get(name) ?? 0) + 1);
      for (const listener of listeners) listener(call);
    },
    count: (service?: ApiService, operation?: string) => {
      if (service !== undefined && operation !== undefined)
        return counters.get(`${service}.${operation}`) ?? 0;
      const prefix = service === undefined ? '' : `${service}.`;
      return [...counters].reduce((sum, [name, count]) => (name.startsWith(prefix) ? sum + count : sum), 0);
    },
    counts: () => Object.fromEntries([...counters].sort(([a], [b]) => (a < b ? -1 : 1))),
    subscribe: (listener: (call: CallRecord) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  });
}
