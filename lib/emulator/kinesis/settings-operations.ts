import { limitOf } from '../../contract/limits.js';
import type { ApiResult } from '../engine.js';
import { answer, refuse, toTimestamp } from './answers.js';
import { list, required, structure, text, whole } from './fields.js';
import { operation, STREAM_REFERENCE, streamArn } from './operation.js';
import { changeIdleStream, distribution, maxRecordKiB, streamMode } from './stream-operations.js';
import { HOUR_MS, type KinesisState, type Stream } from './stream-state.js';
import { beginChange, findStream } from './streams.js';

const retentionHours = required(whole({ min: -1, max: limitOf('kinesis.retention.max') }));

/** IncreaseStreamRetentionPeriod. */
export const increaseRetention = operation(
  { ...STREAM_REFERENCE, RetentionPeriodHours: retentionHours },
  (state, input, now) =>
    changeIdleStream(state, input, (stream) =>
      input.RetentionPeriodHours < stream.retentionHours
        ? refuse(
            'InvalidArgumentException',
            `Requested retention period (${input.RetentionPeriodHours} hours) for stream ${stream.name} can not be shorter than existing retention period (${stream.retentionHours} hours). Use DecreaseRetentionPeriod API.`,
          )
        : setRetention(state, stream, input.RetentionPeriodHours, now),
    ),
);

/** DecreaseStreamRetentionPeriod: what falls out of it is gone at once. */
export const decreaseRetention = operation(
  { ...STREAM_REFERENCE, RetentionPeriodHours: retentionHours },
  (state, input, now) =>
    changeIdleStream(state, input, (stream) =>
      input.RetentionPeriodHours > stream.retentionHours
        ? refuse(
            'InvalidArgumentException',
            `Requested retention period (${input.RetentionPeriodHours} hours) for stream ${stream.name} can not be longer than existing retention period (${stream.retentionHours} hours). Use IncreaseRetentionPeriod API.`,
          )
        : setRetention(state, stream, input.RetentionPeriodHours, now),
    ),
);

function setRetention(state: KinesisState, stream: Stream, hours: number, now: number): ApiResult {
  const min = limitOf('kinesis.retention.min');
  if (hours < min)
    return refuse('InvalidArgumentException', `Minimum allowed retention period is ${min} hours.`);
  stream.retentionHours = hours;
  beginChange(state, stream, { kind: 'activate' }, { status: 'UPDATING', now });
  return answer();
}

/** UpdateMaxRecordSize. */
export const updateMaxRecordSize = operation(
  { StreamARN: required(streamArn), MaxRecordSizeInKiB: required(maxRecordKiB) },
  (state, input, now) =>
    changeIdleStream(state, input, (stream) => {
      stream.maxRecordKiB = input.MaxRecordSizeInKiB;
      beginChange(state, stream, { kind: 'activate' }, { status: 'UPDATING', now });
      return answer();
    }),
);

/** How often in 24 hours a stream may switch between modes. */
const MODE_CHANGES_PER_DAY = 2;

/** UpdateStreamMode: twice in 24 hours. */
export const updateStreamMode = operation(
  {
    StreamARN: required(streamArn),
    StreamModeDetails: required(streamMode),
    WarmThroughputMiBps: whole({ min: 0, max: 10_240 }),
  },
  (state, input, now) =>
    changeIdleStream(state, input, (stream) => {
      const mode = input.StreamModeDetails.StreamMode;
      const recent = stream.modeChangedAt.filter((at) => now - at < 24 * HOUR_MS);
      if (mode !== stream.mode && recent.length >= MODE_CHANGES_PER_DAY)
        return refuse(
          'LimitExceededException',
          `Stream ${stream.name} switched its capacity mode ${MODE_CHANGES_PER_DAY} times in 24 hours already.`,
        );
      if (mode !== stream.mode) stream.modeChangedAt = [...recent, now];
      stream.mode = mode;
      if (mode === 'PROVISIONED') stream.distribution = 'USER_PARTITION_KEY';
      beginChange(state, stream, { kind: 'activate' }, { status: 'UPDATING', now });
      return answer();
    }),
);

/** UpdateStreamRecordDistributionStrategy: AUTO spreads records without their keys, on on-demand streams only. */
export const updateDistribution = operation(
  { StreamARN: required(streamArn), RecordDistributionStrategy: required(distribution) },
  (state, input, now) =>
    changeIdleStream(state, input, (stream) => {
      if (stream.mode === 'PROVISIONED' && input.RecordDistributionStrategy === 'AUTO')
        return refuse(
          'ValidationException',
          'RecordDistributionStrategy AUTO needs a stream in ON_DEMAND mode.',
        );
      stream.distribution = input.RecordDistributionStrategy;
      beginChange(state, stream, { kind: 'activate' }, { status: 'UPDATING', now });
      return answer();
    }),
);

