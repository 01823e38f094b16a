import { createClients, type EngineClients } from './clients.js';
import type { Capability, ConformanceCase, Outcome } from './conformance-case.js';
import type { EngineAdapter, RunningEngine } from './engines/engine.js';
import { runCase, runCases } from './run-cases.js';

/** One column of the matrix. */
export type EngineReport =
  | {
      readonly kind: 'ran';
      readonly name: string;
      readonly version: string;
      readonly seconds: number;
      readonly outcomes: ReadonlyMap<string, Outcome>;
    }
  | { readonly kind: 'not-available'; readonly name: string; readonly reason: string };

/** How engines are run. */
export interface EngineRunOptions {
  /** Folder that installations are kept in. */
  readonly cache: string;
  /** Cases at once per engine. */
  readonly concurrency: number;
  /** Once aborted, no further engine or case is begun. @default - everything runs */
  readonly outOfTime?: AbortSignal;
  /** Told now and then how far an engine is. */
  readonly onProgress: (line: string) => void;
}

/** Installs, starts, runs and stops one engine; says so when it cannot be had. */
export async function runEngine(
  adapter: EngineAdapter,
  cases: readonly ConformanceCase[],
  options: EngineRunOptions,
): Promise<EngineReport> {
  if (options.outOfTime?.aborted === true)
    return {
      kind: 'not-available',
      name: adapter.name,
      reason: 'the time of this run was over before its turn',
    };
  const start = performance.now();
  const offered = cases.filter(({ service }) => adapter.services.includes(service));
  const capabilities = new Set<Capability>(adapter.capabilities);
  if (adapter.startOnManualClock !== undefined) capabilities.add('clock');
  const able = offered.filter(({ needs }) => needs.every((need) => capabilities.has(need)));
  const outcomes = new Map<string, Outcome>(
    offered
      .filter((one) => !able.includes(one))
      .map(({ id, needs }) => [id, { kind: 'unsupported', reason: `needs ${needs.join(' and ')}` } as const]),
  );
  try {
    const onClock = able.filter(({ needs }) => needs.includes('clock'));
    const first = await runSession(
      adapter.start,
      able.filter((one) => !onClock.includes(one)),
      { adapter, options },
    );
    const second =
      adapter.startOnManualClock === undefined || onClock.length === 0
        ? undefined
        : await runSession(adapter.startOnManualClock, onClock, { adapter, options, concurrency: 1 });
    for (const [id, outcome] of [...first.outcomes, ...(second?.outcomes ?? [])]) outcomes.set(id, outcome);
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    options.onProgress(`${adapter.name} ${first.version}: ${outcomes.size} cases in ${seconds} s`);
    return { kind: 'ran', name: adapter.name, version: first.version, seconds, outcomes };
  } catch (error) {
    // Whatever keeps an engine from running is said of that engine: it must not take the others' columns with it.
    const reason = error instanceof Error ? error.message : String(error);
    options.onProgress(`${adapter.name}: not available: ${reason}`);
    return { kind: 'not-available', name: adapter.name, reason };
  }
}

interface Session {
  readonly engine: RunningEngine;
  readonly clients: EngineClients;
}

interface SessionPlan {
  readonly adapter: EngineAdapter;
  readonly options: EngineRunOptions;
  readonly concurrency?: number;
}

/** Longest that interrupted cases are asked again, one by one, altogether. */
const SECOND_ROUND_MS = 40_000;

/** Starts an engine, asks it every case, and stops it whatever happened. */
async function runSession(
  begin: (cache: string) => Promise<RunningEngine>,
  cases: readonly ConformanceCase[],
  { adapter, options, concurrency = adapter.concurrency ?? options.concurrency }: SessionPlan,
): Promise<{ readonly version: string; readonly outcomes: ReadonlyMap<string, Outcome> }> {
  options.onProgress(`${adapter.name}: starting`);
  let session = openSession(adapter, await begin(options.cache));
  try {
    const runOptions = {
      clients: session.clients,
      advance: session.engine.advance,
      concurrency,
      patience: adapter.patience ?? 1,
      ...(options.outOfTime && { outOfTime: options.outOfTime }),
      onOutcome: (done: number, total: number) => {
        if (done % 50 === 0) options.onProgress(`${adapter.name}: ${done}/${total}`);
      },
    };
    const outcomes = new Map(await runCases(cases, runOptions));
    // A case that crashed or clogged a foreign engine takes others with it; those are asked again, alone. Ours gets no
    // second chance: a case that passes only sometimes is a bug.
    const deadline = performance.now() + SECOND_ROUND_MS;
    for (const one of session.engine.hasEnded === undefined ? [] : cases) {
      const outcome = outcomes.get(one.id);
      if (outcome?.kind !== 'fail' || outcome.interrupted === undefined || performance.now() > deadline)
        continue;
      if (session.engine.hasEnded?.() === true) {
        session.clients.destroy();
        session = openSession(adapter, await begin(options.cache));
      }
      outcomes.set(one.id, await runCase(one, { ...runOptions, clients: session.clients }));
    }
    return { version: session.engine.version, outcomes };
  } finally {
    session.clients.destroy();
    await session.engine.stop();
  }
}

const openSession = (adapter: EngineAdapter, engine: RunningEngine): Session => ({
  engine,
  clients: createClients(adapter, engine),
});
