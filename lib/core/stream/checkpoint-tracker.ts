/** Which of the positions handed out are completed, in the order they were handed out. */
export interface CheckpointTracker<P> {
  /** Notes that everything up to `position` is being handled, after all that was noted before; returns its ticket. */
  open(position: P): number;
  /** Notes that the ticket's work is done; a ticket that is done already stays done. */
  complete(ticket: number): void;
  /** The highest position below which nothing is open, or undefined while the first piece of work is. */
  contiguous(): P | undefined;
  /** Pieces of work opened and not yet part of {@link contiguous}. */
  pending(): number;
}

/**
 * Finds the position that may be stored: the lowest contiguous completed one. Work may complete in any order; a piece
 * that never completes holds the position back however much later work is done, so no record is ever skipped.
 */
export function createCheckpointTracker<P>(): CheckpointTracker<P> {
  const open: { readonly position: P; isDone: boolean }[] = [];
  let first = 0;
  let reached: P | undefined;
  return {
    open(position) {
      open.push({ position, isDone: false });
      return first + open.length - 1;
    },
    complete(ticket) {
      const work = open[ticket - first];
      if (work !== undefined) work.isDone = true;
      while (open[0]?.isDone === true) {
        reached = open[0].position;
        open.shift();
        first += 1;
      }
    },
    contiguous: () => reached,
    pending: () => open.length,
  };
}
