/** What a generated physical name is made of. */
export interface PhysicalNameParts {
  readonly stack: string;
  readonly logicalId: string;
  /** What keeps two deployments of one template apart. */
  readonly suffix: string;
  /** The longest name the service takes, in characters. */
  readonly maxLength: number;
  /** Must come last: `.fifo`. @default - nothing */
  readonly ending?: string;
}

/**
 * A name as CloudFormation generates it: `<stack>-<logical id>-<suffix>`. Where that is too long, the stack's name
 * gives way first, then the logical id; the suffix never, since it is what makes the name unique.
 */
export function physicalName(parts: PhysicalNameParts): string {
  const { stack, logicalId, suffix, maxLength, ending = '' } = parts;
  const room = maxLength - suffix.length - ending.length - 2;
  const id = logicalId.slice(0, Math.max(room - Math.min(stack.length, 12), Math.floor(room / 2)));
  return `${stack.slice(0, Math.max(0, room - id.length))}-${id}-${suffix}${ending}`;
}
