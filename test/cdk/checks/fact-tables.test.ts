import { Stack } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { factsByResource, oncePerGraph } from '../../../lib/cdk/checks/fact-tables.js';
import { TemplateGraph } from '../../../lib/cdk/checks/template-graph.js';
import { createApp } from '../declarations.js';
import { checkApp } from './check-app.js';
import { createWorker } from './cases-of-rule.js';

/** References that the checks follow in an app of so many queues, each with all that a queue has. */
function stepsFor(queues: number): number {
  const app = createApp();
  const stack = new Stack(app, 'Shop');
  const topic = new Topic(stack, 'Topic');
  for (let index = 0; index < queues; index += 1) {
    const dead = new Queue(stack, `Dead${index}`, { enforceSSL: true });
    const deadLetterQueue = { queue: dead, maxReceiveCount: 5 };
    const queue = new Queue(stack, `Work${index}`, { enforceSSL: true, deadLetterQueue });
    topic.addSubscription(new SqsSubscription(queue));
    createWorker(stack, {}, `Worker${index}`).addEventSource(new SqsEventSource(queue));
    const metric = dead.metricApproximateNumberOfMessagesVisible();
    new Alarm(stack, `Alarm${index}`, { metric, threshold: 1, evaluationPeriods: 1 });
  }
  const follow = jest.spyOn(TemplateGraph.prototype, 'follow');
  checkApp(app);
  const steps = follow.mock.calls.length;
  follow.mockRestore();
  return steps;
}

const graphOf = (...logicalIds: readonly string[]): TemplateGraph =>
  new TemplateGraph([
    {
      stackName: 'Shop',
      templatePath: 'shop.json',
      template: { Resources: Object.fromEntries(logicalIds.map((id) => [id, { Type: 'AWS::SQS::Queue' }])) },
    },
  ]);

describe('facts', () => {
  it('are made once per graph, and anew for another', () => {
    const make = jest.fn((graph: TemplateGraph) => graph.ofType('AWS::SQS::Queue').length);
    const count = oncePerGraph(make);
    const [one, other] = [graphOf('A'), graphOf('A', 'B')];
    expect([count(one), count(other), count(one)]).toEqual([1, 2, 1]);
    expect(make).toHaveBeenCalledTimes(2);
  });

  it('are found by what they are about, each once', () => {
    const graph = graphOf('A', 'B');
    const [a, b] = graph.ofType('AWS::SQS::Queue');
    if (a === undefined || b === undefined) throw new Error('no queues');
    const factsOn = factsByResource(() => [
      [a, 'large'],
      [a, 'large'],
      [a, 'red'],
      [undefined, 'lost'],
    ]);
    expect([factsOn(graph, a), factsOn(graph, b)]).toEqual([['large', 'red'], []]);
  });

  it('keep the checks’ work in proportion to the app: twice the queues, about twice the steps', () => {
    const [few, many] = [stepsFor(20), stepsFor(40)];
    expect(many / few).toBeLessThan(2.5);
  });
});
