import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-ecs';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Secret as StoredSecret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  WorkQueueWithDLQ,
  type FargateWorker,
  type QueueFargateOptions,
  type WorkQueueWithDLQProps,
} from '../../../lib/cdk/index.js';
import { propertiesOf, refusalOf, rightsOf } from '../declarations.js';
import { createFargateStage, warningsOf, type FargateStage } from '../fargate-stage.js';

interface Setup extends FargateStage {
  readonly builds: WorkQueueWithDLQ;
  readonly worker: FargateWorker;
}

function setup(
  options: Partial<QueueFargateOptions> = {},
  props: WorkQueueWithDLQProps = {},
  stage = createFargateStage(),
): Setup {
  const builds = new WorkQueueWithDLQ(stage.stack, 'Builds', props);
  return {
    ...stage,
    builds,
    worker: builds.processWithFargate({ ...stage.given, ...options }),
  };
}

const service = ({ stack }: FargateStage) => propertiesOf(stack, 'AWS::ECS::Service', 'BuildsWorkerService');
const task = ({ stack }: FargateStage) =>
  propertiesOf(stack, 'AWS::ECS::TaskDefinition', 'BuildsWorkerTaskDefinition');
const container = (stage: FargateStage) =>
  (task(stage)['ContainerDefinitions'] as readonly Readonly<Record<string, unknown>>[])[0] ?? {};
const target = ({ stack }: FargateStage) =>
  propertiesOf(stack, 'AWS::ApplicationAutoScaling::ScalableTarget', 'BuildsWorkerServiceTaskCountTarget');
const policy = ({ stack }: FargateStage, id: string) =>
  propertiesOf(stack, 'AWS::ApplicationAutoScaling::ScalingPolicy', `BuildsWorker${id}Policy`);
const alarm = ({ stack }: FargateStage, id: string) =>
  propertiesOf(stack, 'AWS::CloudWatch::Alarm', `BuildsWorker${id}Alarm`);

interface Tracking {
  readonly TargetValue: number;
  readonly DisableScaleIn: boolean;
  readonly CustomizedMetricSpecification: {
    readonly Metrics: readonly { readonly Expression?: string }[];
  };
}

const tracking = (stage: FargateStage): Tracking =>
  policy(stage, 'Backlog')['TargetTrackingScalingPolicyConfiguration'] as Tracking;

