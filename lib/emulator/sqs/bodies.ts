import { textLanes } from '../lanes/text-lanes.js';
import { hasOnlyAllowedCharacters, md5 } from '../structures/message-attributes.js';

/** What a queue must know of a body: found out once, where it comes in. */
export interface BodyFacts {
  /** In UTF-8. */
  readonly bytes: number;
  readonly md5: string;
  /** Whether it has only characters SQS accepts. */
  readonly isAllowed: boolean;
}

/** Looks at one body. */
export const lookAtBody = (body: string): BodyFacts => ({
  bytes: Buffer.byteLength(body),
  md5: md5(body),
  isAllowed: hasOnlyAllowedCharacters(body),
});

/** Looks at the bodies of a batch: side by side when all of them are plain ASCII, as most are. */
export function lookAtBodies(bodies: readonly string[]): readonly BodyFacts[] {
  const lanes = textLanes();
  if (!lanes.take(bodies) || !lanes.isPlain()) return bodies.map(lookAtBody);
  lanes.digest(bodies);
  const digests = lanes.hexes(bodies.length);
  return bodies.map((body, at) => ({ bytes: body.length, md5: digests[at] ?? '', isAllowed: true }));
}
