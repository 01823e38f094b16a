import type { CheckRule } from '../check-rule.js';
import { metricsOf } from '../metric-facts.js';

/** An alarm names what it watches. */
export const alarmDimensions: CheckRule = {
  id: 'alarm-dimensions',
  severity: 'warning',
  title: 'An alarm names what it watches',
  doc: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#Dimension',
  check: (graph) =>
    graph.ofType('AWS::CloudWatch::Alarm').flatMap((resource) =>
      metricsOf(resource)
        .filter(({ dimensions }) => dimensions.length === 0)
        .flatMap(({ namespace, name }) => {
          const dimension = DIMENSIONS[namespace];
          if (dimension === undefined) return [];
          return [
            {
              resource,
              location: 'Properties/Dimensions',
              problem: `looks at ${name} of ${namespace} without the dimension ${dimension}: CloudWatch does not add up dimensions, so it never gets a value and never rings`,
              fix: `add the dimension ${dimension}`,
            },
          ];
        }),
    ),
};

/** The dimension without which a service publishes nothing. */
const DIMENSIONS: Readonly<Record<string, string>> = {
  'AWS/SQS': 'QueueName',
  'AWS/Kinesis': 'StreamName',
  'AWS/Firehose': 'DeliveryStreamName',
};
