import type { Engine } from '../../lib/emulator/engine.js';

/** Members of a call or of its answer. */
export type Members = Readonly<Record<string, unknown>>;

/** Makes a call that must succeed at once. */
export function callEngine(
  engine: Engine,
  call: { readonly operation: string; readonly input: Members },
  now: number,
): Members {
  const result = engine.call(call, now);
  if (result.kind === 'output') return result.output;
  throw new Error(`${call.operation} gave ${result.kind === 'fault' ? result.fault.message : result.kind}`);
}

/** An input as it comes off the wire, each text in one piece; ropes would be tied together on the engine's time. */
export const offTheWire = <Input>(input: Input): Input => JSON.parse(JSON.stringify(input)) as Input;

/** Epoch milliseconds at which virtual time starts. */
export const START = Date.UTC(2026, 0, 1);
export const REGION = 'us-east-1';
export const ACCOUNT_ID = '000000000000';

/** Chance that repeats itself: a linear congruential generator after Numerical Recipes. */
export function repeatableRandom(): { next(): number } {
  let state = 1;
  return {
    next: () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 4_294_967_296;
    },
  };
}
