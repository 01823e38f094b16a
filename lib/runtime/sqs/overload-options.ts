import type { BreakerRules } from '../../core/delivery/circuit-breaker.js';
import type { ConcurrencyBounds } from '../../core/delivery/concurrency-limit.js';
import type { PrefetchBounds } from '../../core/delivery/receive-plan.js';
import { numberViolations, unknownNames, type NumberBounds } from '../../core/options.js';

/** When a worker stops receiving because its handlers fail, and how it starts again. */
export interface CircuitBreakerOptions {
  /**
   * Receiving stops once this share of handlers fails within the window, 0.05-1. @default 0.8, so that one broken message
   * type among several does not hold up the others
   */
  readonly failureShare?: number;
  /** How far back handlers are counted, 1-3600 seconds. @default 60 */
  readonly windowSeconds?: number;
  /**
   * With fewer ends of handlers in the window, nothing is concluded, 2-10000; and as long as fewer different messages fail,
   * they are taken for what is wrong, see `triesInHand`. @default 10, which no single message reaches by its own retries
   */
  readonly leastOutcomes?: number;
  /** Wait before one message is tried, 1-3600 seconds; each one that fails doubles it. @default 5 */
  readonly pauseSeconds?: number;
  /** The wait never grows beyond this, 1-3600 seconds. @default 60 */
  readonly longestPauseSeconds?: number;
  /**
   * How often a message that has no receive to spare is tried in hand before it is given back all the same: it may be
   * what is wrong, 1-1000. Fewer different messages than `leastOutcomes` share these tries, from `leastOutcomes` on each has
   * them: it is an outage. Groups of a FIFO queue always are. @default 30, within an hour for up to nine that fail alone;
   * ten are kept for ten hours
   */
  readonly triesInHand?: number;
}

/** What may be received ahead of free slots. */
export interface PrefetchOptions {
  /** Messages, 0-1000; 0 receives for free slots only. Those behind another of their FIFO group don't count. @default 20, two full receives */
  readonly messages?: number;
  /** Bytes of bodies, 1 to 1 GiB; one receive may go beyond it. @default 8 MiB */
  readonly bytes?: number;
  /** Messages of one tenant (MessageGroupId on a standard queue), 1-1000. @default 10, half of what is held */
  readonly perGroup?: number;
}

/** Defaults of {@link CircuitBreakerOptions}, with their reasons there. */
export const CIRCUIT_BREAKER_DEFAULTS = Object.freeze({
  failureShare: 0.8,
  windowSeconds: 60,
  leastOutcomes: 10,
  pauseSeconds: 5,
  longestPauseSeconds: 60,
  triesInHand: 30,
} satisfies Required<CircuitBreakerOptions>);

/** Defaults of {@link PrefetchOptions}, with their reasons there. */
export const PREFETCH_DEFAULTS = Object.freeze({
  messages: 20,
  bytes: 8_388_608,
  perGroup: 10,
} satisfies Required<PrefetchOptions>);

/** The rules the breaker works by; undefined for one that is switched off. */
export function compileBreaker(options: CircuitBreakerOptions | false = {}): BreakerRules | undefined {
  if (options === false) return undefined;
  const defaults = CIRCUIT_BREAKER_DEFAULTS;
  const pauseSeconds = options.pauseSeconds ?? defaults.pauseSeconds;
  return Object.freeze({
    failureShare: options.failureShare ?? defaults.failureShare,
    windowMs: (options.windowSeconds ?? defaults.windowSeconds) * 1_000,
    leastOutcomes: options.leastOutcomes ?? defaults.leastOutcomes,
    pauseMs: pauseSeconds * 1_000,
    longestPauseMs:
      (options.longestPauseSeconds ?? Math.max(pauseSeconds, defaults.longestPauseSeconds)) * 1_000,
    triesInHand: options.triesInHand ?? defaults.triesInHand,
  });
}

/** A number is both bounds. */
export function compileConcurrency(concurrency: number | ConcurrencyBounds): ConcurrencyBounds {
  return typeof concurrency === 'number' ? { min: concurrency, max: concurrency } : { ...concurrency };
}

