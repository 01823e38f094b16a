import type { TemplateGraph, TemplateResource } from './template-graph.js';

/**
 * Facts that are made once per graph, by whichever rule asks first. Many rules ask the same of every queue: without the
 * tables the checks of an app with hundreds of queues take longer than its synth. They go with their graph.
 */
export function oncePerGraph<Facts>(make: (graph: TemplateGraph) => Facts): (graph: TemplateGraph) => Facts {
  const tables = new WeakMap<TemplateGraph, { readonly facts: Facts }>();
  return (graph) => {
    const known = tables.get(graph) ?? { facts: make(graph) };
    tables.set(graph, known);
    return known.facts;
  };
}

/** Facts by the resource that they are about, found without going through all of them. */
export function factsByResource<Fact>(
  make: (graph: TemplateGraph) => Iterable<readonly [about: TemplateResource | undefined, fact: Fact]>,
): (graph: TemplateGraph, about: TemplateResource) => readonly Fact[] {
  const tableOf = oncePerGraph((graph) => {
    const table = new Map<TemplateResource, Set<Fact>>();
    for (const [about, fact] of make(graph)) {
      if (about === undefined) continue;
      const facts = table.get(about) ?? new Set();
      table.set(about, facts.add(fact));
    }
    return table;
  });
  return (graph, about) => [...(tableOf(graph).get(about) ?? [])];
}
