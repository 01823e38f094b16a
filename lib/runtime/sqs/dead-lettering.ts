import { decideBackoffSeconds } from '../../core/retry/backoff.js';
import { deadLetterOf } from './dead-letter.js';
import type { Holding } from './holding.js';
import { deadLetterItem, type WorkerCalls } from './worker-calls.js';
import type { CompiledWorkerOptions } from './worker-options.js';
import { identityOf, type WorkerTally } from './worker-tally.js';

/** How a move to the dead-letter queue ended. */
export type DeadLettering =
  /** The dead-letter queue has it: only now may it be deleted. */
  { readonly kind: 'done' } | { readonly kind: 'failed'; readonly retryInSeconds: number };

/** What a move to the dead-letter queue is made of. */
export interface DeadLetteringParts {
  readonly options: CompiledWorkerOptions;
  readonly calls: WorkerCalls;
  readonly tally: WorkerTally;
}

/** Sends poison to the dead-letter queue with its reason, and tells what came of it. Never rejects. */
export async function sendDeadLetter(
  holding: Holding & { readonly poison: NonNullable<Holding['poison']> },
  { options, calls, tally }: DeadLetteringParts,
): Promise<DeadLettering> {
  const { key, message, poison, envelope } = holding;
  const { binding, retry, random } = options;
  const outgoing = deadLetterOf(message, poison, { binding, envelope });
  const result = await calls.deadLetters.submit(deadLetterItem(key, outgoing));
  const { reason, detail } = poison;
  if (result.kind === 'done') {
    tally.tell({ kind: 'deadLettered', reason, detail, ...identityOf(holding) });
    return { kind: 'done' };
  }
  const code = result.kind === 'stale' ? 'expired' : result.code;
  const retryInSeconds = decideBackoffSeconds(retry, message.receiveCount, random.next());
  tally.tell({ kind: 'deadLetterFailed', reason, code, retryInSeconds, ...identityOf(holding) });
  return { kind: 'failed', retryInSeconds };
}
