import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { BindingOutputs, WorkQueueWithDLQ } from 'millrace/cdk';
import { PageRequested } from './messages.js';

/** One queue for all tenants, in which a tenant that sends a million messages delays itself and nobody else. */
export class FairQueueStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const alarmTopic = new Topic(this, 'Alarms', { enforceSSL: true }); // people subscribe to it
    // Not FIFO: a standard queue whose messages have a group is fair to its groups, at any throughput.
    const pages = new WorkQueueWithDLQ(this, 'Pages', {
      accepts: [PageRequested],
      handlerTimeout: Duration.seconds(20),
      idempotency: true,
      alarmTopic,
    });

    const bucket = new Bucket(this, 'Rendered', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
    });
    const worker = new NodejsFunction(this, 'Renderer', {
      entry: 'examples/fair-queue/worker.ts',
      runtime: Runtime.NODEJS_22_X,
      timeout: Duration.seconds(20),
      environment: { RENDERED_BUCKET: bucket.bucketName },
    });
    bucket.grantPut(worker);
    pages.processWithLambda(worker, { maxConcurrency: 50 }); // what all tenants share

    new CfnOutput(this, 'RenderedBucket', { value: bucket.bucketName });
    new BindingOutputs(this, 'Bindings', { resources: [pages] });
  }
}