describe('processWithFargate of a queue', () => {
  it('runs a service that rolls back by itself and takes no capacity away while it deploys', () => {
    expect(service(setup())).toMatchObject({
      LaunchType: 'FARGATE',
      AvailabilityZoneRebalancing: 'ENABLED',
      PropagateTags: 'SERVICE',
      DeploymentConfiguration: {
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
      },
    });
  });

  it('leaves the number of tasks to scaling, so that a deployment does not reset it', () => {
    expect(service(setup())).not.toHaveProperty('DesiredCount');
  });

  it('gives the container the binding, a kill after the drain, and a disk it can’t write to', () => {
    const stage = setup({ environment: { LEVEL: 'info' } });
    expect(container(stage)).toMatchObject({
      Image: 'example/worker',
      StopTimeout: 33,
      ReadonlyRootFilesystem: true,
      LinuxParameters: { InitProcessEnabled: true },
      LogConfiguration: { LogDriver: 'awslogs' },
      Environment: [{ Name: 'MILLRACE_QUEUE_BUILDS' }, { Name: 'LEVEL', Value: 'info' }],
    });
    expect(container(stage)).not.toHaveProperty('HealthCheck');
  });

  it('kills a task 5 seconds after the drain it is told of', () => {
    expect(container(setup({ drainTimeout: Duration.seconds(100) }))).toMatchObject({ StopTimeout: 105 });
    expect(container(setup({ drainTimeout: Duration.seconds(1) }))).toMatchObject({ StopTimeout: 30 });
  });

  it('may do what our worker calls, and write its log', () => {
    const { stack } = setup({}, { idempotency: true });
    expect(rightsOf(stack)).toMatchSnapshot();
  });

  it('lets it use the key of the queue', () => {
    const stage = createFargateStage();
    setup({}, { encryptionKey: new Key(stage.stack, 'Key') }, stage);
    expect(rightsOf(stage.stack)).toContain('kms:Decrypt on <Key>');
  });

  it('lets HTTPS out and nobody in', () => {
    const { stack } = setup();
    const group = propertiesOf(stack, 'AWS::EC2::SecurityGroup', 'BuildsWorkerSecurityGroup');
    expect(group).toMatchObject({
      SecurityGroupEgress: [{ FromPort: 443, ToPort: 443, IpProtocol: 'tcp' }],
    });
    expect(group).not.toHaveProperty('SecurityGroupIngress');
  });

  it('makes no VPC and no cluster', () => {
    const { stack } = setup();
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::VPC', 0);
    template.resourceCountIs('AWS::ECS::Cluster', 0);
  });

  it('keeps a month of logs, or writes to the group it is given', () => {
    const own = setup();
    expect(propertiesOf(own.stack, 'AWS::Logs::LogGroup', 'BuildsWorkerLogs')).toEqual({
      RetentionInDays: 30,
    });
    const stage = createFargateStage();
    const logGroup = new LogGroup(stage.stack, 'Given', {
      retention: RetentionDays.ONE_YEAR,
    });
    expect(setup({ logGroup }, {}, stage).worker.logGroup).toBe(logGroup);
    Template.fromStack(stage.stack).resourceCountIs('AWS::Logs::LogGroup', 1);
  });

  it('reads the secrets it is given', () => {
    const stage = createFargateStage();
    const secret = new StoredSecret(stage.stack, 'Token') as ISecret;
    setup({ secrets: { TOKEN: Secret.fromSecretsManager(secret) } }, {}, stage);
    expect(container(stage)).toMatchObject({ Secrets: [{ Name: 'TOKEN' }] });
  });

  it('is of the size, processor and command that are asked for', () => {
    const stage = setup({
      cpu: 1_024,
      memoryLimitMiB: 4_096,
      cpuArchitecture: 'ARM64',
      command: ['node', 'x.js'],
    });
    expect(task(stage)).toMatchObject({
      Cpu: '1024',
      Memory: '4096',
      RuntimePlatform: { CpuArchitecture: 'ARM64' },
    });
    expect(container(stage)).toMatchObject({ Command: ['node', 'x.js'] });
  });

  it.each([
    [256, '512'],
    [512, '1024'],
    [1_024, '2048'],
    [16_384, '32768'],
  ])('takes the least memory there is for %d CPU units', (cpu, memory) => {
    expect(task(setup({ cpu }))).toMatchObject({ Memory: memory });
  });
});

