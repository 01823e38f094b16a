import { randomBytes } from 'node:crypto';

import type { CaseContext, Clients, ConformanceCase, Outcome } from './conformance-case.js';
import { errorCodes } from './fixtures/expectations.js';

/** How the cases of one engine run. */
export interface RunOptions {
  readonly clients: Clients;
  readonly advance: ((ms: number) => Promise<void>) | undefined;
  /** Cases at once. */
  readonly concurrency: number;
  /** Multiplies each case's time limit. */
  readonly patience: number;
  /** Once aborted, cases that have not begun are left out. @default - every case is asked */
  readonly outOfTime?: AbortSignal;
  readonly onOutcome?: (done: number, total: number) => void;
}

/** What the services say to an operation they do not have. */
const UNKNOWN_OPERATION = new Set([
  'UnknownOperationException',
  'UnknownOperation',
  'InvalidAction',
  'NotImplemented',
  'NotImplementedException',
]);

const NO_END = 'no end within';
const LOST_CONNECTION = /ECONNREFUSED|ECONNRESET|socket hang up/;
const TEARDOWN_TIMEOUT_MS = 10_000;
const OUT_OF_TIME: Outcome = { kind: 'unsupported', reason: 'not asked: the time of this run was over' };

/** Runs cases, a bounded number at once, each with names and clean-up of its own. */
export async function runCases(
  cases: readonly ConformanceCase[],
  options: RunOptions,
): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const waiting = [...cases];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      outcomes.set(next.id, options.outOfTime?.aborted === true ? OUT_OF_TIME : await runCase(next, options));
      options.onOutcome?.(outcomes.size, cases.length);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, lane));
  return outcomes;
}

/** Runs one case and takes away what it made. */
export async function runCase(conformanceCase: ConformanceCase, options: RunOptions): Promise<Outcome> {
  const undo: (() => Promise<unknown>)[] = [];
  const context = createContext(options, undo);
  try {
    await withTimeLimit(conformanceCase.run(context), conformanceCase.timeoutMs * options.patience);
    return { kind: 'pass' };
  } catch (error) {
    return outcomeOf(error);
  } finally {
    await tearDown(undo);
  }
}

function createContext(options: RunOptions, undo: (() => Promise<unknown>)[]): CaseContext {
  const run = randomBytes(5).toString('hex');
  let count = 0;
  return {
    ...options.clients,
    unique: (purpose) => {
      count += 1;
      return `mrc-${run}-${count}-${purpose}`;
    },
    cleanUp: (step) => void undo.push(step),
    advance: (ms) => {
      if (options.advance === undefined) throw new TypeError('this engine has no clock to move');
      return options.advance(ms);
    },
  };
}

async function tearDown(undo: (() => Promise<unknown>)[]): Promise<void> {
  const all = async (): Promise<void> => {
    for (const step of undo.reverse()) await step().catch(() => undefined);
  };
  await withTimeLimit(all(), TEARDOWN_TIMEOUT_MS).catch(() => undefined);
}

async function withTimeLimit(work: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${NO_END} ${limitMs / 1_000} s`)), limitMs);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Tells a refusal to know the operation from a wrong answer. */
function outcomeOf(error: unknown): Outcome {
  const codes = errorCodes(error);
  // Errors of Node's own modules are of another realm under jest, where instanceof fails.
  const { message: words } = Object(error) as { readonly message?: unknown };
  const message = typeof words === 'string' ? words : String(error);
  const status = (error as { readonly $metadata?: { readonly httpStatusCode?: number } } | null)?.$metadata
    ?.httpStatusCode;
  const isUnknown =
    status === 501 ||
    codes.some((code) => UNKNOWN_OPERATION.has(code)) ||
    /not (yet )?(been )?implemented/i.test(message) ||
    // A web framework's own error page: nobody was there to answer.
    /<!doctype|<html>/.test(message);
  const name = codes[0] ?? 'Error';
  const reason = (name.startsWith('AssertionError') ? message : `${name}: ${message}`)
    .replace(/\s+/g, ' ')
    .slice(0, 300);
  if (isUnknown) return { kind: 'unsupported', reason };
  const isInterrupted = message.startsWith(NO_END) || LOST_CONNECTION.test(message);
  return { kind: 'fail', reason, ...(isInterrupted ? { interrupted: true } : {}) };
}
