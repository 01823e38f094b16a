import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { isOther } from '../foreign-account.js';
import type { IBoundStream } from './bound-stream.js';

/** What is wrong with a registered consumer here: Kinesis takes it from the stream's own account and Region only. */
export function consumerViolations(
  scope: Construct,
  { stream }: IBoundStream,
  { enhancedFanOut }: { readonly enhancedFanOut?: boolean },
): string[] {
  if (enhancedFanOut !== true) return [];
  const own = Stack.of(scope);
  return (['account', 'region'] as const)
    .filter((place) => isOther(stream.env[place], own[place]))
    .map(
      (place) =>
        `enhancedFanOut needs a stream of this ${place}, got one of ${stream.env[place]} and not ${own[place]}: leave it out, or read the stream there`,
    );
}
