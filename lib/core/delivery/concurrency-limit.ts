import type { HandlerEnd } from './handler-sign.js';

/** How many handlers may run at once, both bounds inclusive; equal ones make a fixed number. */
export interface ConcurrencyBounds {
  /** Handlers that may always run at once, from 1; where it starts. */
  readonly min: number;
  /** Handlers that never run beyond at once, to 1000. */
  readonly max: number;
}

/** Handlers that end before a verdict, at least: fewer tell chance rather than load. */
const LEAST_ENDS = 10;
/** Slower than this many times the unloaded time means that handlers wait for each other. */
const TOLERANCE = 2;
/** Below this, milliseconds, times tell about the event loop rather than about dependencies. */
const FLOOR_MS = 5;
/** Failures above the usual share by this much are signs of load. */
const TOLERATED_FAILURES = 0.1;
/** A limit is never lowered by more than half at once, since the median jumps where times have two humps. */
const STRONGEST_CUT = 0.5;
/** Standard deviations of chance by which failures must exceed that. */
const CHANCE = 2;
/** Weight of the newest window in the usual share of failures: a lucky one must not become the rule. */
const SHARE_WEIGHT = 0.2;
/** What failures take off: enough to get out of an overload in a few steps. */
const FAILURE_CUT = 0.7;

interface Baseline {
  readonly medianMs: number;
  readonly failureShare: number;
}

/**
 * How many handlers run at once, between two bounds: additive growth while handlers are as fast as they can be,
 * multiplicative retreat once they get slower or fail more often than that (AIMD on a latency gradient).
 *
 * "As fast as they can be" is the best that was seen. At the lower bound, whatever is measured becomes the new best: less
 * load can't be had, so the slowness is not ours. That makes it learn anew when a dependency has become slower for good.
 * @see https://en.wikipedia.org/wiki/Additive_increase/multiplicative_decrease
 */
export class ConcurrencyLimit {
  readonly #bounds: ConcurrencyBounds;
  #limit: number;
  #changedAt = -Infinity;
  #baseline: Baseline | undefined;
  #usualShare = 0;
  #durations: number[] = [];
  #failures = 0;
  #wasFull = false;

  constructor(bounds: ConcurrencyBounds) {
    this.#bounds = bounds;
    this.#limit = bounds.min;
  }

  /** Handlers that may run at once now. */
  get current(): number {
    return this.#limit;
  }

  /** Takes the end of one handler; `handling` counts those that ran at that moment, itself included. */
  observe({ sign, startedAt, endedAt }: HandlerEnd, handling: number): void {
    const { min, max } = this.#bounds;
    // What began under another limit says nothing about this one.
    if (min === max || sign === 'silent' || startedAt < this.#changedAt) return;
    if (handling >= this.#limit) this.#wasFull = true;
    if (sign === 'failed') this.#failures += 1;
    else this.#durations.push(endedAt - startedAt);
    if (this.#durations.length + this.#failures >= Math.max(LEAST_ENDS, this.#limit)) this.#judge(endedAt);
  }

  #judge(now: number): void {
    const ended = this.#failures + this.#durations.length;
    const share = this.#failures / ended;
    const medianMs = Math.max(FLOOR_MS, medianOf(this.#durations) ?? this.#baseline?.medianMs ?? FLOOR_MS);
    const baseline = this.#learn(medianMs, share);
    const slowness = medianMs / (TOLERANCE * baseline.medianMs);
    const tolerated = TOLERATED_FAILURES + CHANCE * Math.sqrt((share * (1 - share)) / ended);
    if (share > baseline.failureShare + tolerated) this.#set(this.#limit * FAILURE_CUT, now);
    else if (slowness > 1) this.#set(this.#limit * Math.max(STRONGEST_CUT, 1 / slowness), now);
    else if (this.#wasFull) this.#set(this.#limit + Math.max(1, Math.floor(Math.sqrt(this.#limit))), now);
    this.#durations = [];
    this.#failures = 0;
    this.#wasFull = false;
  }

  #learn(medianMs: number, share: number): Baseline {
    this.#usualShare = this.#usualShare + (share - this.#usualShare) * SHARE_WEIGHT;
    const measured = { medianMs, failureShare: this.#usualShare };
    const known = this.#limit === this.#bounds.min ? undefined : this.#baseline;
    this.#baseline =
      known === undefined
        ? measured
        : {
            medianMs: Math.min(known.medianMs, measured.medianMs),
            failureShare: Math.min(known.failureShare, measured.failureShare),
          };
    return this.#baseline;
  }

  #set(wanted: number, now: number): void {
    const limit = Math.min(this.#bounds.max, Math.max(this.#bounds.min, Math.floor(wanted)));
    if (limit === this.#limit) return;
    this.#limit = limit;
    this.#changedAt = now;
  }
}

function medianOf(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
