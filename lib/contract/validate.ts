import type { StandardSchemaV1 } from '@standard-schema/spec';

/** A payload that fits its schema, or every reason why it does not, as `path: words`. */
export type Validation<Output> =
  | { readonly kind: 'valid'; readonly value: Output }
  | { readonly kind: 'invalid'; readonly issues: readonly string[] };

/** Checks a value against any Standard Schema. Never throws for a value that does not fit: that is an expected answer. */
export async function validate<Output>(
  schema: StandardSchemaV1<unknown, Output>,
  value: unknown,
): Promise<Validation<Output>> {
  const result = schema['~standard'].validate(value);
  return describe(result instanceof Promise ? await result : result);
}

/**
 * The same without a turn of the event loop, for schemas that answer at once (all of zod's but async refinements);
 * `undefined` when this schema needs to be awaited. Streams check hundreds of thousands of records a second this way.
 */
export function validateSync<Output>(
  schema: StandardSchemaV1<unknown, Output>,
  value: unknown,
): Validation<Output> | undefined {
  const result = schema['~standard'].validate(value);
  if (!(result instanceof Promise)) return describe(result);
  result.catch(() => undefined); // the caller asks again with validate(), which owns the rejection
  return undefined;
}

function describe<Output>(result: StandardSchemaV1.Result<Output>): Validation<Output> {
  if (result.issues === undefined) return { kind: 'valid', value: result.value };
  return { kind: 'invalid', issues: result.issues.map(describeIssue) };
}

function describeIssue(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? []).map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}