/** UpdateStreamWarmThroughput: for accounts with On-demand Advantage. */
export const updateWarmThroughput = operation(
  { ...STREAM_REFERENCE, WarmThroughputMiBps: required(whole({ min: 0, max: 10_240 })) },
  (state, input, now) =>
    changeIdleStream(state, input, (stream) => {
      if (state.advantageSince === undefined || stream.mode === 'PROVISIONED')
        return refuse(
          'ValidationException',
          'Warm throughput needs an ON_DEMAND stream and On-demand Advantage in the account.',
        );
      const warm = input.WarmThroughputMiBps;
      stream.warmThroughputMiBps = warm;
      beginChange(state, stream, { kind: 'activate' }, { status: 'UPDATING', now });
      return answer({
        StreamName: stream.name,
        StreamARN: stream.arn,
        WarmThroughput: { TargetMiBps: warm, CurrentMiBps: warm },
      });
    }),
);

const encryption = {
  ...STREAM_REFERENCE,
  EncryptionType: required(text({ oneOf: ['NONE', 'KMS'] })),
  KeyId: required(text({ min: 1, max: 2_048 })),
} as const;

/** StartStreamEncryption: records put from then on say KMS. */
export const startEncryption = operation(encryption, (state, input, now) =>
  changeIdleStream(state, input, (stream) => {
    if (input.EncryptionType === 'NONE')
      return refuse('InvalidArgumentException', 'EncryptionType must be KMS to start encryption.');
    beginChange(state, stream, { kind: 'encrypt', keyId: input.KeyId }, { status: 'UPDATING', now });
    return answer();
  }),
);

/** StopStreamEncryption. */
export const stopEncryption = operation(encryption, (state, input, now) =>
  changeIdleStream(state, input, (stream) => {
    beginChange(state, stream, { kind: 'encrypt', keyId: undefined }, { status: 'UPDATING', now });
    return answer();
  }),
);

const METRICS = [
  'IncomingBytes',
  'IncomingRecords',
  'OutgoingBytes',
  'OutgoingRecords',
  'WriteProvisionedThroughputExceeded',
  'ReadProvisionedThroughputExceeded',
  'IteratorAgeMilliseconds',
] as const;

const monitoring = {
  ...STREAM_REFERENCE,
  ShardLevelMetrics: required(list(text({ oneOf: [...METRICS, 'ALL'] }), { min: 1, max: 7 })),
} as const;

const setMonitoring = (isOn: boolean): ReturnType<typeof operation> =>
  operation(monitoring, (state, input) => {
    const found = findStream(state, input);
    if (found.kind === 'fault') return found;
    const { stream } = found;
    const current = [...stream.monitoring];
    const named = input.ShardLevelMetrics.includes('ALL') ? METRICS : input.ShardLevelMetrics;
    for (const metric of named) {
      if (isOn) stream.monitoring.add(metric);
      else stream.monitoring.delete(metric);
    }
    return answer({
      StreamName: stream.name,
      StreamARN: stream.arn,
      CurrentShardLevelMetrics: current,
      DesiredShardLevelMetrics: [...stream.monitoring],
    });
  });

/** EnableEnhancedMonitoring: kept and told, nothing is measured. */
export const enableMonitoring = setMonitoring(true);
/** DisableEnhancedMonitoring. */
export const disableMonitoring = setMonitoring(false);

/** DescribeAccountSettings. */
export const describeAccountSettings = operation({}, (state) => answer(describeCommitment(state)));

/** UpdateAccountSettings: the commitment that makes On-demand Advantage. */
export const updateAccountSettings = operation(
  {
    MinimumThroughputBillingCommitment: required(
      structure({ Status: required(text({ oneOf: ['ENABLED', 'DISABLED'] })) }),
    ),
  },
  (state, input, now) => {
    const isOn = input.MinimumThroughputBillingCommitment.Status === 'ENABLED';
    state.advantageSince = isOn ? (state.advantageSince ?? now) : undefined;
    return answer(describeCommitment(state));
  },
);

const describeCommitment = (state: KinesisState): Readonly<Record<string, unknown>> => ({
  MinimumThroughputBillingCommitment:
    state.advantageSince === undefined
      ? { Status: 'DISABLED' }
      : {
          Status: 'ENABLED',
          StartedAt: toTimestamp(state.advantageSince),
          EarliestAllowedEndAt: toTimestamp(state.advantageSince + 24 * HOUR_MS),
        },
});
