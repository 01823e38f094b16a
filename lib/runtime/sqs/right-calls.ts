import { decideBackoffMs } from '../../core/retry/backoff.js';
import type { MachineEvent } from '../../core/delivery/machine-types.js';
import type { PayloadDisposal } from '../claim-check/payload-disposal.js';
import { sendDeadLetter } from './dead-lettering.js';
import type { Holding } from './holding.js';
import type { WorkerCalls } from './worker-calls.js';
import type { CompiledWorkerOptions } from './worker-options.js';
import { identityOf, type WorkerTally } from './worker-tally.js';

/** Between two tries of a delete: soon at first, then as seldom as hundreds of messages that can't be deleted bear. */
const DELETE_RETRY = { baseSeconds: 0.2, factor: 2, maxSeconds: 10 };

/** What the calls are made with. */
export interface RightCallsParts {
  readonly options: CompiledWorkerOptions;
  readonly calls: WorkerCalls;
  readonly tally: WorkerTally;
  /** Undefined where no message points into S3. */
  readonly disposal: PayloadDisposal | undefined;
  /** Told how each call ended. */
  readonly report: (event: MachineEvent) => void;
}

/** Every call that uses the right to a message: renew, delete, give back, dead-letter. None of them rejects. */
export class RightCalls {
  readonly #parts: RightCallsParts;
  #releases = 0;

  constructor(parts: RightCallsParts) {
    this.#parts = parts;
  }

  /** The idempotency lease and the visibility timeout are prolonged together: the lease first, and neither without the other. */
  async renew(holding: Holding, seconds: number): Promise<void> {
    const { calls, options, report, tally } = this.#parts;
    const { key, message, fence } = holding;
    const kept = await fence?.renew(seconds * 1_000).catch(() => 'unknown' as const);
    // Of a fence that its handler gave up meanwhile nothing is expected: its record was completed or given back.
    const isWanted = holding.fence === fence;
    if (isWanted && kept === 'lost') {
      report({ kind: 'refused', key, cause: 'fence-lost' });
      return;
    }
    if (isWanted && kept === 'unknown') {
      report({ kind: 'renewal-failed', key });
      return;
    }
    const requestedAt = options.clock.monotonic();
    const item = { key, receiptHandle: message.receiptHandle, seconds, purpose: 'renew' as const };
    const result = await calls.visibility.submit({ item, partition: this.#partitionOf(holding) });
    if (result.kind === 'done') {
      tally.tell({ kind: 'extended', seconds, ...identityOf(holding) });
      report({ kind: 'renewed', key, requestedAt, seconds });
    }
    // An entry that SQS refused has lost its handle; a call that was refused as a whole says nothing about handles.
    else if (result.kind === 'refused' && result.failure === undefined)
      report({ kind: 'refused', key, cause: 'handle-refused' });
    else report({ kind: 'renewal-failed', key });
  }

  /**
   * A delete that fails is tried again for as long as the message is ours, also where the whole call is refused: a right
   * that is missing may be given, while a message that is let go is handled twice.
   */
  async delete(holding: Holding): Promise<void> {
    const { calls, disposal, report } = this.#parts;
    const { key, message, pointer, poison, record } = holding;
    const item = { key, receiptHandle: message.receiptHandle, record };
    const result = await calls.deletes.submit({ item, partition: this.#partitionOf(holding) });
    if (result.kind === 'done') {
      // Only now: a payload that went before its message would leave it pointing to nothing. A dead letter keeps its own.
      if (pointer !== undefined && poison === undefined) disposal?.dispose(pointer);
      report({ kind: 'finished', key });
      return;
    }
    if (result.kind !== 'stale' && !(result.kind === 'refused' && result.failure === undefined)) {
      this.#retryDelete(holding, result.code);
      return;
    }
    await record?.(); // it comes again, and whoever gets it should know that it is done
    report({ kind: 'delete-refused', key, cause: result.kind === 'stale' ? 'expired' : 'handle-refused' });
  }

  #retryDelete(holding: Holding, code: string): void {
    const { options, report, tally } = this.#parts;
    const { clock, random } = options;
    holding.failedDeletes += 1;
    const retryInMs = decideBackoffMs(DELETE_RETRY, holding.failedDeletes, 0.5 + random.next() / 2);
    tally.tell({ kind: 'deleteFailed', code, retryInMs, ...identityOf(holding) });
    report({ kind: 'delete-failed', key: holding.key, retryAt: clock.monotonic() + retryInMs });
  }

  /** All together, so that a FIFO group becomes visible at one moment. */
  release(holdings: readonly Holding[], afterSeconds: number): void {
    const partition = this.#parts.options.binding.fifo ? -(this.#releases += 1) : undefined;
    for (const holding of holdings) void this.#giveBack(holding, afterSeconds, partition);
  }

  async deadLetter(holding: Holding): Promise<void> {
    const { key, poison } = holding;
    if (poison === undefined) return;
    const sent = await sendDeadLetter({ ...holding, poison }, this.#parts);
    this.#parts.report(
      sent.kind === 'done'
        ? { kind: 'dead-lettered', key }
        : { kind: 'dead-letter-failed', key, afterSeconds: sent.retryInSeconds },
    );
  }

  /** Whatever comes of it: the message comes back, now or when its visibility timeout ends. */
  async #giveBack(
    { key, message: { receiptHandle } }: Holding,
    seconds: number,
    partition: number | undefined,
  ): Promise<void> {
    const item = { key, receiptHandle, seconds, purpose: 'release' as const };
    await this.#parts.calls.visibility.submit({ item, partition });
    this.#parts.report({ kind: 'finished', key });
  }

  /** On FIFO queues, handles of one receive in one call use the partitions best. */
  #partitionOf({ receive }: Holding): number | undefined {
    return this.#parts.options.binding.fifo ? receive : undefined;
  }
}
