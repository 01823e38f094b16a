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
}

/** @see Turns */
export function createTurns(): Turns {
  let turn: Promise<unknown> = Promise.resolve();
  /** The last of each lane that has not joined yet: only lanes in which somebody prepares are in here. */
  const lanes = new Map<string, Promise<unknown>>();
  return {
    admit: (given, enter) => {
      given.catch(() => undefined); // it is awaited below, after the turn
      const admitted = turn.then(async () => {
        const value = await given;
        await enter(value);
        return value;
      });
      turn = admitted.catch(() => undefined);
      return admitted;
    },
    inLane: (lane, prepare, join) => {
      const before = lane === undefined ? undefined : lanes.get(lane);
      if (before === undefined && prepare === undefined) return Promise.resolve(join());
      const prepared = prepare?.() ?? Promise.resolve();
      prepared.catch(() => undefined); // it is awaited below, after those before it
      const joined = (before ?? Promise.resolve()).then(() => prepared).then(join);
      if (lane === undefined) return joined;
      const settled = joined.catch(() => undefined);
      lanes.set(lane, settled);
      void settled.then(() => {
        if (lanes.get(lane) === settled) lanes.delete(lane);
      });
      return joined;
    },
  };
}
