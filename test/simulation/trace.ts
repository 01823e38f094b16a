import type { HistoryEvent } from './history.js';
import type { Scenario } from './scenario.js';
import type { RunReport } from './simulation.js';

/** A run as a person reads it: what was planned, what happened when, what was broken. */
export function traceOf(report: RunReport): string {
  return [
    ...planLines(report.scenario),
    '',
    ...report.events.map(eventLine),
    '',
    ...report.violations.map(({ rule, at, detail }) => `broken at ${seconds(at)}: ${rule}: ${detail}`),
    `hash ${report.hash()}`,
  ].join('\n');
}

function planLines(scenario: Scenario): readonly string[] {
  const { workers, messages, disturbances, ...settings } = scenario;
  return [
    `seed ${scenario.seed}: ${JSON.stringify(settings)}`,
    ...workers.map((worker) => `  worker      ${JSON.stringify(worker)}`),
    ...messages.map((message) => `  message     ${JSON.stringify(message)}`),
    ...disturbances.map((disturbance) => `  disturbance ${JSON.stringify(disturbance)}`),
  ];
}

const eventLine = ({ at, who, what, detail }: HistoryEvent): string =>
  `${seconds(at).padStart(10)}  ${who.padEnd(14)} ${what.padEnd(24)} ${detail}`;

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(3)} s`;
