import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { BindingOutputs, FanoutTopic, WorkQueueWithDLQ } from 'millrace/cdk';
import { buildWebhooks, triageWebhooks, webhooks } from './messages.js';

/** GitHub webhooks to three consumers: builds, triage, and an audit trail that keeps the order per repository. */
export class GithubWebhooksStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    // People subscribe to it: e-mail, a chat, a pager.
    const alarmTopic = new Topic(this, 'Alarms', { enforceSSL: true });
    const work = { handlerTimeout: Duration.seconds(5), idempotency: true, alarmTopic };

    const events = new FanoutTopic(this, 'RepositoryEvents', { messages: webhooks, alarmTopic });
    const builds = new WorkQueueWithDLQ(this, 'Builds', work);
    const triage = new WorkQueueWithDLQ(this, 'Triage', work);
    events.fanOutTo(builds, { messages: buildWebhooks });
    events.fanOutTo(triage, { messages: triageWebhooks });

    // Order per repository needs FIFO all the way, and a standard topic can't feed a FIFO queue.
    const auditEvents = new FanoutTopic(this, 'AuditEvents', { messages: webhooks, fifo: true, alarmTopic });
    const audit = new WorkQueueWithDLQ(this, 'Audit', {
      ...work,
      fifo: true,
      // The worker's heartbeat renews it; short, so that a repository waits only briefly when a worker dies.
      visibilityTimeout: Duration.seconds(10),
    });
    auditEvents.fanOutTo(audit);

    const effects = new Table(this, 'Effects', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new CfnOutput(this, 'EffectsTable', { value: effects.tableName });
    new BindingOutputs(this, 'Bindings', { resources: [events, auditEvents, builds, triage, audit] });
  }
}
