import { Duration, Stack, aws_ecs as ecs, aws_iam as iam, aws_logs as logs } from 'aws-cdk-lib';
import type { Connections, IConnectable } from 'aws-cdk-lib/aws-ec2';
import type {
  CapacityProviderStrategy,
  ContainerDefinition,
  ICluster,
  ScalableTaskCount,
} from 'aws-cdk-lib/aws-ecs';
import type { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { TASK_PROTECTION_VARIABLE } from '../../contract/binding.js';
import { refuseAll } from '../../core/errors.js';
import { unknownNames } from '../../core/options.js';
import type { IBoundResource } from '../bound-resource.js';
import { createLogGroup } from '../posture/posture-log-group.js';
import { compileFargateWorker, type CompiledFargateWorker } from './compile-fargate-worker.js';
import {
  FARGATE_WORKER_DEFAULTS,
  FARGATE_WORKER_OPTIONS,
  type FargateWorkerOptions,
} from './fargate-worker-options.js';
import { imageOf } from './worker-image.js';
import { createSecurityGroup, networkViolations, subnetsOf, warnOfNetwork } from './worker-network.js';

/** Properties of a {@link FargateWorker}. */
export interface FargateWorkerProps extends FargateWorkerOptions {
  /** What the program works on. It finds their bindings in its environment. */
  readonly resources: readonly IBoundResource[];

  /**
   * The key of what it works on, for a log group of its own where the posture wants a customer's.
   *
   * @default - the key of the stack
   */
  readonly encryptionKey?: IKey;
}

/**
 * A service of worker tasks: no port, no load balancer, deployments that roll back by themselves, a stop that is longer
 * than the program's drain. Made by `processWithFargate` of a queue or of a stream's reader, which also grant and scale it.
 */
export class FargateWorker extends Construct implements IConnectable, IGrantable {
  /** The service. Its tasks are counted by {@link scaling}, so it states no number of its own. */
  readonly service: ecs.FargateService;

  /** What a task is; `taskRole` has the rights of the work. */
  readonly taskDefinition: ecs.FargateTaskDefinition;

  /** The one container. */
  readonly container: ContainerDefinition;

  /** Where it logs to. */
  readonly logGroup: ILogGroup;

  /** How many tasks run; more rules can be added to it. */
  readonly scaling: ScalableTaskCount;

  constructor(scope: Construct, id: string, props: FargateWorkerProps) {
    super(scope, id);
    const { resources, encryptionKey, ...options } = props;
    const compiled = this.compile(options);
    this.logGroup =
      options.logGroup ??
      createLogGroup(this, 'Logs', {
        retention: options.logRetention ?? logs.RetentionDays.ONE_MONTH,
        encryptionKey,
      });
    this.taskDefinition = new ecs.FargateTaskDefinition(this, 'TaskDefinition', {
      cpu: compiled.cpu,
      memoryLimitMiB: compiled.memoryLimitMiB,
      runtimePlatform: {
        cpuArchitecture: ecs.CpuArchitecture[architectureOf(options)],
        operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
      },
    });
    this.container = this.createContainer(options, { compiled, resources });
    this.service = this.createService(options, compiled);
    this.scaling = this.service.autoScaleTaskCount({
      minCapacity: compiled.minTasks,
      maxCapacity: compiled.maxTasks,
    });
    if (options.targetCpuPercent !== undefined) {
      // Outwards only: an idle CPU says nothing of what waits.
      this.scaling.scaleOnCpuUtilization('Cpu', {
        targetUtilizationPercent: options.targetCpuPercent,
        disableScaleIn: true,
      });
    }
    if (options.taskProtection === true) this.letProtectItself(options);
  }

  /** The tasks as a network peer: `worker.connections.allowTo(database, Port.tcp(5432))`. */
  get connections(): Connections {
    return this.service.connections;
  }

  /** The role of the program. */
  get grantPrincipal(): IPrincipal {
    return this.taskDefinition.taskRole;
  }

  private compile(options: FargateWorkerOptions): CompiledFargateWorker {
    const { compiled, violations } = compileFargateWorker(options);
    refuseAll(`FargateWorker at '${this.node.path}' can't be built`, [
      ...unknownNames(options, Object.keys(FARGATE_WORKER_OPTIONS)),
      ...violations,
    ]);
    refuseAll(`FargateWorker at '${this.node.path}' can't be built`, networkViolations(options));
    return compiled;
  }

  private createContainer(
    options: FargateWorkerOptions,
    { compiled, resources }: { compiled: CompiledFargateWorker; resources: readonly IBoundResource[] },
  ): ContainerDefinition {
    const { image, entry = '', baseImage = FARGATE_WORKER_DEFAULTS.baseImage } = options;
    const cpuArchitecture = architectureOf(options);
    return this.taskDefinition.addContainer('Worker', {
      image: image ?? imageOf({ entry, baseImage, cpuArchitecture }),
      environment: {
        ...Object.fromEntries(
          resources.flatMap(({ bindingEnvironment }) => Object.entries(bindingEnvironment)),
        ),
        ...(options.taskProtection === true && { [TASK_PROTECTION_VARIABLE]: 'true' }),
        ...options.environment,
      },
      logging: ecs.LogDriver.awsLogs({ logGroup: this.logGroup, streamPrefix: 'worker' }),
      stopTimeout: Duration.seconds(compiled.stopTimeoutSeconds),
      readonlyRootFilesystem: options.readonlyRootFilesystem ?? true,
      // Signals reach a program that is started by a shell, and its dead children are collected.
      linuxParameters: new ecs.LinuxParameters(this, 'Linux', { initProcessEnabled: true }),
      ...(options.command && { command: [...options.command] }),
      ...(options.secrets && { secrets: { ...options.secrets } }),
      ...(options.healthCheck && { healthCheck: options.healthCheck }),
    });
  }

  private createService(options: FargateWorkerOptions, compiled: CompiledFargateWorker): ecs.FargateService {
    const { cluster, securityGroups } = options;
    const vpcSubnets = subnetsOf(options);
    warnOfNetwork(this, cluster.vpc, vpcSubnets);
    return new ecs.FargateService(this, 'Service', {
      cluster: cluster as ICluster,
      taskDefinition: this.taskDefinition,
      vpcSubnets,
      assignPublicIp: options.assignPublicIp ?? false,
      securityGroups: securityGroups ? [...securityGroups] : [createSecurityGroup(this, cluster.vpc)],
      circuitBreaker: { enable: true, rollback: true },
      // The old tasks work until the new ones run: a deployment takes no capacity away.
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.ENABLED,
      enableECSManagedTags: true,
      propagateTags: ecs.PropagatedTagSource.SERVICE,
      ...capacityOf(options, compiled),
    });
  }

  /** Tasks of this cluster only: a task's own ARN is not known before it runs. */
  private letProtectItself({ cluster }: FargateWorkerOptions): void {
    this.taskDefinition.taskRole.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: ['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection'],
        resources: [
          Stack.of(this).formatArn({
            service: 'ecs',
            resource: 'task',
            resourceName: `${cluster.clusterName}/*`,
          }),
        ],
      }),
    );
  }
}

const architectureOf = ({ cpuArchitecture }: FargateWorkerOptions): 'X86_64' | 'ARM64' =>
  cpuArchitecture ?? 'X86_64';

function capacityOf(
  { capacity }: FargateWorkerOptions,
  { minTasks }: CompiledFargateWorker,
): { readonly capacityProviderStrategies?: CapacityProviderStrategy[] } {
  const spot = { capacityProvider: 'FARGATE_SPOT', weight: 1 };
  switch (capacity ?? 'ON_DEMAND') {
    case 'ON_DEMAND':
      return {};
    case 'SPOT':
      return { capacityProviderStrategies: [spot] };
    case 'SPOT_ABOVE_MINIMUM':
      return {
        capacityProviderStrategies: [{ capacityProvider: 'FARGATE', base: minTasks, weight: 0 }, spot],
      };
  }
}
