import type { CheckRule } from '../check-rule.js';
import { subscriptionsOf } from '../messaging-facts.js';

/** A subscription of Firehose names the role by which SNS may put records. */
export const firehoseRole: CheckRule = {
  id: 'firehose-role',
  severity: 'error',
  title: 'A subscription of Firehose names the role by which SNS may put records',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/prereqs-kinesis-data-firehose.html',
  check: (graph) =>
    subscriptionsOf(graph)
      .filter(
        ({ resource, protocol }) =>
          protocol === 'firehose' && resource.properties['SubscriptionRoleArn'] === undefined,
      )
      .map(({ resource }) => ({
        resource,
        location: 'Properties/SubscriptionRoleArn',
        problem: 'subscribes a delivery stream without a role: the deployment fails',
        fix: 'set SubscriptionRoleArn to a role that sns.amazonaws.com may assume, with firehose:PutRecord and firehose:PutRecordBatch on the stream',
      })),
};
