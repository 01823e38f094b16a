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

/** What its handlers publish with their transaction. */
export const JobDone = defineMessage('job-done', {
  schema: z.object({ id: z.string(), group: z.string(), run: z.number() }),
  id: (done) => `done-${done.id}`,
  group: (done) => done.group,
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
    on(Job, async ({ id, group }, context) => {
      const execution = begin(ledger, world, context);
      if (execution === undefined) return;
      try {
        await act(planOf(ledger, id, execution), world, context);
        if (writes)
          context.write({
            Put: { TableName: effects.table, Item: { pk: { S: `${effects.run}#${execution.number}` } } },
          });
        if (ledger.scenario.publishes)
          await context.publish('outcomes', JobDone, { id, group, run: execution.number });
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
  // Of two with the same name it may be either: the one whose claim holds is given the benefit of the doubt.
  const handOut =
    candidates.findLast(({ execution, claimUntil }) => execution === undefined && ledger.now < claimUntil) ??
    latestClaim(candidates);
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
  watchSignal(ledger, execution, context.signal);
  return execution;
}

/** A frozen process hears nothing; when it goes on, it gets this long to hear what it missed. */
const FROZEN_LOOK_MS = 1_000;

/** Whoever goes on after the claim is over has to have been told. */
function watchSignal(ledger: Ledger, execution: Execution, signal: AbortSignal): void {
  const { handOut } = execution;
  const { world } = handOut;
  // Nobody outside can tell which claim it is of two with the same name.
  if (execution.endedAt !== undefined || signal.aborted || world.isDead || ledger.isAmbiguous(handOut))
    return;
  const leftMs = world.isFrozen ? FROZEN_LOOK_MS : handOut.claimUntil - ledger.now;
  if (leftMs > 0) ledger.after(leftMs, () => watchSignal(ledger, execution, signal));
  else
    ledger.history.accuse(
      'unwarned',
      `run ${execution.number} of ${nameOf(handOut)} goes on in ${world.name}, and its signal has not aborted`,
    );
}

const latestClaim = (candidates: readonly HandOut[]): HandOut | undefined =>
  [...candidates].sort((a, b) => a.claimUntil - b.claimUntil).at(-1);

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
    const { world } = other.handOut;
    if (other.endedAt !== undefined || world.isDead) continue;
    const heldUntil = Math.min(ledger.heldAtLeastUntil(other.handOut), ledger.leaseUntil(world, fact));
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
    return !isGone && !ledger.isUsedUp(other) && BigInt(other.sequence ?? sequence) < BigInt(sequence);
  });
  if (earlier !== undefined)
    ledger.history.accuse(
      'order',
      `${copy.fact.id} starts in ${world.name} though ${earlier.fact.id} of group ${copy.group ?? ''} is before it`,
    );
}
