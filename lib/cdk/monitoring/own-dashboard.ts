import type { Construct } from 'constructs';
import { monitoringOf } from './monitoring.js';
import { MessagingDashboard } from './messaging-dashboard.js';
import { watch, type GraphOfMetrics } from './watched-construct.js';

/** Whether a construct has a dashboard of its own. */
export interface DashboardProps {
  /**
   * Whether the construct gets a dashboard of its own. CloudWatch bills dashboards by the month; `MessagingDashboard` shows
   * many constructs on one.
   *
   * @default - what `Monitoring.of(scope).use()` chose for the nearest scope, or else false
   */
  readonly dashboard?: boolean;
}

/** Puts a construct on the dashboards of its scopes, and on one of its own where that is asked for. */
export function showOnDashboards(
  construct: Construct,
  shown: { readonly kind: 'Queue' | 'Topic' | 'Stream'; readonly graphs: readonly GraphOfMetrics[] },
  props: DashboardProps,
): void {
  watch({ construct, title: `${shown.kind} ${construct.node.path}`, graphs: shown.graphs });
  if (props.dashboard ?? monitoringOf(construct).dashboards ?? false) {
    new MessagingDashboard(construct, 'Dashboard', { scopes: [construct] });
  }
}
