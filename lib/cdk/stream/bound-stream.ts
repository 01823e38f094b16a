import type { Duration } from 'aws-cdk-lib';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { IConstruct } from 'constructs';
import type { StreamBinding } from '../../contract/binding.js';
import type { IBoundResource } from '../bound-resource.js';
import type { StreamCapacity } from './stream-capacity.js';

/** What readers and archives must know of a stream, whoever manages it. */
export interface IBoundStream extends IConstruct, IBoundResource {
  /** The stream. */
  readonly stream: IStream;

  /** What producers and functions read: name, ARN, record, retention and the largest record it takes. */
  readonly binding: StreamBinding;

  /** How far a reader may be behind before its alarm rings. */
  readonly lagAlarmAge: Duration;

  /**
   * Its capacity.
   *
   * @default - another app decides it
   */
  readonly capacity?: StreamCapacity;
}
