import type { HandlerEnd } from './handler-sign.js';

/** When a worker stops receiving because handlers fail, and how it comes back. */
export interface BreakerRules {
  /** Receiving stops once this share of handlers fails, 0-1. */
  readonly failureShare: number;
  /** How far back handlers are counted, milliseconds. */
  readonly windowMs: number;
  /** Fewer handlers than this prove nothing. */
  readonly leastOutcomes: number;
  /** Until the first probe, milliseconds; each probe that fails doubles it. */
  readonly pauseMs: number;
  /** The wait between probes never grows beyond this, milliseconds. */
  readonly longestPauseMs: number;
  /** How often a message is tried in hand before it is given back all the same. */
  readonly triesInHand: number;
}

/** Where a breaker stands. */
export type BreakerState =
  | { readonly kind: 'closed' }
  /** Nothing is received and nothing started before `until`. */
  | {
      readonly kind: 'open';
      readonly until: number;
      readonly pauseMs: number;
      readonly failureShare: number;
    }
  /** One message at a time shows whether handlers succeed again. */
  | {
      readonly kind: 'half-open';
      readonly since: number;
      readonly pauseMs: number;
      readonly failureShare: number;
    };

const CLOSED: BreakerState = { kind: 'closed' };
/** The window moves in this many steps. */
const STEPS = 10;

interface Step {
  readonly number: number;
  ended: number;
  failed: number;
}

/**
 * Notices an outage of what handlers depend on: messages that are received only to fail use up their receives and end in
 * the dead-letter queue, though nothing is wrong with them.
 *
 * | state     | event                                           | next                       |
 * |-----------|-------------------------------------------------|----------------------------|
 * | closed    | an end that brings the window over its bound    | open                       |
 * | open      | the pause is over                               | half-open                  |
 * | half-open | a handler that was started here succeeds        | closed, window forgotten   |
 * | half-open | a handler that was started here fails           | open, pause doubled        |
 *
 * Ends of handlers that began before the probing count for nothing while it is open or half-open.
 */
export class CircuitBreaker {
  readonly #rules: BreakerRules | undefined;
  #state: BreakerState = CLOSED;
  #steps: Step[] = [];

  /** @param rules undefined for one that never opens */
  constructor(rules: BreakerRules | undefined) {
    this.#rules = rules;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** When {@link tick} has something to do. */
  get dueAt(): number {
    return this.#state.kind === 'open' ? this.#state.until : Infinity;
  }

  /** Takes the end of one handler. */
  observe(end: HandlerEnd): void {
    const rules = this.#rules;
    if (rules === undefined || end.sign === 'silent') return;
    switch (this.#state.kind) {
      case 'closed':
        this.#count(end, rules);
        return;
      case 'open':
        return;
      case 'half-open':
        if (end.startedAt < this.#state.since) return;
        if (end.sign === 'succeeded') this.#close();
        else this.#open(end.endedAt, Math.min(rules.longestPauseMs, this.#state.pauseMs * 2), this.#state);
        return;
    }
  }

  /** Lets time pass. */
  tick(now: number): void {
    if (this.#state.kind !== 'open' || now < this.#state.until) return;
    const { pauseMs, failureShare } = this.#state;
    this.#state = { kind: 'half-open', since: now, pauseMs, failureShare };
  }

  #count({ sign, endedAt }: HandlerEnd, rules: BreakerRules): void {
    const number = Math.floor(endedAt / (rules.windowMs / STEPS));
    this.#steps = this.#steps.filter((step) => step.number > number - STEPS);
    let step = this.#steps.find((candidate) => candidate.number === number);
    if (step === undefined) this.#steps.push((step = { number, ended: 0, failed: 0 }));
    step.ended += 1;
    if (sign === 'failed') step.failed += 1;
    const ended = this.#steps.reduce((sum, counted) => sum + counted.ended, 0);
    const failed = this.#steps.reduce((sum, counted) => sum + counted.failed, 0);
    if (ended >= rules.leastOutcomes && failed >= ended * rules.failureShare)
      this.#open(endedAt, rules.pauseMs, { failureShare: failed / ended });
  }

  #open(now: number, pauseMs: number, { failureShare }: { readonly failureShare: number }): void {
    this.#state = { kind: 'open', until: now + pauseMs, pauseMs, failureShare };
  }

  #close(): void {
    this.#state = CLOSED;
    this.#steps = [];
  }
}
