import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { BindingOutputs, FanoutTopic, WorkQueueWithDLQ } from 'millrace/cdk';
import { OrderCancelled, OrderPlaced } from './messages.js';

/** Orders to whoever is concerned: each consumer has its own queue, its own worker and its own dead letters. */
export class FanOutStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const alarmTopic = new Topic(this, 'Alarms', { enforceSSL: true }); // people subscribe to it
    const orders = new FanoutTopic(this, 'Orders', { messages: [OrderPlaced, OrderCancelled], alarmTopic });

    const work = { handlerTimeout: Duration.seconds(30), idempotency: true, alarmTopic };
    const billing = new WorkQueueWithDLQ(this, 'Billing', work);
    const shipping = new WorkQueueWithDLQ(this, 'Shipping', work);
    const fraud = new WorkQueueWithDLQ(this, 'Fraud', work);

    orders.fanOutTo(billing); // everything
    orders.fanOutTo(shipping, { messages: [OrderPlaced], where: { kind: ['goods'] } });
    orders.fanOutTo(fraud, {
      messages: [OrderPlaced],
      where: { cents: SubscriptionFilter.numericFilter({ greaterThanOrEqualTo: 100_000 }) },
    });

    const ledger = new Table(this, 'Ledger', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });
    for (const [name, queue] of Object.entries({ billing, shipping, fraud })) {
      const worker = new NodejsFunction(this, `${name}-worker`, {
        entry: `examples/fan-out/${name}.ts`,
        runtime: Runtime.NODEJS_22_X,
        timeout: Duration.seconds(30),
        environment: { LEDGER_TABLE: ledger.tableName },
      });
      ledger.grantWriteData(worker);
      queue.processWithLambda(worker, { maxConcurrency: 10 });
    }

    new CfnOutput(this, 'LedgerTable', { value: ledger.tableName });
    new BindingOutputs(this, 'Bindings', { resources: [orders, billing, shipping, fraud] });
  }
}
