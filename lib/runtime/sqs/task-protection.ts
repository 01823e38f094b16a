import type { Clock, Random, Timer } from '../../core/clock.js';
import { decideProtection, type ProtectionState } from '../../core/delivery/task-protection.js';
import { decideBackoffMs } from '../../core/retry/backoff.js';
import { TaskAgent } from '../system/task-agent.js';
import type { WorkerEvent } from './worker-events.js';
import type { CompiledWorkerOptions } from './worker-options.js';

/** The protection of the task this process runs in; undefined where it is not wanted, or there is no task. */
export function createTaskProtection(
  { taskProtection, clock, random }: CompiledWorkerOptions,
  tell: (event: WorkerEvent) => void,
): TaskProtection | undefined {
  if (taskProtection === undefined) return undefined;
  const { agentUri, minutes } = taskProtection;
  return new TaskProtection({ agent: new TaskAgent(agentUri, clock), minutes, clock, random, tell });
}

/** What a task's protection is made of. */
interface TaskProtectionParts {
  readonly agent: Pick<TaskAgent, 'protect'>;
  /** How long ECS protects the task after one call; renewed after half of it. */
  readonly minutes: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: (event: WorkerEvent) => void;
}

const RETRY = { baseSeconds: 1, factor: 2, maxSeconds: 60 };

/**
 * Keeps ECS from stopping the task while messages are in hand. Handling waits for none of it, and goes on whatever comes
 * of it: without protection a task that is stopped drains, and what it can't finish comes back.
 */
export class TaskProtection {
  readonly #parts: TaskProtectionParts;
  #state: ProtectionState;
  #failures = 0;
  #timer: Timer | undefined;
  #call: Promise<void> | undefined;

  constructor(parts: TaskProtectionParts) {
    this.#parts = parts;
    const since = parts.clock.monotonic();
    this.#state = { isBusy: false, since, protectedUntil: -Infinity, notBefore: -Infinity };
  }

  /** Says whether messages are in hand. */
  watch(isBusy: boolean): void {
    if (isBusy === this.#state.isBusy) return;
    this.#state = { ...this.#state, isBusy, since: this.#parts.clock.monotonic() };
    this.#plan();
  }

  /** Ends the protection, should there be one, and leaves no timer behind. Resolves when the agent has answered. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#call;
    this.#timer?.cancel();
    if (this.#state.protectedUntil > this.#parts.clock.monotonic()) await this.#ask(false);
    this.#timer?.cancel();
  }

  #plan(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const { clock, minutes } = this.#parts;
    const step = decideProtection(this.#state, minutes * 60_000);
    if (step === undefined || this.#call !== undefined) return;
    const delayMs = Math.max(0, step.at - clock.monotonic());
    this.#timer = clock.schedule(delayMs, () => {
      this.#call = this.#ask(step.isProtected).finally(() => {
        this.#call = undefined;
        this.#plan();
      });
    });
  }

  async #ask(isProtected: boolean): Promise<void> {
    const { agent, minutes, clock, random, tell } = this.#parts;
    const requestedAt = clock.monotonic();
    const answer = await agent.protect(isProtected ? minutes : undefined);
    if (answer.kind === 'done') {
      this.#failures = 0;
      const protectedUntil = isProtected ? requestedAt + minutes * 60_000 : -Infinity;
      this.#state = { ...this.#state, protectedUntil, notBefore: -Infinity };
      tell(isProtected ? { kind: 'taskProtected', minutes } : { kind: 'taskUnprotected' });
      return;
    }
    this.#failures += 1;
    const retryInMs = decideBackoffMs(RETRY, this.#failures, 0.5 + random.next() / 2);
    this.#state = { ...this.#state, notBefore: clock.monotonic() + retryInMs };
    tell({ kind: 'taskProtectionFailed', code: answer.code, retryInMs });
  }
}
