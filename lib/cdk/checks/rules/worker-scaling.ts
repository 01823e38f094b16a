import type { CheckRule } from '../check-rule.js';
import { queueServicesOf, trackingOf } from '../service-facts.js';

/** Tasks are not taken from a queue since they look idle. */
export const workerScaling: CheckRule = {
  id: 'worker-scaling',
  severity: 'warning',
  title: 'Tasks are not taken from a queue since they look idle',
  doc: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html',
  check: (graph) =>
    queueServicesOf(graph).flatMap(({ scaling, queues }) =>
      (scaling?.policies ?? []).flatMap((resource) => {
        const tracking = trackingOf(resource);
        if (tracking?.predefined === undefined || !tracking.isScalingIn) return [];
        return [
          {
            resource,
            location: 'Properties/TargetTrackingScalingPolicyConfiguration',
            problem: `takes tasks away by ${tracking.predefined}: tasks that wait for others are idle while messages of ${queues.map(({ logicalId }) => logicalId).join(', ')} wait, and two policies pull against each other (aws-cdk#20706)`,
            fix: 'set DisableScaleIn: true on it, and scale by messages per task, or use processWithFargate',
          },
        ];
      }),
    ),
};
