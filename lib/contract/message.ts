import type { StandardSchemaV1 } from '@standard-schema/spec';
import { refuseAll } from '../core/errors.js';
import { ATTRIBUTE_NAME, CONTRACT_NAME } from './names.js';

/** What a subscriber may filter on: SNS knows strings, numbers, and lists of strings. */
export type AttributeValue = string | number | readonly string[];

/** Filterable attributes of one message, by name. */
export type MessageAttributes = Readonly<Record<string, AttributeValue>>;

/** What the declaration of a message says beside its name. */
export interface MessageOptions<Schema extends StandardSchemaV1, Attributes extends MessageAttributes> {
  /** Any Standard Schema (zod, valibot, arktype, …). Publishers and consumers both check against it. */
  readonly schema: Schema;
  /**
   * The business id: the same for every copy of the same fact, so that it survives redrive (which changes the SQS
   * MessageId), fan-out, republishing and claim check. 1-128 printable ASCII characters.
   */
  readonly id: (payload: StandardSchemaV1.InferOutput<Schema>) => string;
  /**
   * FIFO message group, or the tenant of a fair queue on standard queues. 1-128 printable ASCII characters.
   * @default - no group: standard queues only, every message its own tenant
   */
  readonly group?: (payload: StandardSchemaV1.InferOutput<Schema>) => string;
  /**
   * What subscribers may filter on; at most 8, since SQS takes 10 attributes and the envelope needs two.
   * @default - subscribers can filter on the message type only
   */
  readonly attributes?: (payload: StandardSchemaV1.InferOutput<Schema>) => Attributes;
  /**
   * Version of the schema, raised on changes that old consumers can't read; a consumer dead-letters versions it does
   * not know. A positive whole number.
   * @default 1
   */
  readonly version?: number;
}

/**
 * One message type, declared once and used by both halves: constructs derive filters, grants and sizes from it, clients
 * validate and route by it. Made by {@link defineMessage}.
 */
export interface MessageDefinition<
  Name extends string = string,
  Input = unknown,
  Output = unknown,
  Attributes extends MessageAttributes = MessageAttributes,
> {
  /** Tells messages from records. */
  readonly kind: 'message';
  /** The name on the wire, e.g. `github.push`. */
  readonly name: Name;
  /** Version of the schema, from 1. */
  readonly version: number;
  /** What publishers and consumers check payloads against. */
  readonly schema: StandardSchemaV1<Input, Output>;
  // Methods, not properties: their parameters compare bivariantly, so a list of different messages is one type.
  /** The business id: the same for every copy of the same fact. */
  id(payload: Output): string;
  /** FIFO message group, or the tenant of a fair queue. Left out where nothing was declared. */
  group?(payload: Output): string;
  /** What subscribers may filter on. Left out where nothing was declared. */
  attributes?(payload: Output): Attributes;
}

/** What a consumer of this message is handed. */
export type PayloadOf<M> = M extends { readonly schema: StandardSchemaV1<unknown, infer Output> }
  ? Output
  : never;
/** What a publisher of this message gives. */
export type PublishedPayloadOf<M> = M extends { readonly schema: StandardSchemaV1<infer Input> }
  ? Input
  : never;
/** The attributes a subscriber of this message may filter on. */
export type AttributesOf<M> = M extends { attributes?(payload: never): infer Attributes }
  ? Attributes
  : never;

/**
 * Declares a message type: its name on the wire, its schema and its business id.
 *
 * @example
 * const PushReceived = defineMessage('github.push', {
 *   schema: z.object({ delivery: z.string(), ref: z.string() }),
 *   id: (push) => push.delivery,
 *   attributes: (push) => ({ branch: push.ref }),
 * });
 * @throws {INVALID_CONTRACT} a name outside 1-128 characters of `A-Z a-z 0-9 . _ -`, or a version that is no positive
 * whole number: correct the declaration
 */
export function defineMessage<
  const Name extends string,
  Schema extends StandardSchemaV1,
  const Attributes extends MessageAttributes = Readonly<Record<never, AttributeValue>>,
>(
  name: Name,
  options: MessageOptions<Schema, Attributes>,
): MessageDefinition<
  Name,
  StandardSchemaV1.InferInput<Schema>,
  StandardSchemaV1.InferOutput<Schema>,
  Attributes
> {
  const version = options.version ?? 1;
  refuseAll(
    `defineMessage('${name}') can't be used`,
    [...nameViolations(name), ...versionViolations(version), ...schemaViolations(options.schema)],
    'INVALID_CONTRACT',
  );
  return Object.freeze({
    kind: 'message',
    name,
    version,
    // Safe: InferInput/InferOutput are read off this very schema.
    schema: options.schema,
    id: options.id,
    ...(options.group && { group: options.group }),
    ...(options.attributes && { attributes: options.attributes }),
  });
}

/** Shared with records: both live on the wire under the same rules. */
export function nameViolations(name: string): string[] {
  return CONTRACT_NAME.test(name)
    ? []
    : [
        `the name must be 1-128 characters of A-Z a-z 0-9 . _ - and not start with "AWS." or "Amazon.", got '${name}'`,
      ];
}

/** A version must be comparable on both sides: positive and whole. */
export function versionViolations(version: number): string[] {
  return Number.isInteger(version) && version >= 1
    ? []
    : [`version must be a positive whole number, got ${version}`];
}

/** Catches a schema library that has no Standard Schema door, or an options object with the schema left out. */
export function schemaViolations(schema: unknown): string[] {
  const isStandard =
    (typeof schema === 'object' || typeof schema === 'function') && schema !== null && '~standard' in schema;
  return isStandard
    ? []
    : [
        'schema must be a Standard Schema (zod 3.24+, valibot 1+, arktype 2+, …), got something without "~standard"',
      ];
}

/** What is wrong with the attributes of one message, if anything: names, number, and the kinds SNS can filter on. */
export function attributeViolations(attributes: MessageAttributes, maxAttributes: number): string[] {
  const names = Object.keys(attributes);
  const tooMany =
    names.length > maxAttributes
      ? [`at most ${maxAttributes} attributes fit beside the envelope, got ${names.length}`]
      : [];
  const badNames = names
    .filter((name) => !ATTRIBUTE_NAME.test(name) || name.toLowerCase().startsWith('millrace-'))
    .map(
      (name) =>
        `attribute '${name}' must be 1-256 characters of A-Z a-z 0-9 . _ - and not start with aws., amazon. or millrace-`,
    );
  const badNumbers = Object.entries(attributes)
    .filter(([, value]) => typeof value === 'number' && !Number.isFinite(value))
    .map(([name, value]) => `attribute '${name}' must be a finite number, got ${String(value)}`);
  return [...tooMany, ...badNames, ...badNumbers];
}
