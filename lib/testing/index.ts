export {
  createLocalAws,
  LOCAL_AWS_DEFAULTS,
  type LocalAws,
  type LocalAwsOptions,
  type LocalClientConfig,
} from './local-aws.js';
export type { CallLog, CallRecord } from '../emulator/calls.js';
export type { FaultEffect, FaultMoment, FaultRule, Faults } from '../emulator/faults.js';
export { deployAssembly, type Deployment } from '../local/deploy.js';
export type { DeployEvent, DeployOptions } from '../local/deploy-options.js';
export type { AwsCredentials, AwsTarget } from '../local/aws-clients.js';
export type { DeployedResource, NotApplied, NotCreated } from '../local/stack-creation.js';
export { drawTopology } from '../local/topology-drawing.js';
export { readTopology } from '../local/topology-reader.js';
export type { Topology, TopologyEdge, TopologyNode } from '../local/topology.js';
