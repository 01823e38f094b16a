import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { BindingOutputs, FanoutTopic, WorkQueueWithDLQ } from 'millrace/cdk';
import { AccountChanged } from './messages.js';

/** Changes of accounts in order per account, to a ledger and to whoever else wants them in order. */
export class FifoPerEntityStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const alarmTopic = new Topic(this, 'Alarms', { enforceSSL: true }); // people subscribe to it
    // FIFO all the way: a standard topic can't feed a FIFO queue.
    const changes = new FanoutTopic(this, 'Changes', { messages: [AccountChanged], fifo: true, alarmTopic });
    const ledger = new WorkQueueWithDLQ(this, 'Ledger', {
      fifo: true,
      handlerTimeout: Duration.seconds(10),
      // A change that fails holds up its account: ten receives are ten minutes in which to mend the cause.
      maxReceiveCount: 10,
      idempotency: true,
      alarmTopic,
    });
    changes.fanOutTo(ledger);

    const accounts = new Table(this, 'Accounts', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });
    const worker = new NodejsFunction(this, 'LedgerWorker', {
      entry: 'examples/fifo-per-entity/worker.ts',
      runtime: Runtime.NODEJS_22_X,
      timeout: Duration.seconds(10),
      environment: { ACCOUNTS_TABLE: accounts.tableName },
    });
    accounts.grantWriteData(worker);
    ledger.processWithLambda(worker); // at most one invocation per account at a time

    new CfnOutput(this, 'AccountsTable', { value: accounts.tableName });
    new BindingOutputs(this, 'Bindings', { resources: [changes, ledger] });
  }
}