describe('its scaling', () => {
  it('tracks the messages that wait for each running task, outwards only', () => {
    const stage = setup();
    expect(tracking(stage)).toMatchObject({
      TargetValue: 100,
      DisableScaleIn: true,
    });
    const expressions = tracking(stage).CustomizedMetricSpecification.Metrics.map(
      ({ Expression }) => Expression,
    );
    expect(expressions.filter((expression) => expression !== undefined)).toEqual([
      'visible * 0',
      'SUM([tasks, none])',
      'visible / IF(running > 0, running, 1)',
    ]);
  });

  it('counts running tasks by ECS’s free samples', () => {
    const { Metrics } = tracking(setup()).CustomizedMetricSpecification;
    expect(Metrics[1]).toMatchObject({
      Id: 'tasks',
      MetricStat: {
        Metric: { Namespace: 'AWS/ECS', MetricName: 'CPUUtilization' },
        Stat: 'SampleCount',
      },
    });
  });

  it.each<[Partial<QueueFargateOptions>, number]>([
    [{ meanHandlerTime: Duration.seconds(1) }, 3_000],
    [
      {
        meanHandlerTime: Duration.seconds(10),
        concurrency: 1,
        acceptableLatency: Duration.minutes(1),
      },
      6,
    ],
    [{ meanHandlerTime: Duration.minutes(10), concurrency: 1 }, 0.5],
    [{ backlogPerTask: 7 }, 7],
  ])('wants so many messages for each task as it works off in the latency: %j', (options, expected) => {
    expect(tracking(setup(options)).TargetValue).toBe(expected);
  });

  it('scales in by what waits and what is in flight, when the rest of the tasks could carry it', () => {
    const stage = setup();
    expect(alarm(stage, 'ScaleIn')).toMatchObject({
      ComparisonOperator: 'LessThanOrEqualToThreshold',
      Threshold: 75,
      EvaluationPeriods: 15,
      DatapointsToAlarm: 15,
      Metrics: expect.arrayContaining([
        expect.objectContaining({
          Expression: '(visible + inflight) / IF(running > 1, running - 1, 0.000001)',
          ReturnData: true,
        }),
      ]) as unknown,
    });
    expect(policy(stage, 'ScaleIn')).toMatchObject({
      StepScalingPolicyConfiguration: {
        AdjustmentType: 'ChangeInCapacity',
        StepAdjustments: [{ MetricIntervalUpperBound: 0, ScalingAdjustment: -1 }],
      },
    });
  });

  it('does not take a task away while the slots of the others are full', () => {
    const options = {
      meanHandlerTime: Duration.minutes(10),
      concurrency: 4,
      acceptableLatency: Duration.minutes(1),
    };
    expect(alarm(setup(options), 'ScaleIn')).toMatchObject({ Threshold: 3 });
  });

  it('starts the first task by a step, where there may be none', () => {
    const stage = setup({ minTasks: 0, maxTasks: 3 });
    expect(target(stage)).toMatchObject({ MinCapacity: 0, MaxCapacity: 3 });
    expect(alarm(stage, 'FromZero')).toMatchObject({
      Threshold: 1,
      EvaluationPeriods: 1,
    });
    expect(policy(stage, 'FromZero')).toMatchObject({
      StepScalingPolicyConfiguration: {
        StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
      },
    });
  });

  it('has no such step where a task always runs', () => {
    Template.fromStack(setup().stack).resourceCountIs('AWS::ApplicationAutoScaling::ScalingPolicy', 2);
  });

  it('looks at CPU only when asked, and takes no task away by it', () => {
    const { stack } = setup({ targetCpuPercent: 60 });
    Template.fromStack(stack).hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      TargetTrackingScalingPolicyConfiguration: {
        DisableScaleIn: true,
        PredefinedMetricSpecification: {
          PredefinedMetricType: 'ECSServiceAverageCPUUtilization',
        },
        TargetValue: 60,
      },
    });
  });

  it.each<[QueueFargateOptions['capacity'], unknown]>([
    ['SPOT', [{ CapacityProvider: 'FARGATE_SPOT', Weight: 1 }]],
    [
      'SPOT_ABOVE_MINIMUM',
      [
        { CapacityProvider: 'FARGATE', Base: 2, Weight: 0 },
        { CapacityProvider: 'FARGATE_SPOT', Weight: 1 },
      ],
    ],
  ])('runs on %s', (capacity = 'SPOT', strategy) => {
    const properties = service(setup({ capacity, minTasks: 2 }));
    expect(properties).toMatchObject({ CapacityProviderStrategy: strategy });
    expect(properties).not.toHaveProperty('LaunchType');
  });

  it('may protect its tasks, those of its cluster only', () => {
    const { stack } = setup({ taskProtection: true });
    expect(rightsOf(stack).filter((right) => right.startsWith('ecs:'))).toEqual([
      expect.stringMatching(/^ecs:GetTaskProtection on .*:task\/.*Cluster.*\/\*$/),
      expect.stringMatching(/^ecs:UpdateTaskProtection on .*:task\/.*Cluster.*\/\*$/),
    ]);
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          Environment: Match.arrayWith([{ Name: 'MILLRACE_TASK_PROTECTION', Value: 'true' }]),
        }),
      ],
    });
  });
});

