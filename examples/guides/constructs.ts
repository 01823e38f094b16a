import { Duration, Mixins, Stack, type App, type StackProps } from 'aws-cdk-lib';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import { CfnEventSubscription } from 'aws-cdk-lib/aws-rds';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { defineMessage } from 'millrace/contract';
import {
  DlqRetention,
  EncryptedAtRest,
  FanoutTopic,
  ShardedStream,
  StreamCapacity,
  TlsOnly,
  TopicPublisher,
  WorkQueueWithDLQ,
} from 'millrace/cdk';
import { z } from 'zod';
import { FlightLanded } from '../flights/records.js';
import { PushReceived } from '../quickstart/messages.js';
import { DatabaseEvent } from '../rds-events/messages.js';

const IssueOpened = defineMessage('github.issues', {
  schema: z.object({ delivery: z.string() }),
  id: (issue) => issue.delivery,
});

/** What the stack of docs/constructs.md finds in the account. */
export interface ConstructsStackProps extends StackProps {
  readonly service: FargateService;
  readonly alarmTopic: ITopic;
}

/** The stack of docs/constructs.md; test/examples/guides-constructs.test.ts makes and checks it. */
export class ConstructsStack extends Stack {
  constructor(scope: Construct, id: string, { service, alarmTopic, ...props }: ConstructsStackProps) {
    super(scope, id, props);

    // #region queue
    const builds = new WorkQueueWithDLQ(this, 'Builds', {
      handlerTimeout: Duration.minutes(2),
      idempotency: true,
      alarmTopic,
    });
    builds.grantConsume(service.taskDefinition.taskRole);
    for (const [name, value] of Object.entries(builds.bindingEnvironment))
      service.taskDefinition.defaultContainer?.addEnvironment(name, value);
    // #endregion queue

    // #region topic
    const events = new FanoutTopic(this, 'RepositoryEvents', {
      messages: [PushReceived, IssueOpened],
      alarmTopic,
    });
    events.fanOutTo(builds, { messages: [PushReceived], where: { branch: ['refs/heads/main'] } });
    events.fanOutTo(builds, { messages: [IssueOpened] }); // the same subscription, of either
    // #endregion topic

    // #region publisher
    const databases = new FanoutTopic(this, 'Databases', { messages: [DatabaseEvent], alarmTopic });
    const subscription = new CfnEventSubscription(this, 'AllDatabases', {
      snsTopicArn: databases.topic.topicArn,
    });
    databases.allowPublishFrom(TopicPublisher.rds()).applyBefore(subscription);
    // #endregion publisher

    // #region stream
    const flights = new ShardedStream(this, 'Flights', {
      record: FlightLanded,
      capacity: StreamCapacity.provisioned(4),
      alarmTopic,
    });
    const delays = flights.addReader('delays');
    // #endregion stream
    delays.grantRead(service.taskDefinition.taskRole);
  }
}

/** Mends what other libraries made. */
export function mendAll(app: App): void {
  // #region mixins
  Mixins.of(app).apply(new TlsOnly(), new EncryptedAtRest(), new DlqRetention());
  // #endregion mixins
}
