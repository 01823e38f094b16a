import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Bucket, BucketEncryption, StorageClass } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { BindingOutputs, ShardedStream, StreamCapacity } from 'millrace/cdk';
import { PageViewed } from './records.js';

/** Page views: all of them into S3 for good, and two readers that make something of them meanwhile. */
export class ClickstreamStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const alarmTopic = new Topic(this, 'Alarms', { enforceSSL: true }); // people subscribe to it
    const views = new ShardedStream(this, 'Views', {
      record: PageViewed,
      capacity: StreamCapacity.provisioned(2), // or .forWorkload({ … }), which calculates it and says why
      alarmTopic,
    });

    const archive = new Bucket(this, 'Archive', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      lifecycleRules: [
        {
          transitions: [
            { storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(90) },
          ],
        },
      ],
    });
    // Under exactOptionalPropertyTypes, which this repository has on, a Bucket is no IBucket to the compiler (aws-cdk-lib).
    views.archiveTo(archive, { prefix: 'views' });

    // Each at its own pace, with its own leases and checkpoints; processWithFargate runs them in AWS.
    const pages = views.addReader('pages');
    const bots = views.addReader('bots');

    const findings = new Table(this, 'Findings', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });
    new CfnOutput(this, 'FindingsTable', { value: findings.tableName });
    new BindingOutputs(this, 'Bindings', { resources: [views, pages, bots] });
  }
}
