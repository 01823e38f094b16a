import type { QueueVerdict } from '../ledger/queue-ledger.js';
import type { ReaderVerdict } from '../ledger/stream-ledger.js';

/** One queue in the report. */
export interface QueueReport extends QueueVerdict {
  /** Calls of the typed publisher that were meant for this queue, repeats and poison included. */
  readonly published: number;
  /** Messages SNS handed to the queue. */
  readonly delivered: number;
  /** As the workers say: they saw the business id before. */
  readonly duplicatesSuppressed: number;
  /** Receives after a failure, a kill or a timeout. */
  readonly redelivered: number;
}

/** One reader in the report. */
export interface ReaderReport extends ReaderVerdict {
  /** As the workers say: handed to a handler again because of the kill. */
  readonly redelivered: number;
  readonly isKilled: boolean;
}

/** API calls of one kind in the whole run. */
export interface CallCount {
  readonly service: string;
  readonly operation: string;
  readonly calls: number;
  /** Calls per message (queues and topics) or per 1,000 records (stream); undefined for the demo's own. */
  readonly perUnit: number | undefined;
  readonly unit: string;
}

/** One line of the bill. */
export interface CostLine {
  readonly what: string;
  readonly units: number;
  readonly usd: number;
}

/** Something that was done to the system while it worked. */
export interface Incident {
  /** Seconds since the start of the run. */
  readonly at: number;
  readonly what: string;
}

/** Everything the run has to say. */
export interface DemoReport {
  readonly seed: number;
  readonly startedAt: string;
  readonly seconds: number;
  readonly phases: readonly { readonly name: string; readonly seconds: number }[];
  readonly queues: readonly QueueReport[];
  readonly stream: {
    readonly produced: number;
    readonly kinesisRecords: number;
    readonly bytes: number;
    readonly readers: readonly ReaderReport[];
  };
  readonly incidents: readonly Incident[];
  readonly calls: readonly CallCount[];
  readonly cost: readonly CostLine[];
  /** What the templates hold and a local run can't create, by type. */
  readonly notCreated: readonly { readonly type: string; readonly count: number }[];
  /** Faults outside the ledgers: a drain that took too long, messages in a subscription's dead-letter queue. */
  readonly otherFaults: readonly string[];
  readonly isRight: boolean;
}
