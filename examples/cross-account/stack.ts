import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { AccountPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { BindingOutputs, FanoutTopic, WorkQueueWithDLQ } from 'millrace/cdk';
import { InvoiceIssued } from './messages.js';

export interface PublishingStackProps extends StackProps {
  /** Accounts whose queues may subscribe, 12 digits each. */
  readonly subscribers: readonly string[];
}

/** In the account of the team that publishes: the topic, and which accounts may subscribe to it. */
export class PublishingStack extends Stack {
  /** What the subscribing teams need to know. */
  readonly topicArn: string;

  constructor(scope: Construct, id: string, props: PublishingStackProps) {
    super(scope, id, props);

    const alarmTopic = new Topic(this, 'Alarms', { enforceSSL: true }); // people subscribe to it
    const invoices = new FanoutTopic(this, 'Invoices', { messages: [InvoiceIssued], alarmTopic });
    this.topicArn = invoices.topic.topicArn;
    invoices.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'OtherAccountsSubscribeQueues',
        principals: props.subscribers.map((account) => new AccountPrincipal(account)),
        actions: ['sns:Subscribe'],
        resources: [invoices.topic.topicArn],
        conditions: { StringEquals: { 'sns:Protocol': 'sqs' } },
      }),
    );
    new CfnOutput(this, 'TopicArn', { value: this.topicArn });
    new BindingOutputs(this, 'Bindings', { resources: [invoices] });
  }
}

export interface SubscribingStackProps extends StackProps {
  /** The topic of the other account. */
  readonly topicArn: string;
}

/** In the account of a team that consumes: its queue, its worker, and the subscription, which is its own to make. */
export class SubscribingStack extends Stack {
  constructor(scope: Construct, id: string, props: SubscribingStackProps) {
    super(scope, id, props);

    const alarmTopic = new Topic(this, 'Alarms', { enforceSSL: true }); // people subscribe to it
    const invoices = FanoutTopic.fromFanoutTopicAttributes(this, 'Invoices', {
      topicArn: props.topicArn,
      messages: [InvoiceIssued],
      alarmTopic,
    });
    const taxes = new WorkQueueWithDLQ(this, 'Taxes', { idempotency: true, alarmTopic });
    invoices.fanOutTo(taxes, { messages: [InvoiceIssued], where: { country: ['DE', 'FR'] } });

    const returns = new Table(this, 'Returns', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });
    const worker = new NodejsFunction(this, 'TaxesWorker', {
      entry: 'examples/cross-account/worker.ts',
      runtime: Runtime.NODEJS_22_X,
      timeout: Duration.seconds(30),
      environment: { RETURNS_TABLE: returns.tableName },
    });
    returns.grantWriteData(worker);
    taxes.processWithLambda(worker);

    new CfnOutput(this, 'ReturnsTable', { value: returns.tableName });
    new BindingOutputs(this, 'Bindings', { resources: [taxes] });
  }
}