describe('its network', () => {
  it('takes public subnets with public addresses when asked', () => {
    const stage = createFargateStage(undefined, { subnetType: SubnetType.PUBLIC });
    setup({ assignPublicIp: true }, {}, stage);
    expect(service(stage)).toMatchObject({
      NetworkConfiguration: {
        AwsvpcConfiguration: { AssignPublicIp: 'ENABLED' },
      },
    });
  });

  it('warns of the endpoints that isolated subnets need', () => {
    const stage = createFargateStage(undefined, { subnetType: SubnetType.PRIVATE_ISOLATED });
    setup({ vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED } }, {}, stage);
    expect(warningsOf(stage.app)).toContain('millrace:FargateWorker.endpoints');
  });

  it('warns of a single zone', () => {
    const stage = createFargateStage(undefined, { maxAzs: 1 });
    setup({}, {}, stage);
    expect(warningsOf(stage.app)).toContain('millrace:FargateWorker.singleZone');
  });

  it('has nothing to warn of in private subnets of two zones', () => {
    const stage = createFargateStage();
    setup({}, {}, stage);
    expect(warningsOf(stage.app).filter((id) => id.startsWith('millrace:'))).toEqual([]);
  });

  it.each([SubnetType.PRIVATE_ISOLATED, SubnetType.PUBLIC])(
    'rejects a VPC of %s subnets when nothing was said of a way out',
    (subnetType) => {
      const stage = createFargateStage(undefined, { subnetType });
      expect(refusalOf(() => setup({}, {}, stage))).toContain(
        'vpcSubnets must be given, since the VPC of the cluster has no private subnets with a way out',
      );
    },
  );

  it('rejects public addresses without public subnets', () => {
    const stage = createFargateStage(undefined, { subnetType: SubnetType.PRIVATE_ISOLATED });
    expect(refusalOf(() => setup({ assignPublicIp: true }, {}, stage))).toContain(
      'assignPublicIp needs public subnets',
    );
  });
});

describe('a bundled entry', () => {
  function writeEntry(): string {
    // Inside the project, where esbuild is found beside it.
    const directory = mkdtempSync(join(process.cwd(), 'test/cdk/workers/.entry-'));
    entries.push(directory);
    const entry = join(directory, 'worker.ts');
    writeFileSync(
      entry,
      "import { join } from 'node:path';\nconsole.log(join('a', 'b') as string);\nawait 0;\n",
    );
    return entry;
  }
  const entries: string[] = [];

  afterEach(() => {
    for (const directory of entries.splice(0)) rmSync(directory, { recursive: true, force: true });
  });

  it('becomes an image of one file on a base image', () => {
    const stage = createFargateStage();
    const builds = new WorkQueueWithDLQ(stage.stack, 'Builds');
    builds.processWithFargate({
      cluster: stage.given.cluster,
      entry: writeEntry(),
    });
    const { directory } = stage.app.synth();
    const asset = readdirSync(directory)
      .map((name) => join(directory, name))
      .find((path) => statSync(path).isDirectory() && readdirSync(path).includes('Dockerfile'));
    expect(readdirSync(asset ?? '').sort()).toEqual(['Dockerfile', 'worker.mjs']);
    expect(readFileSync(join(asset ?? '', 'Dockerfile'), 'utf8')).toBe(
      'FROM node:22-slim\nWORKDIR /app\nCOPY worker.mjs ./\nUSER node\nCMD ["node", "worker.mjs"]\n',
    );
    expect(readFileSync(join(asset ?? '', 'worker.mjs'), 'utf8')).not.toContain('as string');
  });

  it('rejects an entry without an esbuild beside it', () => {
    const stage = createFargateStage();
    const directory = mkdtempSync(join(tmpdir(), 'millrace-entry-'));
    entries.push(directory);
    const builds = new WorkQueueWithDLQ(stage.stack, 'Builds');
    const call = () =>
      builds.processWithFargate({
        cluster: stage.given.cluster,
        entry: join(directory, 'worker.ts'),
      });
    expect(refusalOf(call)).toContain('since no esbuild is installed beside it');
  });
});

