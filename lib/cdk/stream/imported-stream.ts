import { aws_kinesis as kinesis, aws_kms as kms, Duration, type Size } from 'aws-cdk-lib';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import { Construct } from 'constructs';
import type { StreamBinding } from '../../contract/binding.js';
import type { RecordDefinition } from '../../contract/record.js';
import { refuseAll } from '../../core/errors.js';
import { unknownNames } from '../../core/options.js';
import { environmentOf, referenceTo } from '../bound-resource.js';
import type { IBoundStream } from './bound-stream.js';
import { compileShardedStream, type CompiledShardedStream } from './sharded-stream-options.js';
import { grantProduce } from './stream-grants.js';
import { StreamReader, type ReaderOptions } from './stream-reader.js';

/** A stream with named readers, of this app or imported. */
export interface IShardedStream extends IBoundStream {
  /**
   * Adds a named reader: an application that reads the whole stream at its own pace, with its own leases and checkpoints.
   * @param id the reader's name; renaming it starts it over
   * @throws {INVALID_OPTIONS} misspelt or impossible options
   */
  addReader(id: string, options?: ReaderOptions): StreamReader;

  /** Lets a producer put records, and use the stream's key if it has one. */
  grantProduce(grantee: IGrantable): Grant;
}

/** What is known of a stream that another app manages. */
export interface ShardedStreamAttributes {
  /** The stream. Its Region and account are read off it. */
  readonly streamArn: string;

  /** The record this stream carries. */
  readonly record: RecordDefinition;

  /**
   * How long records can be read there.
   *
   * @default Duration.days(7)
   */
  readonly retentionPeriod?: Duration;

  /**
   * The largest record the stream takes.
   *
   * @default Size.mebibytes(1)
   */
  readonly maxRecordSize?: Size;

  /**
   * The customer managed key of the stream, which producers and readers must be allowed to use.
   *
   * @default - none
   */
  readonly encryptionKeyArn?: string;

  /**
   * The name clients ask for.
   *
   * @default - the construct's id
   */
  readonly bindingName?: string;
}

const ATTRIBUTES = {
  bindingName: true,
  encryptionKeyArn: true,
  maxRecordSize: true,
  record: true,
  retentionPeriod: true,
  streamArn: true,
} satisfies Record<keyof ShardedStreamAttributes, true>;

/** A stream of another app. Made by `ShardedStream.fromShardedStreamAttributes`. */
export class ImportedShardedStream extends Construct implements IShardedStream {
  readonly stream: IStream;
  readonly binding: StreamBinding;
  private readonly settings: CompiledShardedStream;

  constructor(scope: Construct, id: string, attributes: ShardedStreamAttributes) {
    super(scope, id);
    const { streamArn, encryptionKeyArn, record, retentionPeriod, maxRecordSize } = attributes;
    refuseAll(
      `stream '${this.node.path}' can't be imported`,
      unknownNames(attributes, Object.keys(ATTRIBUTES)),
    );
    this.settings = compileShardedStream(this.node.path, {
      record,
      ...(retentionPeriod && { retentionPeriod }),
      ...(maxRecordSize && { maxRecordSize }),
    });
    this.stream = kinesis.Stream.fromStreamAttributes(this, 'Default', {
      streamArn,
      ...(encryptionKeyArn !== undefined && {
        encryptionKey: kms.Key.fromKeyArn(this, 'Key', encryptionKeyArn),
      }),
    });
    this.binding = {
      v: 1,
      kind: 'stream',
      name: attributes.bindingName ?? id,
      region: this.stream.env.region,
      arn: streamArn,
      streamName: this.stream.streamName,
      record: referenceTo(record),
      maxRecordBytes: this.settings.maxRecordBytes,
      retentionHours: this.settings.retentionHours,
    };
  }

  get bindingEnvironment(): Record<string, string> {
    return environmentOf(this, this.binding);
  }

  get lagAlarmAge(): Duration {
    return Duration.seconds(this.settings.lagAlarmSeconds);
  }

  addReader(id: string, options: ReaderOptions = {}): StreamReader {
    return new StreamReader(this, id, { ...options, stream: this });
  }

  /** Allows it to the producer; a stream of another account must allow it too. */
  grantProduce(grantee: IGrantable): Grant {
    return grantProduce(this.stream, grantee);
  }
}