/** Fills in what is left out. */
export function compilePrefetch(options: PrefetchOptions = {}): PrefetchBounds {
  return Object.freeze({
    messages: options.messages ?? PREFETCH_DEFAULTS.messages,
    bytes: options.bytes ?? PREFETCH_DEFAULTS.bytes,
    perGroup: options.perGroup ?? PREFETCH_DEFAULTS.perGroup,
  });
}

const SLOTS: NumberBounds = { min: 1, max: 1_000, whole: true, unit: 'handlers' };
const SECONDS: NumberBounds = { min: 1, max: 3_600, unit: 'seconds' };
const BREAKER_BOUNDS: Readonly<Record<keyof CircuitBreakerOptions, NumberBounds>> = {
  failureShare: { min: 0.05, max: 1, unit: 'share of handlers' },
  windowSeconds: SECONDS,
  leastOutcomes: { min: 2, max: 10_000, whole: true, unit: 'handlers' },
  pauseSeconds: SECONDS,
  longestPauseSeconds: SECONDS,
  triesInHand: { min: 1, max: 1_000, whole: true, unit: 'tries' },
};
const PREFETCH_BOUNDS: Readonly<Record<keyof PrefetchOptions, NumberBounds>> = {
  messages: { min: 0, max: 1_000, whole: true, unit: 'messages' },
  bytes: { min: 1, max: 1_073_741_824, whole: true, unit: 'bytes' },
  perGroup: { min: 1, max: 1_000, whole: true, unit: 'messages' },
};

/** The options that deal with overload, as a user may give them. */
export interface OverloadOptions {
  readonly concurrency?: number | ConcurrencyBounds;
  readonly circuitBreaker?: CircuitBreakerOptions | false;
  readonly prefetch?: PrefetchOptions;
}

/** What is wrong with them by themselves. */
export function overloadViolations(options: OverloadOptions): string[] {
  const { circuitBreaker, prefetch } = options;
  return [
    ...concurrencyViolations(options.concurrency),
    ...(circuitBreaker === undefined || circuitBreaker === false ? [] : breakerViolations(circuitBreaker)),
    ...(prefetch === undefined ? [] : boundsViolations('prefetch', prefetch, PREFETCH_BOUNDS)),
  ];
}

function concurrencyViolations(concurrency: OverloadOptions['concurrency']): string[] {
  if (concurrency === undefined) return [];
  if (typeof concurrency !== 'object') return numberViolations('concurrency', concurrency, SLOTS);
  const { min, max } = concurrency;
  return [
    ...unknownNames(concurrency, ['min', 'max'], 'concurrency.'),
    ...numberViolations('concurrency.min', min, SLOTS),
    ...numberViolations('concurrency.max', max, SLOTS),
    ...(min > max ? [`concurrency.min (${min}) is more than concurrency.max (${max}): swap them`] : []),
  ];
}

function breakerViolations(breaker: CircuitBreakerOptions): string[] {
  if (typeof breaker !== 'object')
    return [`circuitBreaker must be an object of options or false, got ${typeof breaker}`];
  const { pauseMs = 0, longestPauseMs = 0 } = compileBreaker(breaker) ?? {};
  return [
    ...boundsViolations('circuitBreaker', breaker, BREAKER_BOUNDS),
    ...(pauseMs > longestPauseMs
      ? [
          `circuitBreaker.pauseSeconds (${pauseMs / 1_000}) is more than longestPauseSeconds (${longestPauseMs / 1_000}): raise the latter`,
        ]
      : []),
  ];
}

function boundsViolations<Options extends object>(
  option: string,
  given: Options,
  bounds: Readonly<Record<keyof Options & string, NumberBounds>>,
): string[] {
  const names = Object.keys(bounds) as (keyof Options & string)[];
  return [
    ...unknownNames(given, names, `${option}.`),
    ...names.flatMap((name) =>
      given[name] === undefined ? [] : numberViolations(`${option}.${name}`, given[name], bounds[name]),
    ),
  ];
}
