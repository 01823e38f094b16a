import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, type Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Code, Function as LambdaFunction, Runtime, type FunctionProps } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { createApp } from '../declarations.js';
import { checkApp } from './check-app.js';

/** What one rule says, and what it leaves alone. */
export interface CasesOfRule {
  readonly rule: string;
  readonly broken: readonly BrokenCase[];
  readonly fine: readonly FineCase[];
}

/** Constructs in which a rule finds nothing. */
export interface FineCase {
  readonly when: string;
  readonly build: (stack: Stack) => unknown;
  /** It shows only where the app says its account and Region. @default false - wherever it is deployed, too */
  readonly needsPlace?: boolean;
}

/** Constructs, mostly foreign ones, that break a rule, and words of its finding. */
export interface BrokenCase extends FineCase {
  readonly says: string;
  /** Words of the remedy. @default - any */
  readonly fix?: string;
}

/** What one rule says of what is built into a stack, a line per finding. */
export function saidBy(rule: string, build: (stack: Stack) => unknown): string {
  const app = createApp();
  build(new Stack(app, 'Shop'));
  return checkApp(app)
    .filter((finding) => finding.rule === rule)
    .map(({ words }) => words)
    .join('\n');
}

/** A function of somebody else's. */
export const createWorker = (
  stack: Stack,
  props: Partial<FunctionProps> = {},
  id = 'Worker',
): LambdaFunction =>
  new LambdaFunction(stack, id, {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => undefined'),
    timeout: Duration.seconds(5),
    ...props,
  });

/** A plain queue with its dead-letter queue. */
export function createPair(
  stack: Stack,
  maxReceiveCount = 5,
): { readonly queue: Queue; readonly dead: Queue } {
  const dead = new Queue(stack, 'Dead', { retentionPeriod: Duration.days(14) });
  return { dead, queue: new Queue(stack, 'Work', { deadLetterQueue: { queue: dead, maxReceiveCount } }) };
}

/** A plain alarm that rings at the first datapoint. */
export const alarmOn = (stack: Stack, metric: Metric, threshold = 1): Alarm =>
  new Alarm(stack, 'Alarm', { metric, threshold, evaluationPeriods: 1 });
