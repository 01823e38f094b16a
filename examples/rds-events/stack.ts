import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { CfnEventSubscription } from 'aws-cdk-lib/aws-rds';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, LambdaSubscription, SmsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { BindingOutputs, FanoutTopic, TopicPublisher } from 'millrace/cdk';
import { DatabaseEvent, DatabaseNotice } from './messages.js';

/** Who is told. */
export interface RdsEventsStackProps extends StackProps {
  /** They are told everything. Each must confirm a first mail. */
  readonly emails: readonly string[];
  /** They are told what can't wait, in E.164: `+4915112345678`. */
  readonly phones: readonly string[];
}

/** What happens to the account's databases, in words that people read, to those who should know. */
export class RdsEventsStack extends Stack {
  constructor(scope: Construct, id: string, props: RdsEventsStackProps) {
    super(scope, id, props);

    const alarmTopic = new Topic(this, 'Alarms', { enforceSSL: true }); // people subscribe to it
    const events = new FanoutTopic(this, 'DatabaseEvents', {
      messages: [DatabaseEvent],
      alarmTopic,
      posture: 'standard', // no key, whatever the app chose: RDS is documented not to publish to encrypted topics
    });
    const people = new FanoutTopic(this, 'People', { messages: [DatabaseNotice], alarmTopic });

    const subscription = new CfnEventSubscription(this, 'AllDatabases', {
      snsTopicArn: events.topic.topicArn,
    });
    // RDS may publish, on behalf of this account only, before it is told to.
    events.allowPublishFrom(TopicPublisher.rds()).applyBefore(subscription);

    const teller = new NodejsFunction(this, 'Teller', {
      entry: 'examples/rds-events/teller.ts',
      runtime: Runtime.NODEJS_22_X,
      timeout: Duration.seconds(10),
      environment: { PEOPLE_TOPIC: people.topic.topicArn },
    });
    events.addSubscription(new LambdaSubscription(teller));
    people.grantPublish(teller);

    for (const email of props.emails) people.addSubscription(new EmailSubscription(email));
    for (const phone of props.phones)
      people.addSubscription(new SmsSubscription(phone), { where: { urgency: ['urgent'] } });

    new CfnOutput(this, 'EventsTopic', { value: events.topic.topicArn });
    new CfnOutput(this, 'PeopleTopic', { value: people.topic.topicArn });
    new BindingOutputs(this, 'Bindings', { resources: [events, people] });
  }
}
