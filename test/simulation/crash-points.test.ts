import { drawScenario } from './draw-scenario.js';
import type { Scenario } from './scenario.js';
import { simulate } from './simulation.js';
import { traceOf } from './trace.js';

/** Two workers, six messages of two groups, one of which fails at first and one of which is poison. */
function smallScenario(mode: Scenario['mode'], queue: Scenario['queue']): Scenario {
  const good = { ms: 50, end: 'return', heedsSignal: true } as const;
  const bad = { ms: 50, end: 'throw', heedsSignal: true } as const;
  const message = { publisher: 'publisher-1', form: 'job', tries: [good] } as const;
  return {
    ...drawScenario(1, { mode, queue, isCalm: true }),
    mode,
    queue,
    publishes: mode === 'transactional',
    visibilityTimeoutSeconds: 4,
    handlerTimeoutSeconds: 8,
    maxReceiveCount: 5,
    latencyMs: 3,
    workers: [
      { name: 'worker-1', startAtMs: 0, concurrency: 2, skewMs: 0 },
      { name: 'worker-2', startAtMs: 2_000, concurrency: 2, skewMs: 500 },
    ],
    messages: [
      { ...message, id: 'm1', group: 'g1', atMs: 0 },
      { ...message, id: 'm2', group: 'g1', atMs: 0, tries: [bad, good] },
      { ...message, id: 'm3', group: 'g1', atMs: 0 },
      { ...message, id: 'm4', group: 'g2', atMs: 100, tries: [{ ...good, ms: 6_000 }] },
      { ...message, id: 'm4', group: 'g2', atMs: 4_000 },
      { ...message, id: 'm5', group: 'g2', atMs: 200, form: 'wrong-schema' },
    ],
  };
}

const crashAt = (scenario: Scenario, step: number, isHalfOpen: boolean): Scenario => ({
  ...scenario,
  disturbances: [{ kind: 'crash', process: 'worker-1', step, restartAfterMs: 3_000, isHalfOpen }],
});

describe('a worker that crashes', () => {
  it.each([
    ['transactional', 'standard'],
    ['lease', 'standard'],
    ['record-after', 'standard'],
    ['none', 'fifo'],
    ['sequence', 'fifo'],
  ] as const)(
    'at any of its await points keeps every promise in mode %s (%s queue)',
    async (mode, queue) => {
      const scenario = smallScenario(mode, queue);
      const { awaitPoints } = await simulate(scenario);
      expect(awaitPoints).toBeGreaterThan(20);
      for (let step = 1; step <= awaitPoints; step += 1) {
        const report = await simulate(crashAt(scenario, step, step % 2 === 0));
        expect(report.violations.length === 0 ? '' : traceOf(report)).toBe('');
        expect(report.events.some(({ what }) => what === 'CRASHES')).toBe(true);
      }
    },
    240_000,
  );
});
