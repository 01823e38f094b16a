import type { CheckRule } from '../check-rule.js';
import { workersOf } from '../worker-facts.js';

/** A worker is killed after its drain, not in it. */
export const workerStop: CheckRule = {
  id: 'worker-stop',
  severity: 'warning',
  title: 'A worker is killed after its drain, not in it',
  doc: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#container_definition_timeout',
  check: (graph) =>
    workersOf(graph).flatMap(({ resource, location, kind, stopSeconds }) => {
      const drain = DRAIN_SECONDS[kind];
      if (stopSeconds === undefined || stopSeconds > drain) return [];
      return [
        {
          resource,
          location: `${location}/StopTimeout`,
          problem: `is killed ${stopSeconds} s after it was told to stop, and a ${kind === 'queue' ? 'queue worker' : 'stream reader'} drains ${drain} s by default: what it holds comes back late, or is done twice`,
          fix: `set StopTimeout: ${drain + 5}, or lower the drain of the program below it`,
        },
      ];
    }),
};

/** `drainTimeoutSeconds` and `abortGraceSeconds` of our worker, `drainTimeoutMs` of our reader. */
const DRAIN_SECONDS = { queue: 28, reader: 30 } as const;
