import type { CheckRule } from '../check-rule.js';
import { placeOf } from '../places.js';
import { isSame, listOf } from '../template-graph.js';

/** An alarm tells a topic of its own Region. */
export const alarmRegion: CheckRule = {
  id: 'alarm-region',
  severity: 'error',
  title: 'An alarm tells a topic of its own Region',
  doc: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html',
  check: (graph) =>
    graph.ofType('AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm').flatMap((resource) =>
      ['AlarmActions', 'OKActions', 'InsufficientDataActions'].flatMap((name) =>
        listOf(resource.properties[name]).flatMap((action) => {
          const [own, theirs] = [resource.stack.region, placeOf(graph, action, resource.stack).region];
          if (own === undefined || theirs === undefined || isSame(own, theirs)) return [];
          return [
            {
              resource,
              location: `Properties/${name}`,
              problem: `is in ${own} and tells a topic in ${theirs}: the deployment fails`,
              fix: `make a topic in ${own}, and subscribe the same people`,
            },
          ];
        }),
      ),
    ),
};
