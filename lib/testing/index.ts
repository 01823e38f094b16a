export { assetHashSerializer, type SnapshotSerializer } from './asset-hashes.js';
export {
  createEmbeddedAws,
  type EmbeddedAws,
  type EmbeddedAwsOptions,
  type EmbeddedClientConfig,
} from './embedded-aws.js';
export {
  createLocalAws,
  LOCAL_AWS_DEFAULTS,
  type LocalAws,
  type LocalAwsOptions,
  type LocalClientConfig,
} from './local-aws.js';
export type {
  SdkAbortSignal,
  SdkHandlerOptions,
  SdkRequest,
  SdkRequestHandler,
  SdkResponse,
} from './request-handler.js';
export {
  createVirtualClock,
  VIRTUAL_CLOCK_DEFAULTS,
  type VirtualClock,
  type VirtualClockOptions,
} from './virtual-clock.js';
export type { InvokeFunction } from '../emulator/outbound.js';
export type { LostDelivery } from '../emulator/sns/deliveries.js';
export type { SnsProtocol } from '../emulator/sns/published-message.js';
export type { OutboxEntry } from '../emulator/sns/outbox.js';
export type { Hazard } from '../emulator/engine.js';
export type { CallLog, CallRecord } from '../emulator/calls.js';
export type { FaultEffect, FaultMoment, FaultRule, Faults } from '../emulator/faults.js';
export { deployAssembly, type Deployment } from '../local/deploy.js';
export type { DeployEvent, DeployOptions } from '../local/deploy-options.js';
export type { AwsCredentials, AwsTarget } from '../local/aws-clients.js';
export type { DeployedResource, NotApplied, NotCreated } from '../local/stack-creation.js';
export { drawTopology } from '../local/topology-drawing.js';
export { readTopology } from '../local/topology-reader.js';
export type {
  Topology,
  TopologyEdge,
  TopologyEdgeKind,
  TopologyNode,
  TopologyNodeKind,
} from '../local/topology.js';
export type { ApiService } from '../emulator/http/route.js';
export type { Clock, Random, Timer } from '../core/clock.js';
