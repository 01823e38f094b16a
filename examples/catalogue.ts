// Every stack of the examples, for the CDK app, the tests and the tables of the READMEs.
import type { App } from 'aws-cdk-lib';
import type { PriceName } from 'millrace/contract';
import { ClaimCheckStack } from './claim-check/stack.js';
import { ClickstreamStack } from './clickstream/stack.js';
import { PublishingStack, SubscribingStack } from './cross-account/stack.js';
import { FairQueueStack } from './fair-queue/stack.js';
import { FanOutStack } from './fan-out/stack.js';
import { FifoPerEntityStack } from './fifo-per-entity/stack.js';
import { RdsEventsStack } from './rds-events/stack.js';
import { WebhookIngestStack } from './webhook-ingest/stack.js';

/** A line of what a template costs: so many units for the use its catalogue entry names. */
export type CostLine = readonly [what: string, price: PriceName, units: number];

/** A template: what it is for, what it costs, and its stacks. */
export interface ExampleTemplate {
  readonly title: string;
  /** In the words of somebody who looks for it. */
  readonly use: string;
  /** What the cost is of, e.g. `1 million orders`. */
  readonly load: string;
  readonly cost: readonly CostLine[];
  readonly create: (app: App) => void;
}

const MILLION = 1_000_000;
const KIB = 1_024;
const MONTH_HOURS = 730;

/** The calls of a Lambda worker per message: a poll and a delete for every ten at best, for every one at worst. */
const polled = (messages: number): number => (messages / 10) * 2;

/** The units of a transaction: two for each item of up to 1 KB, the inbox record and the effect. */
const transacted = (messages: number): number => messages * 4;

/** The units of a lease: one to claim a message, one to complete it. */
const leased = (messages: number): number => messages * 2;

/** By folder of `examples/`, which is the name of `-c example=<name>`. */
export const TEMPLATES: Readonly<Record<string, ExampleTemplate>> = {
  'fan-out': {
    title: 'Fan-out with per-consumer queues',
    use: 'one fact, several services, and none of them waits for or breaks another',
    load: '1 million orders, half of them goods, a hundredth large',
    cost: [
      ['published', 'sns.standard.publish', MILLION],
      ['received and deleted, ten at a time', 'sqs.standard.request', polled(1.51 * MILLION)],
      ['inbox record and effect', 'dynamodb.write', transacted(1.51 * MILLION)],
    ],
    create: (app) => new FanOutStack(app, 'fan-out'),
  },
  'webhook-ingest': {
    title: 'Webhook ingest',
    use: 'events that others push at you, answered at once and handled at your own pace',
    load: '1 million events',
    cost: [
      ['sent, received and deleted, ten at a time', 'sqs.standard.request', MILLION + polled(MILLION)],
      ['inbox record and effect', 'dynamodb.write', transacted(MILLION)],
    ],
    create: (app) => new WebhookIngestStack(app, 'webhook-ingest'),
  },
  'fifo-per-entity': {
    title: 'FIFO per entity',
    use: 'changes whose order matters within one account, order or device',
    load: '1 million changes of 1 KB, one at a time',
    cost: [
      ['published', 'sns.fifo.publish', MILLION],
      ['bytes published', 'sns.fifo.publishedBytes', KIB * MILLION],
      ['delivered to one queue', 'sns.fifo.delivery', MILLION],
      ['received and deleted, one at a time', 'sqs.fifo.request', 2 * MILLION],
      ['inbox record and effect', 'dynamodb.write', transacted(MILLION)],
    ],
    create: (app) => new FifoPerEntityStack(app, 'fifo-per-entity'),
  },
  'fair-queue': {
    title: 'Multi-tenant fair queue',
    use: 'work of many tenants, none of whom can crowd out the others',
    load: '1 million pages',
    cost: [
      ['sent, received and deleted, ten at a time', 'sqs.standard.request', MILLION / 10 + polled(MILLION)],
      ['claimed and completed in the inbox', 'dynamodb.write', leased(MILLION)],
    ],
    create: (app) => new FairQueueStack(app, 'fair-queue'),
  },
  clickstream: {
    title: 'Clickstream to S3 with two readers',
    use: 'many small facts, all of them kept, and looked at while they come in',
    load: 'a month of 100 views a second, two shards kept for a week',
    cost: [
      ['shards', 'kinesis.shardHour', 2 * MONTH_HOURS],
      ['kept for a week', 'kinesis.extendedRetentionShardHour', 2 * MONTH_HOURS],
      ['stored, 25 views to a put', 'kinesis.putUnit', (100 * MONTH_HOURS * 3_600) / 25],
      // Each shard is read every 10 s; 50 pages and the position, two units each.
      ['counts, 50 pages per read', 'dynamodb.write', 2 * MONTH_HOURS * 360 * 51 * 2],
      ['checkpoints of the other reader, every 5 s', 'dynamodb.write', 2 * MONTH_HOURS * 720],
    ],
    create: (app) => new ClickstreamStack(app, 'clickstream'),
  },
  'rds-events': {
    title: 'RDS events to people',
    use: 'what AWS says of your databases, as mails and text messages that people read',
    load: '10,000 events',
    cost: [['published by RDS and by the function', 'sns.standard.publish', 20_000]],
    create: (app) =>
      new RdsEventsStack(app, 'rds-events', { emails: ['dba@example.com'], phones: ['+12025550123'] }),
  },
  'cross-account': {
    title: 'Cross-account fan-out',
    use: 'facts of one team in the queues of other teams and their accounts',
    load: '1 million invoices to one subscriber',
    cost: [
      ['published', 'sns.standard.publish', MILLION],
      ['received and deleted, ten at a time', 'sqs.standard.request', polled(MILLION)],
      ['inbox record and effect', 'dynamodb.write', transacted(MILLION)],
    ],
    create: createCrossAccount,
  },
  'claim-check': {
    title: 'Claim check',
    use: 'messages that are now and then too large for a queue',
    load: '1 million reports, one in a hundred of them in S3',
    cost: [
      ['published', 'sns.standard.publish', MILLION],
      ['received and deleted, ten at a time', 'sqs.standard.request', polled(2 * MILLION)],
      ['claimed and completed in the inbox', 'dynamodb.write', leased(2 * MILLION)],
    ],
    create: (app) => new ClaimCheckStack(app, 'claim-check'),
  },
};

/** Two stacks for two accounts; with nothing said of accounts, both for one. */
function createCrossAccount(app: App): void {
  const said = (name: string, otherwise: string): string => {
    const value: unknown = app.node.tryGetContext(name);
    return typeof value === 'string' ? value : otherwise;
  };
  const publisher = new PublishingStack(app, 'cross-account-publisher', {
    subscribers: [said('subscriber', '222222222222')],
  });
  new SubscribingStack(app, 'cross-account-subscriber', { topicArn: said('topicArn', publisher.topicArn) });
}
