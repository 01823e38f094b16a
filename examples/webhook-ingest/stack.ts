import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import {
  FunctionUrlAuthType,
  ParamsAndSecretsLayerVersion,
  ParamsAndSecretsVersions,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { BindingOutputs, WorkQueueWithDLQ } from 'millrace/cdk';
import { PaymentEvent } from './messages.js';

/** Webhooks from outside: checked and queued within milliseconds, handled when there is time. */
export class WebhookIngestStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const alarmTopic = new Topic(this, 'Alarms', { enforceSSL: true }); // people subscribe to it
    const payments = new WorkQueueWithDLQ(this, 'Payments', {
      accepts: [PaymentEvent],
      handlerTimeout: Duration.seconds(60),
      idempotency: true,
      alarmTopic,
    });

    // Says 202 once the event is in the queue, 401 to whom it does not know. The provider tries again on anything else.
    const secret = new Secret(this, 'SigningSecret', { generateSecretString: { excludePunctuation: true } });
    const receiver = new NodejsFunction(this, 'Receiver', {
      entry: 'examples/webhook-ingest/receiver.ts',
      runtime: Runtime.NODEJS_22_X,
      timeout: Duration.seconds(10),
      environment: { SIGNING_SECRET: secret.secretArn, ...payments.bindingEnvironment },
      paramsAndSecrets: ParamsAndSecretsLayerVersion.fromVersion(ParamsAndSecretsVersions.V1_0_103),
    });
    secret.grantRead(receiver);
    payments.grantSend(receiver);
    const url = receiver.addFunctionUrl({ authType: FunctionUrlAuthType.NONE }); // the signature is the proof

    const ledger = new Table(this, 'Ledger', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });
    const worker = new NodejsFunction(this, 'Worker', {
      entry: 'examples/webhook-ingest/worker.ts',
      runtime: Runtime.NODEJS_22_X,
      timeout: Duration.seconds(60),
      environment: { LEDGER_TABLE: ledger.tableName },
    });
    ledger.grantWriteData(worker);
    payments.processWithLambda(worker, { maxConcurrency: 5 }); // what the systems behind it can bear

    new CfnOutput(this, 'Url', { value: url.url });
    new CfnOutput(this, 'LedgerTable', { value: ledger.tableName });
    new BindingOutputs(this, 'Bindings', { resources: [payments] });
  }
}
