/** Runs of consecutive legs in the order given, as `first-last`: `1, 2, 3, 5` is `['1-3', '5-5']`. */
export function consecutiveLegs(flights: readonly { readonly leg: number }[]): string[] {
  const runs: { first: number; last: number }[] = [];
  for (const { leg } of flights) {
    const run = runs.at(-1);
    if (run !== undefined && leg === run.last + 1) run.last = leg;
    else runs.push({ first: leg, last: leg });
  }
  return runs.map(({ first, last }) => `${first}-${last}`);
}
