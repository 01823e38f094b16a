import { aws_cloudwatch as cloudwatch } from 'aws-cdk-lib';
import type { Column, Dashboard, IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct, type IConstruct } from 'constructs';
import { refuseAll } from '../../core/errors.js';
import { unknownNames } from '../../core/options.js';
import { show } from '../bounds.js';
import { alarmsOf, graphWidget, watchedBelow, type WatchedConstruct } from './watched-construct.js';

/** Properties of a {@link MessagingDashboard}. */
export interface MessagingDashboardProps {
  /**
   * What it shows: an app, stages, stacks, or single constructs. All queues, topics and streams of millrace below them are
   * on it, also those that are added later.
   */
  readonly scopes: readonly IConstruct[];
}

/**
 * One dashboard of many queues, topics and streams: for each the state of its alarms, what waits, how old it is, what fails.
 * For a whole app put it in a stack of its own, since it names resources of all others.
 *
 * @example
 * new MessagingDashboard(new Stack(app, 'Watch'), 'Dashboard', { scopes: [app] });
 */
export class MessagingDashboard extends Construct {
  /** The dashboard, to add widgets of your own. */
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: MessagingDashboardProps) {
    super(scope, id);
    refuseAll(`MessagingDashboard at '${this.node.path}' can't be built`, [
      ...unknownNames(props, ['scopes']),
      ...scopeViolations(props.scopes),
    ]);
    this.dashboard = new cloudwatch.Dashboard(this, 'Default');
    this.dashboard.addWidgets(new WatchedWidgets(props.scopes));
  }
}

function scopeViolations(scopes: unknown): string[] {
  if (!Array.isArray(scopes))
    return [`scopes must be a list of apps, stacks or constructs, got ${show(scopes)}`];
  return scopes.flatMap((scope: unknown, index) =>
    Construct.isConstruct(scope)
      ? []
      : [`scopes[${index}] must be an app, a stack or a construct, got ${show(scope)}`],
  );
}

/** The widgets of what is there when the template is written. */
class WatchedWidgets implements IWidget {
  private readonly scopes: readonly IConstruct[];
  private at = { x: 0, y: 0 };

  constructor(scopes: readonly IConstruct[]) {
    this.scopes = scopes;
  }

  get width(): number {
    return this.content().width;
  }

  get height(): number {
    return this.content().height;
  }

  position(x: number, y: number): void {
    this.at = { x, y };
  }

  toJson(): ReturnType<IWidget['toJson']> {
    const content = this.content();
    content.position(this.at.x, this.at.y);
    return content.toJson();
  }

  private content(): Column {
    return new cloudwatch.Column(...watchedBelow(this.scopes).flatMap(widgetsOf));
  }
}

function widgetsOf({ construct, title, graphs }: WatchedConstruct): readonly IWidget[] {
  const alarms = [...alarmsOf(construct)];
  return [
    new cloudwatch.TextWidget({ markdown: `## ${title}`, width: 24, height: 1 }),
    ...(alarms.length === 0
      ? []
      : [new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms, width: 24, height: 2 })]),
    new cloudwatch.Row(...graphs.map(graphWidget)),
  ];
}
