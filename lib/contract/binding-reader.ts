import { MillraceError, refuseAll } from '../core/errors.js';
import { decodeReferences } from './references.js';
import { bindingVariable, type BindingKind, type BindingOf } from './binding.js';

type FieldCheck = readonly [field: string, isRight: (value: unknown) => boolean, expected: string];

const text = (value: unknown): boolean => typeof value === 'string' && value !== '';
const count = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const flag = (value: unknown): boolean => typeof value === 'boolean';
const oneOf =
  (...allowed: string[]): FieldCheck[1] =>
  (value) =>
    typeof value === 'string' && allowed.includes(value);
const fields =
  (...names: string[]): FieldCheck[1] =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => text((value as Record<string, unknown>)[name]));
const claimCheck: FieldCheck[1] = (value) =>
  fields('bucket', 'prefix')(value) && count((value as { thresholdBytes?: unknown }).thresholdBytes);
const texts: FieldCheck[1] = (value) => Array.isArray(value) && value.every(text);
const CLAIM_CHECK: FieldCheck = [
  'claimCheck',
  (value) => value === undefined || claimCheck(value),
  '{bucket, prefix, thresholdBytes}, or left out',
];
const reference: FieldCheck[1] = (value) =>
  fields('name')(value) && count((value as { version?: unknown }).version);
const references: FieldCheck[1] = (value) => Array.isArray(value) && value.every(reference);
const optional =
  (check: FieldCheck[1]): FieldCheck[1] =>
  (value) =>
    value === undefined || check(value);

const COMMON: readonly FieldCheck[] = [
  ['name', text, 'text'],
  ['region', text, 'text'],
  ['endpoint', optional(text), 'a URL, or left out'],
];

const SHAPES: Readonly<Record<BindingKind, readonly FieldCheck[]>> = {
  topic: [
    ['arn', text, 'an ARN'],
    ['fifo', flag, 'true or false'],
    ['contentBasedDeduplication', flag, 'true or false'],
    ['maxMessageBytes', count, 'a number of bytes'],
    ['messages', references, 'a list of {name, version}, or the same as one line'],
    CLAIM_CHECK,
  ],
  queue: [
    ['url', text, 'a queue URL'],
    ['arn', text, 'an ARN'],
    ['fifo', flag, 'true or false'],
    ['delivery', oneOf('raw', 'sns-envelope'), "'raw' or 'sns-envelope'"],
    ['messages', references, 'a list of {name, version}, or the same as one line'],
    ['handlerTimeoutSeconds', count, 'seconds'],
    ['visibilityTimeoutSeconds', count, 'seconds'],
    ['maxReceiveCount', count, 'a count'],
    ['retentionSeconds', count, 'seconds'],
    ['maxMessageBytes', count, 'a number of bytes'],
    ['deadLetterQueue', fields('url', 'arn'), '{url, arn}'],
    ['idempotency', optional(fields('table', 'ttlAttribute')), '{table, ttlAttribute}, or left out'],
    CLAIM_CHECK,
    ['claimCheckBuckets', optional(texts), 'a list of bucket names, or left out'],
  ],
  stream: [
    ['arn', text, 'an ARN'],
    ['streamName', text, 'text'],
    ['record', reference, '{name, version}'],
    ['maxRecordBytes', count, 'a number of bytes'],
    ['retentionHours', count, 'hours'],
  ],
  reader: [
    ['reader', text, 'text'],
    ['stream', fields('name', 'arn', 'streamName'), '{name, arn, streamName}'],
    ['record', reference, '{name, version}'],
    ['retentionHours', count, 'hours'],
    ['leaseTable', text, 'a table name'],
    ['startingPosition', oneOf('TRIM_HORIZON', 'LATEST'), "'TRIM_HORIZON' or 'LATEST'"],
    ['consumerArn', optional(text), 'an ARN, or left out'],
  ],
};

/**
 * Finds the binding of a resource in the environment.
 * @throws {BINDING_MISSING} the variable is not set: deploy with the construct's environment, or set it by hand
 * @throws {BINDING_INVALID} it is no JSON, of another format, kind, or lacks fields: redeploy with this version
 */
export function readBinding<Kind extends BindingKind>(
  kind: Kind,
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
): BindingOf<Kind> {
  const variable = bindingVariable(kind, name);
  const json = environment[variable];
  if (json === undefined || json === '') {
    const others = Object.keys(environment).filter((key) =>
      key.startsWith(`MILLRACE_${kind.toUpperCase()}_`),
    );
    throw new MillraceError(
      'BINDING_MISSING',
      `no binding for ${kind} '${name}': the environment variable ${variable} is not set (${kind} bindings found: ${others.join(', ') || 'none'}); ` +
        `start this process with the environment of the construct that has this id`,
    );
  }
  return parseBinding(kind, json, variable);
}

/** Reads a binding from its JSON; `where` names it in errors. Same errors as {@link readBinding}. */
export function parseBinding<Kind extends BindingKind>(
  kind: Kind,
  json: string,
  where: string,
): BindingOf<Kind> {
  const value = withReferences(parseJson(json, where));
  const { v, kind: foundKind } = value;
  if (v !== 1) {
    throw new MillraceError(
      'BINDING_INVALID',
      `${where} has binding format ${JSON.stringify(v)}, this package reads 1: deploy and run the same millrace version`,
    );
  }
  if (foundKind !== kind) {
    throw new MillraceError(
      'BINDING_INVALID',
      `${where} binds a ${String(foundKind)}, but a ${kind} was asked for: check the name and the construct`,
    );
  }
  const wrong = [...COMMON, ...SHAPES[kind]]
    .filter(([field, isRight]) => !isRight(value[field]))
    .map(
      ([field, , expected]) =>
        `${field} must be ${expected}, got ${value[field] === undefined ? 'nothing' : JSON.stringify(value[field])}`,
    );
  refuseAll(`${where} is no usable ${kind} binding`, wrong, 'BINDING_INVALID');
  return value as unknown as BindingOf<Kind>; // every field was checked against SHAPES just above
}

/** The message types, where they were written as one line. */
function withReferences(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { messages } = value;
  const references = typeof messages === 'string' ? decodeReferences(messages) : undefined;
  return references === undefined ? value : { ...value, messages: references };
}

function parseJson(json: string, where: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new MillraceError(
      'BINDING_INVALID',
      `${where} is not JSON: copy the construct's binding unchanged`,
      { cause },
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MillraceError(
      'BINDING_INVALID',
      `${where} must be a JSON object, got ${Array.isArray(value) ? 'a list' : String(value)}`,
    );
  }
  return value as Record<string, unknown>;
}
