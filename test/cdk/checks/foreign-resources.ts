import { Duration, Stack, Stage, type StackProps } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal, type Conditions } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { CfnSubscription, type CfnSubscriptionProps } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';

/** Where the stacks of the cases are deployed. */
export const HOME = { account: '111111111111', region: 'eu-west-1' };

/** Another stack of the app, at home unless something else is said. */
export const stackBeside = (stack: Stack, id: string, props: StackProps = { env: HOME }): Stack =>
  new Stack(Stage.of(stack), id, props);

/** A function that works a few seconds. */
export const createWorker = (stack: Stack): LambdaFunction =>
  new LambdaFunction(stack, 'Worker', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => undefined'),
    timeout: Duration.seconds(5),
  });

/** A subscription by hand: aws-cdk-lib's own would write policies and refuse some of what is wrong. */
export const subscribeByHand = (
  stack: Stack,
  props: Partial<CfnSubscriptionProps>,
  id = 'Subscription',
): CfnSubscription =>
  new CfnSubscription(stack, id, {
    protocol: 'sqs',
    topicArn: `arn:aws:sns:${HOME.region}:${HOME.account}:events`,
    ...props,
  });

/** Lets SNS, or another service, send to a queue. */
export function letIn(queue: IQueue, conditions: Conditions = {}, service = 'sns.amazonaws.com'): void {
  queue.addToResourcePolicy(
    new PolicyStatement({
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      principals: [ServicePrincipal.fromStaticServicePrincipleName(service)],
      conditions,
    }),
  );
}

/** Lets each of so many topics send to a queue, by a statement of its own. */
export function letTopicsIn(queue: IQueue, count: number): void {
  for (let index = 0; index < count; index += 1) {
    letIn(queue, { ArnEquals: { 'aws:SourceArn': `arn:aws:sns:eu-west-1:111111111111:t${index}` } });
  }
}
