import { FargateService, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { ConstructsStack, mendAll } from '../../examples/guides/constructs.js';
import { checkApp } from '../cdk/checks/check-app.js';
import { createFargateStage } from '../cdk/fargate-stage.js';
import { createApp } from '../cdk/declarations.js';

function setup() {
  const { app, stack, given } = createFargateStage();
  const taskDefinition = new FargateTaskDefinition(stack, 'Task');
  taskDefinition.addContainer('Worker', { image: given.image });
  const service = new FargateService(stack, 'Service', {
    cluster: given.cluster,
    taskDefinition,
    minHealthyPercent: 100,
  });
  const alarmTopic = new Topic(new Stack(app, 'People'), 'Pager', { enforceSSL: true });
  return { app, constructs: new ConstructsStack(app, 'Guide', { service, alarmTopic }), services: stack };
}

describe('the stack of docs/constructs.md', () => {
  it('is made as it is shown, with one subscription of the queue and a worker that knows it', () => {
    const { constructs, services } = setup();
    const template = Template.fromStack(constructs);
    template.resourceCountIs('AWS::SNS::Subscription', 1);
    template.hasResourceProperties('AWS::SNS::Subscription', {
      FilterPolicy: {
        $or: [
          { 'millrace-type': ['github.push'], branch: ['refs/heads/main'] },
          { 'millrace-type': ['github.issues'] },
        ],
      },
    });
    expect(JSON.stringify(Template.fromStack(services).toJSON())).toContain('MILLRACE_QUEUE_BUILDS');
  });

  it('leaves the checks nothing to say', () => {
    expect(checkApp(setup().app)).toEqual([]);
  });

  it('mends what others made', () => {
    const app = createApp();
    const stack = new Stack(app, 'Theirs');
    new Queue(stack, 'Plain');
    mendAll(app);
    Template.fromStack(stack).hasResourceProperties('AWS::SQS::Queue', { SqsManagedSseEnabled: true });
    Template.fromStack(stack).resourceCountIs('AWS::SQS::QueuePolicy', 1);
  });
});
