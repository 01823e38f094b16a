import { z } from 'zod';
import { defineMessage } from '../../lib/contract/index.js';
import {
  on,
  whenError,
  type ErrorRule,
  type MessageContext,
  type MessageHandler,
} from '../../lib/runtime/index.js';
import type { Fact, HandOut, Ledger, Execution } from './ledger.js';
import type { ProcessWorld } from './process-world.js';
import type { TryPlan } from './scenario.js';
import { nameOf } from './tap.js';

/** The one message type that the simulated service declares. */
export const Job = defineMessage('job', {
  schema: z.object({ id: z.string(), group: z.string() }),
  id: (job) => job.id,
  group: (job) => job.group,
});

/** What the simulated service does with errors, one rule per kind of decision. */
export const ERROR_RULES: readonly ErrorRule[] = [
  whenError('JobImpossible', { then: 'dead-letter' }),
  whenError('JobObsolete', { then: 'drop' }),
  whenError('JobTooEarly', { then: 'snooze', seconds: 3 }),
];

const ERROR_NAMES: Readonly<Record<Exclude<TryPlan['end'], 'return' | 'never'>, string>> = {
  throw: 'JobFailed',
  'dead-letter': 'JobImpossible',
  drop: 'JobObsolete',
  snooze: 'JobTooEarly',
};

/** The handlers of one simulated process, with what they write in the table of effects. */
export function createHandlers(
  ledger: Ledger,
  world: ProcessWorld,
  effects: { readonly table: string; readonly run: number },
): readonly MessageHandler[] {
  const writes = ['transactional', 'sequence'].includes(ledger.scenario.mode);
  return [
    on(Job, async ({ id }, context) => {
      const execution = begin(ledger, world, context);
      if (execution === undefined) return;
      try {
        await act(planOf(ledger, id, execution), world, context);
        if (writes)
          context.write({
            Put: { TableName: effects.table, Item: { pk: { S: `${effects.run}#${execution.number}` } } },
          });
        end(ledger, execution, 'returned');
        if (!writes) execution.fact.isHandled = true;
      } catch (error) {
        const name = error instanceof Error ? error.name : '';
        if (name === 'JobObsolete') execution.fact.isDropped = true;
        end(ledger, execution, 'threw');
        throw error;
      }
    }),
  ];
}

function begin(ledger: Ledger, world: ProcessWorld, context: MessageContext): Execution | undefined {
  const candidates = ledger.handOutsOf(world, context.messageId, context.receiveCount);
  const handOut = candidates.findLast(({ execution }) => execution === undefined) ?? candidates.at(-1);
  if (handOut === undefined) return undefined;
  const { fact } = handOut.copy;
  const execution: Execution = {
    number: ledger.executions.length,
    fact,
    handOut,
    startedAt: ledger.now,
    endedAt: undefined,
    outcome: undefined,
  };
  ledger.history.note(world.name, 'handler starts', `run ${execution.number} of ${nameOf(handOut)}`);
  checkStart(ledger, execution);
  handOut.execution = execution;
  ledger.executions.push(execution);
  fact.executions.push(execution);
  return execution;
}

function end(ledger: Ledger, execution: Execution, outcome: 'returned' | 'threw'): void {
  execution.endedAt = ledger.now;
  execution.outcome = outcome;
  const { world } = execution.handOut;
  ledger.history.note(
    world.name,
    `handler ${outcome}`,
    `run ${execution.number} of ${nameOf(execution.handOut)}`,
  );
}

/** A fact's first run goes like its first plan, the next like the next. */
function planOf(ledger: Ledger, id: string, execution: Execution): TryPlan {
  const plans = ledger.scenario.messages.find((message) => message.id === id)?.tries ?? [];
  const index = Math.min(execution.fact.executions.length, plans.length) - 1;
  return plans[index] ?? { ms: 0, end: 'return', heedsSignal: true };
}

async function act(plan: TryPlan, world: ProcessWorld, { signal }: MessageContext): Promise<void> {
  const isAborted = await waitFor(plan, world, plan.heedsSignal ? signal : undefined);
  if (isAborted) throw named('JobAborted');
  if (plan.end !== 'return' && plan.end !== 'never') throw named(ERROR_NAMES[plan.end]);
}

/** Whether the signal ended the wait. */
function waitFor(plan: TryPlan, world: ProcessWorld, signal: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve(true);
      return;
    }
    const timer =
      plan.end === 'never' ? undefined : world.handlerClock.schedule(plan.ms, () => resolve(false));
    signal?.addEventListener(
      'abort',
      () => {
        timer?.cancel();
        resolve(true);
      },
      { once: true },
    );
  });
}

const named = (name: string): Error => Object.assign(new Error(`${name} (planned)`), { name });

/** What must be true when a handler starts. */
function checkStart(ledger: Ledger, { fact, handOut }: Execution): void {
  const { history, now, scenario } = ledger;
  const name = nameOf(handOut);
  if (now >= handOut.claimUntil)
    history.accuse(
      'right-over',
      `handler of ${name} starts ${now - handOut.claimUntil} ms after its visibility timeout`,
    );
  if (scenario.queue === 'fifo') checkOrder(ledger, handOut);
  if (scenario.mode === 'lease') checkTwins(ledger, fact, handOut);
  if (['lease', 'record-after'].includes(scenario.mode) && handOut.receivedAt > fact.recordedAt)
    history.accuse(
      'handled-again',
      `${name} was received ${handOut.receivedAt - fact.recordedAt} ms after ${fact.id} was recorded`,
    );
}

function checkTwins(ledger: Ledger, fact: Fact, handOut: HandOut): void {
  for (const other of fact.executions) {
    const { world, claimUntil } = other.handOut;
    if (other.endedAt !== undefined || world.isDead) continue;
    const heldUntil = Math.min(claimUntil, ledger.leaseUntil(world, fact));
    if (ledger.now < heldUntil)
      ledger.history.accuse(
        'twin-handlers',
        `${nameOf(handOut)} starts in ${handOut.world.name} while run ${other.number} in ${world.name} holds the lease for ${heldUntil - ledger.now} ms more`,
      );
  }
}

function checkOrder(ledger: Ledger, { copy, world }: HandOut): void {
  const { sequence } = copy;
  if (sequence === undefined) return;
  const earlier = ledger.groupOf(copy).find((other) => {
    const isGone = other.isDeleted || other.fact.isPurged || ledger.isSettled(other);
    // SQS moves it to the dead-letter queue by itself, and its group goes on.
    const isUsedUp = (other.handOuts.at(-1)?.receiveCount ?? 0) >= ledger.scenario.maxReceiveCount;
    return !isGone && !isUsedUp && BigInt(other.sequence ?? sequence) < BigInt(sequence);
  });
  if (earlier !== undefined)
    ledger.history.accuse(
      'order',
      `${copy.fact.id} starts in ${world.name} though ${earlier.fact.id} of group ${copy.group ?? ''} is before it`,
    );
}
