import type { Duration } from 'aws-cdk-lib';
import type { ISecurityGroup, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Cluster, ContainerImage, HealthCheck, ICluster, Secret } from 'aws-cdk-lib/aws-ecs';
import type { ILogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';

/** How a worker program runs on Fargate. */
export interface FargateWorkerOptions {
  /** The cluster it runs on, and by it the VPC. Neither is ever made for you. */
  readonly cluster: ICluster | Cluster;

  /**
   * The image of the program. Either this or `entry`.
   *
   * @default - made of `entry`
   */
  readonly image?: ContainerImage;

  /**
   * The program's source file, `worker.ts` or `worker.js`. It is bundled with what it imports into one file (by the
   * `esbuild` that is installed beside it), and put on `baseImage`; `cdk deploy` builds the image.
   *
   * @default - none: the program comes in `image`
   */
  readonly entry?: string;

  /**
   * The image that a bundled `entry` is put on: it has `node` on its path and a user `node`.
   *
   * @default 'node:22-slim'
   */
  readonly baseImage?: string;

  /**
   * What the container runs.
   *
   * @default - what its image says
   */
  readonly command?: readonly string[];

  /**
   * Environment variables, beside the bindings.
   *
   * @default - the bindings only
   */
  readonly environment?: Readonly<Record<string, string>>;

  /**
   * Environment variables from Secrets Manager or Parameter Store; the task may read exactly those.
   *
   * @default - none
   */
  readonly secrets?: Readonly<Record<string, Secret>>;

  /**
   * CPU units of a task: 256, 512, 1024, 2048, 4096, 8192 or 16384, where 1024 is one vCPU.
   *
   * @default 256
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
   */
  readonly cpu?: number;

  /**
   * Memory of a task in MiB, out of those that Fargate has for its `cpu`.
   *
   * @default - the least there is for `cpu`: 512 for 256, else 2 MiB for each unit
   */
  readonly memoryLimitMiB?: number;

  /**
   * The processor that the image is built for. `ARM64` costs about a fifth less.
   *
   * @default 'X86_64'
   */
  readonly cpuArchitecture?: 'X86_64' | 'ARM64';

  /**
   * Tasks that always run. 0 to 5000; 0 saves the most and makes the first message wait for a task to start, about a
   * minute, and up to 15 minutes more on a queue that was untouched for six hours: SQS sends no metrics of it until it wakes.
   *
   * @default 1
   */
  readonly minTasks?: number;

  /**
   * Tasks that may run at most. 1 to 5000.
   *
   * @default 10 - for a stream its shards, or 4 on demand
   */
  readonly maxTasks?: number;

  /**
   * Also add tasks when they use more than this much of their CPU, on average. 10 to 90. It takes none away: an idle CPU
   * says nothing of what waits.
   *
   * @default - CPU is not looked at
   */
  readonly targetCpuPercent?: number;

  /**
   * How long the program takes to stop after SIGTERM: `drainTimeoutSeconds` and `abortGraceSeconds` of a queue worker, or
   * `drainTimeoutMs` of a stream reader. The task is killed 5 seconds after it. 1 to 115 seconds.
   *
   * @default - what our clients take when they are told nothing: 28 seconds for a queue worker, 30 for a stream reader
   */
  readonly drainTimeout?: Duration;

  /**
   * What the tasks run on. `SPOT` is cheaper and may be taken away with two minutes of warning, `SPOT_ABOVE_MINIMUM` keeps
   * `minTasks` on demand. The cluster needs its Fargate capacity providers for both.
   *
   * @default 'ON_DEMAND'
   */
  readonly capacity?: 'ON_DEMAND' | 'SPOT' | 'SPOT_ABOVE_MINIMUM';

  /**
   * The subnets the tasks run in, in two zones or more.
   *
   * @default - the private subnets with a way out, or the public ones with `assignPublicIp`; a VPC without them is refused
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Whether tasks get public addresses, which public subnets need to reach AWS.
   *
   * @default false
   */
  readonly assignPublicIp?: boolean;

  /**
   * Who may talk to the tasks, and they to whom.
   *
   * @default - a group that lets nobody in and lets out HTTPS only; `worker.connections.allowTo(database)` adds to it
   */
  readonly securityGroups?: readonly ISecurityGroup[];

  /**
   * A command that tells ECS whether the container is well. A worker that ends by itself is replaced without one, and one
   * that hangs shows in the backlog and lag alarms.
   *
   * @default - none: a worker answers no port, so there is nothing honest to ask
   */
  readonly healthCheck?: HealthCheck;

  /**
   * Whether the program can't write to its disk.
   *
   * @default true
   */
  readonly readonlyRootFilesystem?: boolean;

  /**
   * Where the container logs to.
   *
   * @default - a log group of its own, which goes with the worker
   */
  readonly logGroup?: ILogGroup;

  /**
   * How long a log group of its own keeps its lines.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * Whether the program protects its task from scaling in and from deployments while it works, through the agent's endpoint
   * (`ECS_AGENT_URI`). Gives it the right to, and says so to queue workers, which then do it by themselves; other programs
   * find `MILLRACE_TASK_PROTECTION` set to `true`.
   *
   * @default false
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
   */
  readonly taskProtection?: boolean;
}

/** Names of the options every Fargate worker has. */
export const FARGATE_WORKER_OPTIONS = {
  assignPublicIp: true,
  baseImage: true,
  capacity: true,
  cluster: true,
  command: true,
  cpu: true,
  cpuArchitecture: true,
  drainTimeout: true,
  entry: true,
  environment: true,
  healthCheck: true,
  image: true,
  logGroup: true,
  logRetention: true,
  maxTasks: true,
  memoryLimitMiB: true,
  minTasks: true,
  readonlyRootFilesystem: true,
  secrets: true,
  securityGroups: true,
  targetCpuPercent: true,
  taskProtection: true,
  vpcSubnets: true,
} satisfies Record<keyof FargateWorkerOptions, true>;

/** What a Fargate worker is when nothing is said. */
export const FARGATE_WORKER_DEFAULTS = Object.freeze({
  baseImage: 'node:22-slim',
  /** The smallest task: a worker waits for the network most of its time. */
  cpu: 256,
  minTasks: 1,
  maxTasks: 10,
  /** The longer of the drains of our clients: 28 seconds of a queue worker, 30 of a stream reader. */
  drainSeconds: 30,
  /** Between the end of the drain and the kill: the program's last words. */
  stopMarginSeconds: 5,
  /** ECS's own wait before the kill, and the least we ask for. */
  minStopSeconds: 30,
});
