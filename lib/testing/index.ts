export {
  createLocalAws,
  LOCAL_AWS_DEFAULTS,
  type LocalAws,
  type LocalAwsOptions,
  type LocalClientConfig,
} from './local-aws.js';
export type { CallLog, CallRecord } from '../emulator/calls.js';
export type { FaultEffect, FaultMoment, FaultRule, Faults } from '../emulator/faults.js';
