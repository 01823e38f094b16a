import type { CheckRule } from '../check-rule.js';
import { queueServicesOf, trackingOf, type TrackingFacts } from '../service-facts.js';

/** A service that may have no task can get its first one. */
export const workerFromZero: CheckRule = {
  id: 'worker-from-zero',
  severity: 'warning',
  title: 'A service that may have no task can get its first one',
  doc: 'https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html',
  check: (graph) =>
    queueServicesOf(graph).flatMap(({ scaling }) => {
      if (scaling === undefined || scaling.minTasks !== 0 || scaling.policies.length === 0) return [];
      const tracked = scaling.policies.map(trackingOf);
      const isStuck = tracked.every((tracking) => tracking !== undefined && needsTasks(tracking));
      if (!isStuck || scaling.target.properties['ScheduledActions'] !== undefined) return [];
      return [
        {
          resource: scaling.target,
          location: 'Properties/MinCapacity',
          problem:
            'may have 0 tasks, and all its policies measure what only a running task has: once it is at 0, nothing starts one, and messages wait until they expire',
          fix: 'set MinCapacity: 1, or add a step policy on ApproximateNumberOfMessagesVisible ≥ 1, or use processWithFargate with minTasks: 0',
        },
      ];
    }),
};

/** CPU and memory, and what is divided by the number of tasks without a thought of none. */
const needsTasks = ({ predefined, expressions }: TrackingFacts): boolean =>
  predefined !== undefined ||
  expressions.some((text) => text.includes('/') && !/IF\s*\(|FILL\s*\(/i.test(text));
