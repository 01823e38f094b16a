/** Things in an order in which each comes after what it needs, or the circle that makes that impossible. */
export type Order =
  | { readonly kind: 'ordered'; readonly ids: readonly string[] }
  | { readonly kind: 'cycle'; readonly ids: readonly string[] };

/**
 * Orders `needs` (id → ids it needs) so that needed ids come first; ids that are needed but not listed are left out.
 * Ties keep the order of the map, so that two runs over one template do the same. A cycle is told as the path that
 * closes it: `A, B, A`.
 */
export function orderByNeed(needs: ReadonlyMap<string, readonly string[]>): Order {
  const done = new Set<string>();
  const ids: string[] = [];

  const visit = (id: string, path: readonly string[]): readonly string[] | undefined => {
    if (done.has(id)) return undefined;
    const start = path.indexOf(id);
    if (start >= 0) return [...path.slice(start), id];
    for (const needed of needs.get(id) ?? []) {
      const cycle = needs.has(needed) ? visit(needed, [...path, id]) : undefined;
      if (cycle !== undefined) return cycle;
    }
    done.add(id);
    ids.push(id);
    return undefined;
  };

  for (const id of needs.keys()) {
    const cycle = visit(id, []);
    if (cycle !== undefined) return { kind: 'cycle', ids: cycle };
  }
  return { kind: 'ordered', ids };
}
