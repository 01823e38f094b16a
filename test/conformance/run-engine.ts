import { createClients } from './clients.js';
import type { Capability, ConformanceCase, Outcome } from './conformance-case.js';
import { NotAvailable, type EngineAdapter, type RunningEngine } from './engines/engine.js';
import { runCases } from './run-cases.js';

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
  /** Told now and then how far an engine is. */
  readonly onProgress: (line: string) => void;
}

/** Installs, starts, runs and stops one engine; says so when it cannot be had. */
export async function runEngine(
  adapter: EngineAdapter,
  cases: readonly ConformanceCase[],
  options: EngineRunOptions,
): Promise<EngineReport> {
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
    if (!(error instanceof NotAvailable)) throw error;
    options.onProgress(`${adapter.name}: not available: ${error.message}`);
    return { kind: 'not-available', name: adapter.name, reason: error.message };
  }
}

interface SessionPlan {
  readonly adapter: EngineAdapter;
  readonly options: EngineRunOptions;
  readonly concurrency?: number;
}

/** One life of an engine: started, asked every case, stopped whatever happened. */
async function runSession(
  begin: (cache: string) => Promise<RunningEngine>,
  cases: readonly ConformanceCase[],
  { adapter, options, concurrency = options.concurrency }: SessionPlan,
): Promise<{ readonly version: string; readonly outcomes: ReadonlyMap<string, Outcome> }> {
  options.onProgress(`${adapter.name}: starting`);
  const engine = await begin(options.cache);
  const clients = createClients(adapter, engine);
  try {
    const outcomes = await runCases(cases, {
      clients,
      advance: engine.advance,
      concurrency,
      patience: adapter.patience ?? 1,
      onOutcome: (done, total) => {
        if (done % 50 === 0) options.onProgress(`${adapter.name}: ${done}/${total}`);
      },
    });
    return { version: engine.version, outcomes };
  } finally {
    clients.destroy();
    await engine.stop();
  }
}
