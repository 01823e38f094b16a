import type { CheckRule } from '../check-rule.js';
import { alarmTopicsOf } from '../alarm-facts.js';
import { keyAccess } from '../key-access.js';
import { allowsService, statementsOn } from '../policy-statements.js';
import { statementText } from '../statement-text.js';

/** CloudWatch can publish to the topic of an alarm. */
export const alarmDelivery: CheckRule = {
  id: 'alarm-delivery',
  severity: 'error',
  title: 'CloudWatch can publish to the topic of an alarm',
  doc: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html',
  check: (graph) =>
    alarmTopicsOf(graph).flatMap((topic) => {
      const statements = statementsOn(graph, topic);
      const service = 'cloudwatch.amazonaws.com';
      // Without a policy, SNS's default one lets the account's alarms publish.
      const isDenied =
        statements.length > 0 && !allowsService(graph, statements, { service, action: 'sns:Publish' });
      const refusal = keyAccess(graph, topic, { service });
      return [
        ...(isDenied
          ? [
              {
                resource: topic,
                location: 'Properties',
                problem:
                  'is the target of alarms, but its policy does not let CloudWatch publish: they ring unheard',
                fix: `add to its policy: ${statementText({ on: topic, principal: { service }, actions: ['sns:Publish'] })}`,
              },
            ]
          : []),
        ...(refusal ? [{ resource: topic, location: 'Properties/KmsMasterKeyId', ...refusal }] : []),
      ];
    }),
};
