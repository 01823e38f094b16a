import type { CallRecord, LocalAws } from 'millrace/testing';

/** Calls of one operation on one kind of resource. */
export interface MeteredCalls {
  readonly service: CallRecord['service'];
  readonly operation: string;
  readonly isFifo: boolean;
  calls: number;
  /** Entries of batches, items of transactions; one for each other call. */
  entries: number;
  /** What SQS and SNS bill: every started 64 KiB of a call. */
  chunks: number;
  /** Characters sent. */
  size: number;
}

const CHUNK = 64 * 1_024;

/** Counts the calls the embedded AWS answers, lap by lap. */
export class CallMeter {
  #lap = new Map<string, MeteredCalls>();

  constructor(aws: LocalAws) {
    aws.calls.subscribe((call) => this.#add(call));
  }

  /** What was counted since the last lap. */
  lap(): readonly MeteredCalls[] {
    const counted = [...this.#lap.values()];
    this.#lap = new Map();
    return counted.sort((a, b) => b.calls - a.calls);
  }

  #add({ service, operation, resource, entries, requestSize, answerSize }: CallRecord): void {
    const isFifo = resource?.endsWith('.fifo') ?? false;
    const key = `${service}.${operation}.${isFifo}`;
    const metered = this.#lap.get(key) ?? {
      service,
      operation,
      isFifo,
      calls: 0,
      entries: 0,
      chunks: 0,
      size: 0,
    };
    const billed = operation.startsWith('Receive') ? answerSize : requestSize;
    metered.calls += 1;
    metered.entries += entries;
    metered.chunks += Math.max(1, Math.ceil(billed / CHUNK));
    metered.size += requestSize;
    this.#lap.set(key, metered);
  }
}
