import type { Clock, Random } from '../../core/clock.js';
import { MillraceError } from '../../core/errors.js';
import { isIntact } from '../aws/checksums.js';
import type { ClaimCheckReaderParts } from '../claim-check/claim-check-reader.js';
import type { GuardOutcome, IdempotencyGuard } from '../idempotency/guard.js';
import type { Outbox } from '../sns/outbox.js';
import { GuardedWork } from './guarded-work.js';
import { runHandler, type Handleable } from './handler-run.js';
import type { Holding } from './holding.js';
import { readInbound, type Inbound, type Routes } from './inbound.js';
import { payloadSourceOf } from './payload-source.js';
import type { QueueObservation } from './queue-observation.js';
import { failed, judge, spanEndOf, type Verdict } from './verdict.js';
import type { WorkerEvent } from './worker-events.js';
import type { CompiledWorkerOptions } from './worker-options.js';
import { identityOf } from './worker-tally.js';

/** What processing is made of. */
export interface ProcessingParts {
  readonly options: CompiledWorkerOptions;
  readonly routes: Routes;
  readonly guard: IdempotencyGuard;
  /** Undefined where no message may point into S3. */
  readonly claimChecks: ClaimCheckReaderParts | undefined;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly random: Random;
  readonly isHeld: (key: number) => boolean;
  readonly tell: (event: WorkerEvent) => void;
  /** @default - nobody watches */
  readonly observation?: QueueObservation | undefined;
}

/** Reads one message, runs its handler under the idempotency guard, and says what came of it. Never rejects. */
export async function processMessage(holding: Holding, parts: ProcessingParts): Promise<Verdict> {
  try {
    const { message } = holding;
    const stated = { ofBody: message.md5OfBody, ofAttributes: message.md5OfAttributes };
    if (!isIntact(message, stated)) return failed(corrupted(), holding, parts);
    const inbound = readInbound(message, parts.options.binding.delivery, parts.routes);
    holding.envelope = inbound.envelope;
    const conclude = (): Promise<Verdict> => verdictOn(inbound, holding, parts);
    return await (parts.observation?.process(holding, conclude, spanEndOf) ?? conclude());
  } catch (error) {
    return failed(error, holding, parts); // a schema or a declaration that threw, or a payload that can't be had now
  }
}

async function verdictOn(inbound: Inbound, holding: Holding, parts: ProcessingParts): Promise<Verdict> {
  if (inbound.kind === 'poison') return inbound;
  const source = await payloadSourceOf(inbound, holding, parts.claimChecks);
  if (source.kind === 'poison') return source;
  return judge(await guarded({ inbound, source }, holding, parts), holding, parts);
}

function guarded(read: Handleable, holding: Holding, parts: ProcessingParts): Promise<GuardOutcome> {
  const { source } = read;
  const { envelope } = read.inbound;
  const { message } = holding;
  return parts.guard.handle(
    new GuardedWork(parts.options, { message, envelope, source, chance: parts.random.next() }),
    {
      leaseMs: parts.options.visibilityTimeoutSeconds * 1_000,
      isHeld: () => parts.isHeld(holding.key),
      keep: (fence) => void (holding.fence = fence),
      bypass: (error) => parts.tell({ kind: 'unguarded', error, ...identityOf(holding) }),
      run: (effects) =>
        runHandler(read, holding, {
          effects,
          outbox: parts.outbox,
          isHeld: () => parts.isHeld(holding.key),
        }),
    },
  );
}

function corrupted(): MillraceError {
  return new MillraceError(
    'INVALID_PAYLOAD',
    'the message does not match the MD5 that SQS sent with it: damaged on the way; it is received again',
  );
}
