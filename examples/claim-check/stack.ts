import { Duration, Size, Stack, type StackProps } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { BindingOutputs, FanoutTopic, WorkQueueWithDLQ } from 'millrace/cdk';
import { ReportMade } from './messages.js';

/** Reports of any size to two consumers: large ones wait in S3, and both queues get a pointer. */
export class ClaimCheckStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const alarmTopic = new Topic(this, 'Alarms', { enforceSSL: true }); // people subscribe to it
    // #region topic
    const reports = new FanoutTopic(this, 'Reports', {
      messages: [ReportMade],
      alarmTopic,
      // Kept until nobody can point to them any more; a check at synth says when that is too short.
      claimCheck: { threshold: Size.kibibytes(64), expireAfter: Duration.days(59) },
    });
    // #endregion topic
    const archive = new WorkQueueWithDLQ(this, 'Archive', { idempotency: true, alarmTopic });
    const index = new WorkQueueWithDLQ(this, 'Index', { idempotency: true, alarmTopic });
    reports.fanOutTo(archive);
    reports.fanOutTo(index);

    // Senders that need no fan-out: the worker deletes what it has handled.
    const prints = new WorkQueueWithDLQ(this, 'Prints', {
      accepts: [ReportMade],
      idempotency: true,
      claimCheck: true,
      alarmTopic,
    });

    new BindingOutputs(this, 'Bindings', { resources: [reports, archive, index, prints] });
  }
}
