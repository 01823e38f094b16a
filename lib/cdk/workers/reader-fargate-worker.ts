import { Duration, Stack, Token, type ResourceEnvironment } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { refuseAll } from '../../core/errors.js';
import { unknownNames } from '../../core/options.js';
import type { IBoundResource } from '../bound-resource.js';
import { checkSeconds, type Checked } from '../bounds.js';
import { isOther } from '../foreign-account.js';
import { compileFargateWorker, optionsForWork } from './compile-fargate-worker.js';
import { FARGATE_WORKER_OPTIONS, type FargateWorkerOptions } from './fargate-worker-options.js';
import { FargateWorker } from './fargate-worker.js';
import { scaleByLag } from './lag-scaling.js';
import { networkViolations } from './worker-network.js';

/** How a program on Fargate reads a stream, and how its tasks are counted. */
export interface ReaderFargateOptions extends FargateWorkerOptions {
  /**
   * How far the reader may be behind before more tasks are wanted. 10 seconds to 12 hours, below the lag at which the
   * alarm rings.
   *
   * @default Duration.minutes(1)
   */
  readonly acceptableLag?: Duration;
}

/** What a reader service is when nothing is said. */
export const READER_FARGATE_DEFAULTS = Object.freeze({
  acceptableLag: Duration.minutes(1),
  /** `drainTimeoutMs` of our reader. */
  drainSeconds: 30,
  /** On demand a new stream has four shards, and a task more than shards has nothing to do. */
  maxTasks: 4,
});

/** What a reader's service is told of it. */
export interface ReadStream {
  /** Shards of the stream, where they are known. */
  readonly shards: number | undefined;
  readonly lag: Metric;
  readonly lagAlarmSeconds: number;
  readonly encryptionKey: IKey | undefined;
  readonly place: ResourceEnvironment;
  grantRead(grantee: IGrantable): unknown;
}

const OPTIONS = { ...FARGATE_WORKER_OPTIONS, acceptableLag: true } satisfies Record<
  keyof ReaderFargateOptions,
  true
>;

/** Makes the service that reads a stream. */
export function attachReaderService(
  reader: Construct & IBoundResource,
  options: ReaderFargateOptions,
  stream: ReadStream,
): FargateWorker {
  const { drainSeconds, maxTasks } = READER_FARGATE_DEFAULTS;
  const shards = Token.isUnresolved(stream.shards) ? undefined : stream.shards;
  const most = shards ?? maxTasks;
  const { acceptableLag, ...given } = options;
  const program = optionsForWork(given, { drainSeconds, maxTasks: most });
  const { compiled, violations } = compileFargateWorker(program);
  const lag = lagOf(options, stream.lagAlarmSeconds);
  const path = `processWithFargate of '${reader.node.path}' can't be used`;
  refuseAll(path, [
    ...unknownNames(options, Object.keys(OPTIONS)),
    ...violations,
    ...lag.violations,
    ...metricViolations(Stack.of(reader), stream.place),
    ...(compiled.minTasks === 0
      ? [
          'minTasks must be at least 1: a stream that nobody reads reports no lag, so nothing would ever start a task',
        ]
      : []),
    ...(shards !== undefined && compiled.maxTasks > most
      ? [
          `maxTasks must not be over the ${most} shards of the stream, which one task each can read, got ${compiled.maxTasks}`,
        ]
      : []),
    ...(reader.node.tryFindChild('Worker') === undefined
      ? []
      : ['the reader has a service already: add another reader, or let it have more tasks (maxTasks)']),
  ]);
  refuseAll(path, networkViolations(options));
  const worker = new FargateWorker(reader, 'Worker', {
    ...program,
    resources: [reader],
    ...(stream.encryptionKey && { encryptionKey: stream.encryptionKey }),
  });
  stream.grantRead(worker);
  scaleByLag(worker, { lag: stream.lag, acceptableLagSeconds: lag.value });
  return worker;
}

/** Tasks follow the lag of the stream, which CloudWatch has where the stream is. */
const metricViolations = (own: Stack, theirs: ResourceEnvironment): string[] =>
  (['account', 'region'] as const)
    .filter((place) => isOther(theirs[place], own[place]))
    .map(
      (place) =>
        `the stream is in another ${place} (${theirs[place]}, not ${own[place]}), whose metrics no scaling policy here can see: run the service there, or give your own service the reader's bindingEnvironment and grantRead`,
    );

function lagOf(options: ReaderFargateOptions, lagAlarmSeconds: number): Checked {
  const max = Token.isUnresolved(lagAlarmSeconds) ? 43_200 : Math.min(43_200, lagAlarmSeconds);
  const lag = checkSeconds('acceptableLag', options.acceptableLag ?? READER_FARGATE_DEFAULTS.acceptableLag, {
    min: 10,
    max,
    words: `10 seconds to ${max} seconds, below the lag at which the alarm rings`,
  });
  return Token.isUnresolved(lag.value)
    ? {
        value: Number.NaN,
        violations: [
          'acceptableLag must be known at synth: the thresholds of scaling are calculated with it',
        ],
      }
    : lag;
}
