/**
 * A process that dies at one of its steps. Each call it makes has two: before it leaves, and when its answer comes back;
 * from its last step on nothing goes any further.
 */
export interface Mortal {
  /** Makes a call with its two steps. */
  call<Result>(act: () => Promise<Result>): Promise<Result>;
  /** Steps taken so far. */
  readonly steps: number;
  /** Resolves at the last step. */
  readonly death: Promise<'dead'>;
}

/** @see Mortal */
export function createMortal(lastStep = Infinity): Mortal {
  let steps = 0;
  let die: (end: 'dead') => void = () => undefined;
  const death = new Promise<'dead'>((resolve) => (die = resolve));
  const step = async (): Promise<void> => {
    steps += 1;
    if (steps < lastStep) return;
    die('dead');
    await new Promise(() => undefined);
  };
  return {
    call: async (act) => {
      await step();
      const result = await act();
      await step();
      return result;
    },
    get steps() {
      return steps;
    },
    death,
  };
}
