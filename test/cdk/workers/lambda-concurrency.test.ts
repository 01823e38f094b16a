import { Duration, Size, Stack, type App } from 'aws-cdk-lib';
import {
  Alias,
  Code,
  Function as LambdaFunction,
  Runtime,
  type IFunction,
  type IVersion,
} from 'aws-cdk-lib/aws-lambda';
import { WorkQueueWithDLQ, type LambdaWorkerOptions } from '../../../lib/cdk/index.js';
import { warningsOf } from '../fargate-stage.js';
import { createApp, refusalOf, resourcesOf } from '../declarations.js';

function setup(reservedConcurrentExecutions?: number) {
  const app: App = createApp();
  const stack = new Stack(app, 'Shop');
  const worker = new LambdaFunction(stack, 'Worker', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => undefined'),
    ...(reservedConcurrentExecutions !== undefined && { reservedConcurrentExecutions }),
  });
  const process = (
    id: string,
    options: LambdaWorkerOptions = {},
    maxMessageSize = Size.kibibytes(64),
  ): void => {
    new WorkQueueWithDLQ(stack, id, { maxMessageSize }).processWithLambda(worker, options);
  };
  return { app, stack, worker, process };
}

const RESERVED = 'millrace:WorkQueueWithDLQ.reservedConcurrency';
const PAYLOAD = 'millrace:WorkQueueWithDLQ.lambdaPayload';

describe('the pollers of a Lambda worker', () => {
  it('are its own where they are asked for', () => {
    const { stack, process } = setup();
    process('Builds', { pollers: { min: 2, max: 20 } });
    const mapping = Object.values(resourcesOf(stack)).find(({ Type }) => Type.endsWith('EventSourceMapping'));
    expect(mapping?.Properties).toMatchObject({
      ProvisionedPollerConfig: { MinimumPollers: 2, MaximumPollers: 20 },
    });
  });

  it.each([
    [{ pollers: { min: 1, max: 2_001 } }, ['pollers.min must be', 'pollers.max must be']],
    [{ pollers: { min: 20, max: 2 } }, ['pollers.max must not be below pollers.min (20), got 2']],
    [{ pollers: { min: 2, max: 4, maximum: 4 } }, ["'pollers.maximum' is no option"]],
    [{ pollers: { min: 2, max: 4 }, maxConcurrency: 10 }, ['exclude one another']],
  ])('are refused: %j', (options, words) => {
    const said = refusalOf(() => setup().process('Builds', options));
    for (const one of words) expect(said).toContain(one);
  });
});

describe('the concurrency reserved for a Lambda worker', () => {
  it('is enough for all of its queues together, or warned of', () => {
    const enough = setup(30);
    enough.process('Builds', { maxConcurrency: 10 });
    enough.process('Reports', { pollers: { min: 2, max: 2 } });
    expect(warningsOf(enough.app)).not.toContain(RESERVED);
    const short = setup(29);
    short.process('Builds', { maxConcurrency: 10 });
    short.process('Reports', { pollers: { min: 2, max: 2 } });
    expect(warningsOf(short.app)).toContain(RESERVED);
  });

  it('is warned of where a mapping has no cap', () => {
    const { app, process } = setup(100);
    process('Builds');
    expect(warningsOf(app)).toContain(RESERVED);
  });

  it('is nobody’s matter where none is reserved', () => {
    const { app, process } = setup();
    process('Builds');
    expect(warningsOf(app)).not.toContain(RESERVED);
  });
});

describe('an alias as a Lambda worker', () => {
  it('gives the function behind it the binding, and is held to its timeout and its reservation', () => {
    const { app, stack, worker } = setup(5);
    const alias = new Alias(stack, 'Live', { aliasName: 'live', version: worker.currentVersion as IVersion });
    new WorkQueueWithDLQ(stack, 'Builds').processWithLambda(alias as IFunction, { maxConcurrency: 6 });
    const made = Object.values(resourcesOf(stack)).find(({ Type }) => Type === 'AWS::Lambda::Function');
    expect(made?.Properties).toMatchObject({
      Environment: { Variables: { MILLRACE_QUEUE_BUILDS: expect.anything() as unknown } },
    });
    expect(warningsOf(app)).toContain(RESERVED);
    const slow = new LambdaFunction(stack, 'Slow', {
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = () => undefined'),
      timeout: Duration.minutes(10),
    });
    const queue = new WorkQueueWithDLQ(stack, 'Reports');
    expect(refusalOf(() => queue.processWithLambda(slow.currentVersion as IFunction))).toContain(
      'may run 600 s',
    );
  });
});

describe('a batch of a Lambda worker', () => {
  it('is warned of when one invocation could not take it', () => {
    const { app, process } = setup();
    process('Builds', { batchSize: 7 }, Size.mebibytes(1));
    expect(warningsOf(app)).toContain(PAYLOAD);
  });

  it('is quiet where it fits, and where nobody asked for a size', () => {
    const { app, process } = setup();
    process('Builds', { batchSize: 6 }, Size.mebibytes(1));
    process('Reports', {}, Size.mebibytes(1));
    expect(warningsOf(app)).not.toContain(PAYLOAD);
  });
});
