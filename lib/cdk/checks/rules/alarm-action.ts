import type { CheckRule } from '../check-rule.js';
import { alarmsOn, isHeardThroughOthers } from '../alarm-facts.js';
import { listOf } from '../template-graph.js';

/** An alarm tells somebody. */
export const alarmAction: CheckRule = {
  id: 'alarm-action',
  severity: 'warning',
  title: 'An alarm tells somebody',
  doc: 'https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-15',
  check: (graph) =>
    graph.ofType('AWS::SQS::Queue', 'AWS::SNS::Topic', 'AWS::Kinesis::Stream').flatMap((watched) =>
      alarmsOn(graph, watched)
        .filter(({ resource }) => listOf(resource.properties['AlarmActions']).length === 0)
        .filter(({ resource }) => !isHeardThroughOthers(graph, resource))
        .map(({ resource }) => ({
          resource,
          location: 'Properties/AlarmActions',
          problem: 'has no action: it changes its state and tells nobody',
          fix: 'give it an action: alarmTopic on the millrace construct, or alarm.addAlarmAction(new SnsAction(topic))',
        })),
    ),
};