describe('bad options of a Fargate worker', () => {
  it('rejects every violation at once', () => {
    const stage = createFargateStage();
    const options = {
      cluster: undefined,
      image: undefined,
      baseImage: 'x',
      environment: { MILLRACE_QUEUE_BUILDS: '{}' },
      cpu: 300,
      minTasks: 7,
      maxTasks: 5,
      drainTimeout: Duration.minutes(3),
      capacity: 'SPOTS',
      cpuArchitecture: 'ARM',
      targetCpuPercent: 95,
      taskProtection: 'yes',
      concurrency: 0,
      backlogPerTask: 0,
      meanHandlerTime: Duration.seconds(1),
      desiredCount: 3,
    } as unknown as QueueFargateOptions;
    expect(refusalOf(() => setup(options, {}, stage))).toMatchInlineSnapshot(`
     "processWithFargate of 'Shop/Builds' can't be used:
       - 'desiredCount' is no option: known options are assignPublicIp, baseImage, capacity, cluster, command, cpu, cpuArchitecture, drainTimeout, entry, environment, healthCheck, image, logGroup, logRetention, maxTasks, memoryLimitMiB, minTasks, readonlyRootFilesystem, secrets, securityGroups, targetCpuPercent, taskProtection, vpcSubnets, acceptableLatency, backlogPerTask, concurrency, meanHandlerTime
       - cluster must be an ECS cluster, got nothing
       - one of image and entry must be given, got neither: entry is a source file to be bundled
       - baseImage is for entry: an image of your own has its base already
       - environment must not set 'MILLRACE_QUEUE_BUILDS': bindings are written by the constructs
       - cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, got 300
       - minTasks must not be over maxTasks (5), got 7
       - drainTimeout must be 1 to 115 seconds, since Fargate kills a task 120 seconds after SIGTERM at the latest, got 3 minutes
       - capacity must be one of ON_DEMAND, SPOT, SPOT_ABOVE_MINIMUM, got 'SPOTS': did you mean 'SPOT'?
       - cpuArchitecture must be one of X86_64, ARM64, got 'ARM': did you mean 'ARM64'?
       - targetCpuPercent must be a whole number, 10 to 90, got 95
       - taskProtection must be true or false, got 'yes'
       - concurrency must be a whole number, 1 to 1000, got 0
       - backlogPerTask must be a whole number, 1 to 1000000, got 0
       - meanHandlerTime must be left out where backlogPerTask is given: that is made of it"
    `);
  });

  it.each([
    [256, 1_536, '512, 1024 or 2048'],
    [512, 512, '1024 to 4096 in steps of 1024'],
    [8_192, 17_000, '16384 to 61440 in steps of 4096'],
  ])('rejects %d CPU units with %d MiB', (cpu, memoryLimitMiB, words) => {
    expect(refusalOf(() => setup({ cpu, memoryLimitMiB }))).toContain(
      `memoryLimitMiB must be ${words} for ${cpu} CPU units, got ${memoryLimitMiB}`,
    );
  });

  it('rejects image and entry together', () => {
    expect(refusalOf(() => setup({ entry: 'worker.ts' }))).toContain(
      'one of image and entry must be given, got both',
    );
  });

  it('rejects a second worker of a queue', () => {
    const { builds, given } = setup();
    expect(refusalOf(() => builds.processWithFargate(given))).toContain(
      'the queue has a Fargate worker already',
    );
  });

  it('rejects tokens where thresholds are calculated', () => {
    const token = Duration.seconds(Token.asNumber({ Ref: 'Seconds' }));
    const refusal = refusalOf(() =>
      setup({
        acceptableLatency: token,
        meanHandlerTime: token,
        drainTimeout: token,
        concurrency: token.toSeconds(),
      }),
    );
    for (const name of ['acceptableLatency', 'meanHandlerTime', 'drainTimeout', 'concurrency']) {
      expect(refusal).toContain(`${name} must be known at synth`);
    }
  });

  it('asks for meanHandlerTime where the handler timeout is a token', () => {
    const handlerTimeout = Duration.seconds(Token.asNumber({ Ref: 'Seconds' }));
    const props = { handlerTimeout, visibilityTimeout: Duration.minutes(5) };
    expect(refusalOf(() => setup({}, props))).toContain('meanHandlerTime must be known at synth');
    expect(tracking(setup({ meanHandlerTime: Duration.seconds(30) }, props)).TargetValue).toBe(100);
  });

  it('takes tokens for the number of tasks', () => {
    const number = Token.asNumber({ Ref: 'Number' });
    const stage = setup({ minTasks: number, maxTasks: number });
    expect(target(stage)).toMatchObject({
      MinCapacity: { Ref: 'Number' },
      MaxCapacity: { Ref: 'Number' },
    });
    expect(alarm(stage, 'FromZero')).toMatchObject({ Threshold: 1 });
  });

  it('warns of handlers that outlive the stop, unless their task can be protected', () => {
    const long = { handlerTimeout: Duration.minutes(10) };
    expect(warningsOf(setup({}, long).app)).toContain('millrace:FargateWorker.longHandlers');
    expect(warningsOf(setup({ taskProtection: true }, long).app)).not.toContain(
      'millrace:FargateWorker.longHandlers',
    );
  });
});
