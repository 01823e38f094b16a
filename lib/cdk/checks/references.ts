import {
  intrinsicOf,
  listOf,
  type Json,
  type TemplateGraph,
  type TemplateResource,
} from './template-graph.js';

/** Resources that a value names, in the order of its text. */
export function referencesIn(graph: TemplateGraph, value: Json, from: TemplateResource): TemplateResource[] {
  const found = graph.follow(value, from.stack);
  if (found !== undefined) return [found];
  const [, argument] = intrinsicOf(value);
  return listOf(argument).flatMap((part) =>
    Array.isArray(part)
      ? (part as Json[]).flatMap((inner) => referencesIn(graph, inner, from))
      : typeof part === 'object'
        ? referencesIn(graph, part, from)
        : [],
  );
}

/** Resources that a value names anywhere within it, however deep. */
export function mentionsIn(graph: TemplateGraph, value: Json, from: TemplateResource): TemplateResource[] {
  if (typeof value !== 'object' || value === null) return [];
  const found = graph.follow(value, from.stack);
  if (found !== undefined) return [found];
  return Object.values(value).flatMap((part) => mentionsIn(graph, part, from));
}
