import type { IConstruct } from 'constructs';
import { underMonitoring } from './alarms.js';
import type { Posture, PosturedProps } from './posture/posture.js';
import { underPosture } from './posture/postures.js';

/** The props of a construct with what its scopes decided where they are silent: monitoring, then posture, which may demand it. */
export function settledProps<P extends PosturedProps>(
  construct: IConstruct,
  props: P,
): P & PosturedProps & { readonly posture: Posture } {
  return underPosture(construct, underMonitoring(construct, props));
}
