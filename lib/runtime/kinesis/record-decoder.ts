import { decodeRecord, type DecodedRecord } from '../../contract/record-envelope.js';
import type { RecordDefinition } from '../../contract/record.js';
import { validate, validateSync, type Validation } from '../../contract/validate.js';
import type { HashRange } from '../../core/stream/hash-range.js';
import { isHandled, type Checkpoint, type Position } from '../../core/stream/position.js';
import type { RepeatFilter } from '../../core/stream/repeat-filter.js';
import { unpackRecord, type UnpackedRecord, type UnpackTools } from '../../core/stream/unpack.js';
import type { KinesisRecord } from './kinesis-api.js';
import type { PoisonRecord, StreamPosition, StreamRecord } from './stream-record.js';

/** A piece of a shard that is handled as one; `end` is the position up to which it reaches. */
export type Unit<T> =
  | { readonly kind: 'batch'; readonly records: readonly StreamRecord<T>[]; readonly end: Position }
  | { readonly kind: 'poison'; readonly poison: PoisonRecord; readonly end: Position }
  /** Nothing to hand over, but the position moves: repeats, strays, empty aggregates. */
  | { readonly kind: 'passed'; readonly end: Position };

/** What reading the records of one shard needs. */
export interface RecordDecoderOptions<T> {
  readonly record: RecordDefinition<string, unknown, T>;
  readonly shardId: string;
  readonly hashRange: HashRange;
  readonly tools: UnpackTools;
  /** Records up to here were handled before and are left out. */
  readonly handled: Checkpoint;
  /** Most records in a unit. */
  readonly batchSize: number;
  /** Leaves out second copies, where wanted. */
  readonly repeats?: RepeatFilter;
  /** Told how many records were left out as repeats and strays. */
  readonly onLeftOut: (counts: { readonly repeats: number; readonly strays: number }) => void;
}

type Read<T> =
  | { readonly kind: 'record'; readonly record: StreamRecord<T> }
  | { readonly kind: 'poison'; readonly poison: PoisonRecord };

/** Turns Kinesis records into units: takes aggregates apart, leaves out what was handled, reads and checks the rest. */
export class RecordDecoder<T> {
  private readonly options: RecordDecoderOptions<T>;

  constructor(options: RecordDecoderOptions<T>) {
    this.options = options;
  }

  /** The units of a page in the order of their records. Reads lazily, one unit at a time. */
  async *unitsOf(records: readonly KinesisRecord[]): AsyncGenerator<Unit<T>, void, undefined> {
    const { batchSize, tools, hashRange, onLeftOut } = this.options;
    let batch: StreamRecord<T>[] = [];
    let end: Position | undefined;
    for (const kinesis of records) {
      const { records: inside, lastSubSequence, strays } = unpackRecord(kinesis, hashRange, tools);
      if (strays > 0) onLeftOut({ repeats: 0, strays });
      for (const unpacked of inside) {
        const pending = this.read(kinesis, unpacked);
        const read = pending instanceof Promise ? await pending : pending;
        if (read === undefined) continue;
        if (read.kind === 'poison') {
          if (batch.length > 0) yield { kind: 'batch', records: batch, end: lastOf(batch) };
          batch = [];
          yield { kind: 'poison', poison: read.poison, end: read.poison.position };
          continue;
        }
        batch.push(read.record);
        if (batch.length < batchSize) continue;
        yield { kind: 'batch', records: batch, end: lastOf(batch) };
        batch = [];
      }
      end = { sequenceNumber: kinesis.sequenceNumber, subSequence: lastSubSequence };
    }
    if (end === undefined) return;
    yield batch.length > 0 ? { kind: 'batch', records: batch, end } : { kind: 'passed', end };
  }

  /** No promise unless the schema wants one: a promise per record would cost more than reading it. */
  private read(
    kinesis: KinesisRecord,
    unpacked: UnpackedRecord,
  ): Read<T> | undefined | Promise<Read<T> | undefined> {
    const { shardId, record: definition, handled, repeats, onLeftOut } = this.options;
    const position = { shardId, sequenceNumber: kinesis.sequenceNumber, subSequence: unpacked.subSequence };
    const decoded = decodeRecord(textOf(unpacked.data));
    if (decoded.kind === 'record' && decoded.envelope.origin !== undefined) {
      const isRepeat = repeats?.isRepeat(unpacked.partitionKey, decoded.envelope.origin) === true;
      if (isRepeat) {
        onLeftOut({ repeats: 1, strays: 0 });
        return undefined;
      }
    }
    if (isHandled(position, handled)) return undefined;
    const source: Source = { kinesis, unpacked, position };
    const reason = foreignReason(decoded, definition);
    if (decoded.kind === 'invalid' || reason !== undefined)
      return { kind: 'poison', poison: poisonOf(source, reason ?? '') };
    const finish = (validation: Validation<T>): Read<T> => finishRead(source, decoded, validation);
    const validation = validateSync(definition.schema, decoded.data);
    return validation === undefined
      ? validate(definition.schema, decoded.data).then(finish)
      : finish(validation);
  }
}

interface Source {
  readonly kinesis: KinesisRecord;
  readonly unpacked: UnpackedRecord;
  readonly position: StreamPosition;
}

function finishRead<T>(
  source: Source,
  decoded: Extract<DecodedRecord, { readonly kind: 'record' }>,
  validation: Validation<T>,
): Read<T> {
  if (validation.kind === 'invalid')
    return {
      kind: 'poison',
      poison: poisonOf(source, `does not fit its schema: ${validation.issues.join('; ')}`),
    };
  const { kinesis, unpacked, position } = source;
  return {
    kind: 'record',
    record: {
      data: validation.value,
      envelope: decoded.envelope,
      partitionKey: unpacked.partitionKey,
      position,
      arrivedAt: kinesis.arrivedAt,
    },
  };
}

/** Why this record is not one of the declaration's, if so. */
function foreignReason(decoded: DecodedRecord, definition: RecordDefinition): string | undefined {
  if (decoded.kind === 'invalid') return decoded.reason;
  const { type, schemaVersion } = decoded.envelope;
  if (type !== definition.name) return `is a '${type}', this reader reads '${definition.name}'`;
  if (schemaVersion > definition.version)
    return `has schema version ${schemaVersion}, this reader knows up to ${definition.version}: deploy the reader first`;
  return undefined;
}

function poisonOf({ kinesis, unpacked, position }: Source, reason: string): PoisonRecord {
  const { partitionKey, data } = unpacked;
  return { reason, bytes: data, partitionKey, position, arrivedAt: kinesis.arrivedAt };
}

function lastOf<T>(records: readonly StreamRecord<T>[]): Position {
  const last = records[records.length - 1];
  return last?.position ?? { sequenceNumber: '0', subSequence: 0 };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
