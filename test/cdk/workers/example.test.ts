import { readFileSync } from 'node:fs';
import { Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { WorkersStack } from '../../../examples/workers/stack.js';
import { checkApp } from '../checks/check-app.js';
import { createFargateStage } from '../fargate-stage.js';

function setup() {
  const stage = createFargateStage();
  const { app, stack } = stage;
  const counter = new LambdaFunction(stack, 'Counter', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => undefined'),
  });
  const bucket = Bucket.fromBucketName(stack, 'Bucket', 'flights');
  const alarmTopic = new Topic(new Stack(app, 'People'), 'Pager', { enforceSSL: true });
  const workers = new WorkersStack(app, 'Workers', { ...stage.given, counter, bucket, alarmTopic });
  return { app, workers };
}

describe('examples/workers', () => {
  it('holds two services, an archive and a size with its reasons', () => {
    const template = Template.fromStack(setup().workers);
    template.resourceCountIs('AWS::ECS::Service', 2);
    template.resourceCountIs('AWS::KinesisFirehose::DeliveryStream', 1);
    template.hasResource('AWS::Kinesis::Stream', {
      Properties: { RetentionPeriodHours: 168, ShardCount: 3 },
      Metadata: { 'millrace:capacity': Match.stringLikeRegexp('^3 provisioned shards') },
    });
  });

  it('has nothing that the checks find', () => {
    expect(checkApp(setup().app)).toEqual([]);
  });

  // By its regions, which test/architecture/snippets.test.ts holds to the letter.
  it.each(['docs/constructs.md', 'docs/stream.md'])('is what %s shows', (page) => {
    expect(readFileSync(page, 'utf8')).toMatch(/```ts examples\/workers\/stack\.ts#\w+\n/);
  });
});
