import {
  FargateWorker,
  ShardedStream,
  WorkQueueWithDLQ,
  type FargateWorkerProps,
} from '../../../lib/cdk/index.js';
import { FlightLanded, propertiesOf, refusalOf } from '../declarations.js';
import { createFargateStage, type FargateStage } from '../fargate-stage.js';

interface Setup extends FargateStage {
  readonly build: (props?: Partial<FargateWorkerProps>) => FargateWorker;
}

function setup(): Setup {
  const stage = createFargateStage();
  const queue = new WorkQueueWithDLQ(stage.stack, 'Builds');
  const stream = new ShardedStream(stage.stack, 'Flights', {
    record: FlightLanded,
  });
  return {
    ...stage,
    build: (props) =>
      new FargateWorker(stage.stack, 'Both', {
        ...stage.given,
        resources: [queue, stream],
        ...props,
      }),
  };
}

describe('FargateWorker of one’s own', () => {
  it('finds the bindings of all it works on in its environment', () => {
    const { stack, build } = setup();
    build();
    expect(propertiesOf(stack, 'AWS::ECS::TaskDefinition', 'BothTaskDefinition')).toMatchObject({
      ContainerDefinitions: [
        {
          Environment: [{ Name: 'MILLRACE_QUEUE_BUILDS' }, { Name: 'MILLRACE_STREAM_FLIGHTS' }],
          StopTimeout: 35,
        },
      ],
    });
  });

  it('runs one to ten tasks when nothing is said', () => {
    const { stack, build } = setup();
    build();
    expect(
      propertiesOf(stack, 'AWS::ApplicationAutoScaling::ScalableTarget', 'BothServiceTaskCountTarget'),
    ).toMatchObject({ MinCapacity: 1, MaxCapacity: 10 });
  });

  it('rejects what processWithFargate rejects, in its own name', () => {
    const { build } = setup();
    const misspelt = { maxTask: 3, cpu: 300 } as Partial<FargateWorkerProps>;
    expect(refusalOf(() => build(misspelt))).toMatchInlineSnapshot(`
     "FargateWorker at 'Shop/Both' can't be built:
       - 'maxTask' is no option: did you mean 'maxTasks'?
       - cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, got 300"
    `);
  });
});
