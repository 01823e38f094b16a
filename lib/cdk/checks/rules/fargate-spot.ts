import type { CheckRule } from '../check-rule.js';
import { listOf, objectOf } from '../template-graph.js';

/** A service on Fargate Spot has a cluster that knows it. */
export const fargateSpot: CheckRule = {
  id: 'fargate-spot',
  severity: 'error',
  title: 'A service on Fargate Spot has a cluster that knows it',
  doc: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html',
  check: (graph) =>
    graph.ofType('AWS::ECS::Service').flatMap((resource) => {
      const isSpot = listOf(resource.properties['CapacityProviderStrategy']).some(
        (item) => objectOf(item)['CapacityProvider'] === SPOT,
      );
      const cluster = graph.follow(resource.properties['Cluster'], resource.stack);
      if (!isSpot || cluster === undefined) return [];
      const associated = graph
        .ofType('AWS::ECS::ClusterCapacityProviderAssociations')
        .filter(({ properties, stack }) => graph.follow(properties['Cluster'], stack) === cluster);
      const known = [cluster, ...associated].flatMap(({ properties }) =>
        listOf(properties['CapacityProviders']),
      );
      if (known.includes(SPOT)) return [];
      return [
        {
          resource,
          location: 'Properties/CapacityProviderStrategy',
          problem: `runs on ${SPOT}, which its cluster ${cluster.logicalId} does not have: the deployment fails`,
          fix: 'enableFargateCapacityProviders: true on the cluster',
        },
      ];
    }),
};

const SPOT = 'FARGATE_SPOT';
