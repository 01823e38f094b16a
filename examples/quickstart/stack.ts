import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BindingOutputs, FanoutTopic, WorkQueueWithDLQ } from 'millrace/cdk';
import { PushReceived } from './messages.js';

/** The stack of the README: pushes to the main branch become builds. */
export class QuickstartStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const events = new FanoutTopic(this, 'RepositoryEvents', { messages: [PushReceived] });
    const builds = new WorkQueueWithDLQ(this, 'Builds', {
      handlerTimeout: Duration.minutes(2),
      idempotency: true,
    });
    events.fanOutTo(builds, { messages: [PushReceived], where: { branch: ['refs/heads/main'] } });

    new BindingOutputs(this, 'Bindings', { resources: [events, builds] });
  }
}
