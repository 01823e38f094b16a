import { Duration, NestedStack, Stack, Validations } from 'aws-cdk-lib';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { MillraceChecks } from '../../../lib/cdk/index.js';
import { createApp, refusalOf } from '../declarations.js';
import { checkApp, type FoundViolation } from './check-app.js';
import { HOME, subscribeByHand } from './foreign-resources.js';
import { buildShop, type ShopFaults, type ShopPlaces } from './shop.js';

const REFERENCES = '@aws-cdk/core:defaultCrossStackReferences';

function check(faults: ShopFaults, references: string, places?: ShopPlaces): readonly FoundViolation[] {
  const app = createApp({ [REFERENCES]: references });
  buildShop(app, faults, places);
  return checkApp(app);
}

/** One broken hop of the way, and the rule that tells it. */
const HOPS: readonly (readonly [hop: string, faults: ShopFaults, rule: string])[] = [
  ['publisher to topic: policy', { without: 'publisher policy' }, 'publisher-policy'],
  ['publisher to topic: key', { without: 'publisher key' }, 'publisher-keys'],
  ['topic to queue: policy', { without: 'subscription policy' }, 'subscription-policy'],
  [
    'topic to failed deliveries: policy',
    { without: 'undelivered policy' },
    'subscription-dead-letter-policy',
  ],
  ['topic to queue: size', { dead: { maxMessageSizeBytes: 1_024 } }, 'dead-letter-size'],
  ['queue to function: time', { functionTimeout: Duration.minutes(2) }, 'lambda-visibility'],
  ['queue to function: throttled retries', { functionTimeout: Duration.seconds(30) }, 'lambda-retries'],
  ['queue to function: receives', { maxReceiveCount: 3 }, 'lambda-receives'],
  ['queue to function: batches', { reportsBatchItemFailures: false }, 'lambda-partial-batches'],
  [
    'queue to dead letters: retention',
    { work: { retentionPeriod: Duration.days(14) } },
    'dead-letter-retention',
  ],
  ['queue to dead letters: retries', { work: { retentionPeriod: Duration.minutes(4) } }, 'retry-time'],
  ['dead letters to alarm', { without: 'dead-letter alarm' }, 'dead-letter-alarm'],
  ['alarm to action', { without: 'alarm action' }, 'alarm-action'],
  ['action to pager: policy', { without: 'pager policy' }, 'alarm-delivery'],
  ['action to pager: key', { without: 'pager key' }, 'alarm-delivery'],
];

describe.each(['weak', 'strong'])('a delivery over four stacks with %s references', (references) => {
  it('is proved whole', () => {
    expect(check({}, references)).toEqual([]);
  });

  it.each(HOPS)('is found broken from %s', (_hop, faults, rule) => {
    expect(check(faults, references).map((found) => found.rule)).toEqual([rule]);
  });

  it('is found broken for the queue and for its failed deliveries, which share a key', () => {
    expect(check({ without: 'subscription key' }, references).map(({ rule }) => rule)).toEqual([
      'subscription-keys',
      'subscription-keys',
    ]);
  });
});

describe('a delivery over Regions', () => {
  it('dies beside its topic, and its alarm rings in its own Region', () => {
    const app = createApp();
    const there = { ...HOME, region: 'us-east-1' };
    const topics = new Stack(app, 'Topics', { env: there });
    const topic = new Topic(topics, 'Topic', { topicName: 'events' });
    const deadLetterQueue = new Queue(new Stack(app, 'Orders', { env: HOME }), 'Dead');
    const work = new Queue(Stack.of(deadLetterQueue), 'Work', { queueName: 'work' });
    topic.addSubscription(new SqsSubscription(work, { deadLetterQueue }));
    const places = checkApp(app).filter(({ rule }) => rule === 'dead-letter-place');
    expect(places.map(({ words }) => words)).toEqual([
      expect.stringContaining(
        'is in account 111111111111, us-east-1, as its topic is, and its dead-letter queue in account 111111111111, eu-west-1',
      ),
    ]);
  });

  it('follows names into other Regions', () => {
    const app = createApp();
    const topics = new Stack(app, 'Topics', { env: { ...HOME, region: 'us-east-1' } });
    const topic = new Topic(topics, 'Topic', { topicName: 'events' });
    const queue = new Queue(new Stack(app, 'Orders', { env: HOME }), 'Work', { fifo: true });
    topic.addSubscription(new SqsSubscription(queue));
    const types = checkApp(app).filter(({ rule }) => rule === 'subscription-types');
    expect(types.map(({ words }) => words)).toEqual([
      expect.stringContaining('subscribes a FIFO queue to standard topic Topic'),
    ]);
  });
});

describe('nested stacks', () => {
  it('are judged, with what their parents give them and what they give back', () => {
    const app = createApp();
    const parent = new Stack(app, 'Shop');
    const nested = new NestedStack(parent, 'Orders');
    const topic = new Topic(nested, 'Plain', { enforceSSL: true });
    // The topic goes up as an output, the queue down as a parameter.
    const queue = new Queue(parent, 'Fifo', { fifo: true });
    const inner = new NestedStack(parent, 'Inner');
    subscribeByHand(inner, { topicArn: topic.topicArn, endpoint: queue.queueArn });
    const errors = checkApp(app).filter(({ severity }) => severity === 'error');
    expect(errors.map(({ words }) => words)).toEqual([
      expect.stringContaining('is subscribed to Plain, but no policy lets SNS send to it'),
      expect.stringContaining('subscribes a FIFO queue to standard topic Plain'),
    ]);
  });

  it('are named by their paths in the report', () => {
    const app = createApp();
    Validations.of(app).addPlugins(new MillraceChecks({ strict: true }));
    const nested = new NestedStack(new Stack(app, 'Shop'), 'Orders');
    new Queue(nested, 'Work', { enforceSSL: true });
    const refusal = refusalOf(() => app.synth());
    expect(refusal).toContain('Shop/Orders/Work');
  });
});
