import type { CheckRule } from '../check-rule.js';
import { queueServicesOf } from '../service-facts.js';
import { listOf, numberOf, objectOf } from '../template-graph.js';

/** A worker on Fargate is killed when Fargate kills. */
export const workerStopLimit: CheckRule = {
  id: 'worker-stop-limit',
  severity: 'error',
  title: 'A worker on Fargate asks for no later kill than Fargate gives',
  doc: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#container_definition_timeout',
  check: (graph) =>
    [...new Set(queueServicesOf(graph).map(({ task }) => task))]
      .filter(({ properties }) => listOf(properties['RequiresCompatibilities']).includes('FARGATE'))
      .flatMap((resource) =>
        listOf(resource.properties['ContainerDefinitions']).flatMap((container, index) => {
          const seconds = numberOf(objectOf(container)['StopTimeout'], 0);
          if (seconds === undefined || seconds <= MOST_SECONDS) return [];
          return [
            {
              resource,
              location: `Properties/ContainerDefinitions/${index}/StopTimeout`,
              problem: `wants ${seconds} s from SIGTERM to the kill, Fargate gives ${MOST_SECONDS}: the deployment fails`,
              fix: `set StopTimeout: ${MOST_SECONDS}, and protect tasks whose messages take longer (UpdateTaskProtection)`,
            },
          ];
        }),
      ),
};

const MOST_SECONDS = 120;
