import type { Stack } from 'aws-cdk-lib';
import { resourcesOf } from '../declarations.js';

/** The properties of all resources of these types, by their logical ids without hashes. */
export function allOf(
  stack: Stack,
  ...types: readonly string[]
): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  return Object.fromEntries(
    Object.entries(resourcesOf(stack))
      .filter(([, { Type }]) => types.includes(Type))
      .map(([id, { Properties }]) => [id.replace(/[0-9A-F]{8}$/, ''), Properties ?? {}]),
  );
}
