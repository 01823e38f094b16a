import type { TemplateGraph, TemplateResource } from './template-graph.js';

/** One thing that is wrong with one resource. */
export interface Finding {
  /** What it was found on: the resource that has to change. */
  readonly resource: TemplateResource;
  /** Where in the resource, e.g. `Properties/VisibilityTimeout`. */
  readonly location: string;
  /** What is wrong: the figure that was got and the bound it breaks. */
  readonly problem: string;
  /** What to change. */
  readonly fix: string;
}

/** One checkable piece of documented best practice. */
export interface CheckRule {
  /** Stable: people acknowledge it by this id. */
  readonly id: string;
  /**
   * `error` for what can't work: the deployment fails, or messages vanish. `warning` for what works until the day it
   * doesn't.
   */
  readonly severity: 'error' | 'warning';
  /** The practice, as a statement. */
  readonly title: string;
  /** The page that documents it. */
  readonly doc: string;
  /** Finds what breaks it. What only the deployment knows is left alone. */
  check(graph: TemplateGraph): readonly Finding[];
}
