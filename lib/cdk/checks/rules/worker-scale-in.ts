import type { CheckRule } from '../check-rule.js';
import { metricsOf } from '../metric-facts.js';
import { queueServicesOf, stepsDown } from '../service-facts.js';
import { listOf } from '../template-graph.js';

/** No task is stopped while it works. */
export const workerScaleIn: CheckRule = {
  id: 'worker-scale-in',
  severity: 'warning',
  title: 'No task is stopped while it works',
  doc: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html',
  check: (graph) => {
    const steps = queueServicesOf(graph).flatMap(({ scaling }) => scaling?.policies.filter(stepsDown) ?? []);
    return graph.ofType('AWS::CloudWatch::Alarm').flatMap((resource) => {
      const actions = listOf(resource.properties['AlarmActions']);
      const isStep = actions.some((action) =>
        steps.some((step) => graph.follow(action, resource.stack) === step),
      );
      const names = metricsOf(resource).map(({ name }) => name);
      if (!isStep || !names.includes(WAITING) || names.includes(IN_FLIGHT)) return [];
      return [
        {
          resource,
          location: 'Properties/MetricName',
          problem: `takes tasks away when few messages wait (${WAITING}), and does not see those being handled: their tasks are stopped in the middle, and they are done twice`,
          fix: `let it look at ${WAITING} + ${IN_FLIGHT}, or protect tasks while they work (UpdateTaskProtection), or use processWithFargate`,
        },
      ];
    });
  },
};

const WAITING = 'ApproximateNumberOfMessagesVisible';
const IN_FLIGHT = 'ApproximateNumberOfMessagesNotVisible';
