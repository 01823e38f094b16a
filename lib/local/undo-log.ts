import { errorName } from './aws-error.js';

/** One thing that exists and can be deleted. */
export interface Undoable {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
  readonly remove: () => Promise<unknown>;
}

/** A deletion that did not work, with its reason. */
export interface LeftBehind extends Omit<Undoable, 'remove'> {
  readonly error: unknown;
}

/**
 * Deletes things in the opposite order of their creation, one after the other: what refers goes before what is
 * referred to. One that can't be deleted does not keep the others.
 */
export async function undoAll(
  created: readonly Undoable[],
  onDeleted: (undone: Undoable) => void,
): Promise<readonly LeftBehind[]> {
  const left: LeftBehind[] = [];
  for (const one of created.toReversed()) {
    const { remove, ...named } = one;
    try {
      await remove();
      onDeleted(one);
    } catch (error) {
      left.push({ ...named, error });
    }
  }
  return left;
}

/** What was left behind, in the words of an error. */
export function describeLeftBehind(left: readonly LeftBehind[]): string {
  const lines = left.map(({ type, physicalId, error }) => `${type} ${physicalId} (${errorName(error)})`);
  return `left behind, delete by hand: ${lines.join(', ')}`;
}
