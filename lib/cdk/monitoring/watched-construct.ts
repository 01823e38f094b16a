import { aws_cloudwatch as cloudwatch } from 'aws-cdk-lib';
import type { Alarm, IMetric, IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { IConstruct } from 'constructs';
import type { AlarmName } from './alarm-catalogue.js';

/** One graph of a dashboard. */
export interface GraphOfMetrics {
  readonly title: string;
  readonly metrics: readonly IMetric[];
  /** Metrics on the axis at the right. */
  readonly right?: readonly IMetric[];
  /** The alarm whose threshold is drawn as a line. */
  readonly threshold?: Alarm | undefined;
}

/** A construct that can be put on a dashboard. */
export interface WatchedConstruct {
  readonly construct: IConstruct;
  /** What it is, e.g. `Queue Shop/Builds`. */
  readonly title: string;
  readonly graphs: readonly GraphOfMetrics[];
}

/** Puts a construct on every dashboard of its scopes. */
export function watch(watched: WatchedConstruct): void {
  Object.defineProperty(watched.construct, WATCHED, { value: watched, configurable: true });
}

/** Marks one of the alarms that tell people, for the dashboards: those that only scale are left out. */
export function markAlarm(alarm: Alarm, name: AlarmName): void {
  Object.defineProperty(alarm, ALARM, { value: name, configurable: true });
}

/** Everything below some scopes that can be put on a dashboard, in the order of the tree, each once. */
export function watchedBelow(scopes: readonly IConstruct[]): readonly WatchedConstruct[] {
  const all = new Set(scopes.flatMap((scope) => scope.node.findAll()));
  return [...all]
    .map((construct) => Reflect.get(construct, WATCHED) as WatchedConstruct | undefined)
    .filter((watched) => watched !== undefined);
}

/** The alarms of a construct and of what was added to it: readers, subscriptions. */
export function alarmsOf(construct: IConstruct): readonly Alarm[] {
  return construct.node
    .findAll()
    .filter(
      (child): child is Alarm => child instanceof cloudwatch.Alarm && Reflect.get(child, ALARM) !== undefined,
    );
}

/** A graph as a widget, three of which stand side by side. */
export function graphWidget({ title, metrics, right, threshold }: GraphOfMetrics): IWidget {
  return new cloudwatch.GraphWidget({
    title,
    left: [...metrics],
    width: 8,
    height: 6,
    leftYAxis: { min: 0 },
    ...(right && { right: [...right], rightYAxis: { min: 0 } }),
    ...(threshold && { leftAnnotations: [threshold.toAnnotation()] }),
  });
}

// Symbols of the global registry, as postures have them: one app may have loaded this package twice.
const WATCHED = Symbol.for('millrace.monitoring.watched');
const ALARM = Symbol.for('millrace.monitoring.alarm');
