/** Keeps an order among things that take their time. */
export interface Turns {
  /** Waits for what is given and then for `enter`, one after the other in the order of the calls. */
  admit<Value>(given: Promise<Value>, enter: (value: Value) => Promise<void>): Promise<Value>;
  /**
   * Does `prepare` at once, beside others, and `join` after everything that was put into the same lane before has joined or
   * failed. Outside of lanes nothing waits.
   */
  inLane<Result>(
    lane: string | undefined,
    prepare: (() => Promise<void>) | undefined,
    join: () => Result,
  ): Promise<Result>;
  /** Resolves when everybody that was there at the call has joined or failed. */
  quiet(): Promise<void>;
}

/** @see Turns */
export function createTurns(): Turns {
  let turn: Promise<unknown> = Promise.resolve();
  /** The last of each lane that has not joined yet: only lanes in which somebody prepares are in here. */
  const lanes = new Map<string, Promise<unknown>>();
  const joining = new Set<Promise<unknown>>();

  const remember = <Result>(work: Promise<Result>): Promise<Result> => {
    joining.add(work);
    const forget = (): void => void joining.delete(work);
    work.then(forget, forget);
    return work;
  };

  return {
    admit: (given, enter) => {
      given.catch(() => undefined); // it is awaited below, after the turn
      const admitted = turn.then(async () => {
        const value = await given;
        await enter(value);
        return value;
      });
      turn = admitted.catch(() => undefined);
      return remember(admitted);
    },
    inLane: (lane, prepare, join) => {
      const before = lane === undefined ? undefined : lanes.get(lane);
      if (before === undefined && prepare === undefined) return Promise.resolve(join());
      const prepared = prepare?.() ?? Promise.resolve();
      prepared.catch(() => undefined); // it is awaited below, after those before it
      const joined = (before ?? Promise.resolve()).then(() => prepared).then(join);
      if (lane === undefined) return remember(joined);
      const settled = joined.catch(() => undefined);
      lanes.set(lane, settled);
      void settled.then(() => {
        if (lanes.get(lane) === settled) lanes.delete(lane);
      });
      return remember(joined);
    },
    quiet: async () => {
      while (joining.size > 0) await Promise.allSettled(joining);
    },
  };
}
