import type { StandardSchemaV1 } from '@standard-schema/spec';
import { refuseAll } from '../core/errors.js';
import { nameViolations, schemaViolations, versionViolations } from './message.js';

/** What the declaration of a stream record says beside its name. */
export interface RecordOptions<Schema extends StandardSchemaV1> {
  /** Any Standard Schema. Producers and readers both check against it. */
  readonly schema: Schema;
  /** Partition key: records of one key keep their order. 1-256 characters. */
  readonly key: (record: StandardSchemaV1.InferOutput<Schema>) => string;
  /**
   * The business id, for readers that suppress repeats.
   * @default - the position in the stream (shard, sequence, sub-sequence) names the record
   */
  readonly id?: (record: StandardSchemaV1.InferOutput<Schema>) => string;
  /**
   * Version of the schema, raised on changes that old readers can't read. A positive whole number.
   * @default 1
   */
  readonly version?: number;
}

/** One record type of a stream, declared once and used by both halves. Made by {@link defineRecord}. */
export interface RecordDefinition<Name extends string = string, Input = unknown, Output = unknown> {
  /** Tells records from messages. */
  readonly kind: 'record';
  /** The name on the wire, e.g. `flight.landed`. */
  readonly name: Name;
  /** Version of the schema, from 1. */
  readonly version: number;
  /** What producers and readers check records against. */
  readonly schema: StandardSchemaV1<Input, Output>;
  /** Partition key: records of one key keep their order. */
  key(record: Output): string;
  /** The business id. Left out where nothing was declared. */
  id?(record: Output): string;
}

/** What a reader of this record is handed. */
export type RecordOf<R> = R extends { readonly schema: StandardSchemaV1<unknown, infer Output> }
  ? Output
  : never;
/** What a producer of this record gives. */
export type ProducedRecordOf<R> = R extends { readonly schema: StandardSchemaV1<infer Input> }
  ? Input
  : never;

/**
 * Declares a stream record: its name on the wire, its schema and its partition key.
 *
 * @example
 * const FlightLanded = defineRecord('flight.landed', {
 *   schema: z.object({ origin: z.string(), delay: z.number() }),
 *   key: (flight) => flight.origin,
 * });
 * @throws {INVALID_CONTRACT} a name or version outside the bounds, or no Standard Schema: correct the declaration
 */
export function defineRecord<const Name extends string, Schema extends StandardSchemaV1>(
  name: Name,
  options: RecordOptions<Schema>,
): RecordDefinition<Name, StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>> {
  const version = options.version ?? 1;
  refuseAll(
    `defineRecord('${name}') can't be used`,
    [...nameViolations(name), ...versionViolations(version), ...schemaViolations(options.schema)],
    'INVALID_CONTRACT',
  );
  return Object.freeze({
    kind: 'record',
    name,
    version,
    // Safe: InferInput/InferOutput are read off this very schema.
    schema: options.schema,
    key: options.key,
    ...(options.id && { id: options.id }),
  });
}
