import { Stack } from 'aws-cdk-lib';
import {
  FanoutTopic,
  MessagingDashboard,
  Monitoring,
  ShardedStream,
  WorkQueueWithDLQ,
} from '../../../lib/cdk/index.js';
import { createApp, evaluate, FlightLanded, IssueOpened, refusalOf, resourcesOf } from '../declarations.js';

interface Widget {
  readonly type: string;
  readonly y: number;
  readonly properties: {
    readonly markdown?: string;
    readonly title?: string;
    readonly alarms?: readonly string[];
  };
}

function setup(): { readonly stack: Stack; readonly watch: Stack } {
  const app = createApp();
  return { stack: new Stack(app, 'Shop'), watch: new Stack(app, 'Watch') };
}

const dashboardsOf = (stack: Stack): readonly (readonly Widget[])[] =>
  Object.values(resourcesOf(stack))
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Dashboard')
    .map(({ Properties }) => {
      const body = JSON.parse(evaluate(Properties?.['DashboardBody'])) as {
        readonly widgets: readonly Widget[];
      };
      return body.widgets;
    });

const titlesOf = (widgets: readonly Widget[]): readonly (string | undefined)[] =>
  widgets.map(({ properties }) => properties.markdown ?? properties.title);

describe('MessagingDashboard', () => {
  it('shows everything of an app, also what is made after it, one below the other', () => {
    const { stack, watch } = setup();
    new MessagingDashboard(watch, 'Dashboard', { scopes: [stack.node.root] });
    new FanoutTopic(stack, 'Events', { messages: [IssueOpened] });
    new WorkQueueWithDLQ(stack, 'Builds');
    new ShardedStream(stack, 'Flights', { record: FlightLanded });
    const [widgets = []] = dashboardsOf(watch);
    const headings = widgets.filter(({ type }) => type === 'text');
    expect(titlesOf(headings)).toEqual([
      '## Topic Shop/Events',
      '## Queue Shop/Builds',
      '## Stream Shop/Flights',
    ]);
    expect(headings.map(({ y }) => y)).toEqual([0, 9, 18]);
    expect(widgets).toHaveLength(15);
  });

  it('shows the state of a construct’s alarms, and nothing where it has none', () => {
    const { stack } = setup();
    new WorkQueueWithDLQ(stack, 'Builds', { dashboard: true });
    new WorkQueueWithDLQ(stack, 'Quiet', { dashboard: true, alarms: false });
    const [builds = [], quiet = []] = dashboardsOf(stack);
    expect(builds.find(({ type }) => type === 'alarm')?.properties.alarms).toHaveLength(4);
    expect(titlesOf(quiet)).toEqual([
      '## Queue Shop/Quiet',
      'Messages that wait, in flight, dead',
      'Age of the oldest message (s)',
      'Messages a minute',
    ]);
  });

  it('is made for every construct of a scope that asks for it, but where a construct refuses', () => {
    const { stack } = setup();
    Monitoring.of(stack).use({ dashboards: true });
    new FanoutTopic(stack, 'Events', { messages: [IssueOpened] });
    new WorkQueueWithDLQ(stack, 'Builds');
    new ShardedStream(stack, 'Flights', { record: FlightLanded, dashboard: false });
    expect(dashboardsOf(stack).map((widgets) => titlesOf(widgets)[0])).toEqual([
      '## Topic Shop/Events',
      '## Queue Shop/Builds',
    ]);
  });

  it('has no physical name, so that two copies of a stack do not collide', () => {
    const { stack } = setup();
    new MessagingDashboard(stack, 'Dashboard', { scopes: [new WorkQueueWithDLQ(stack, 'Builds')] });
    const [dashboard] = Object.values(resourcesOf(stack)).filter(({ Type }) => Type.endsWith('Dashboard'));
    expect(dashboard?.Properties).not.toHaveProperty('DashboardName');
  });

  it('rejects what is no construct', () => {
    const { stack } = setup();
    expect(refusalOf(() => new MessagingDashboard(stack, 'Dashboard', { scopes: 'Shop' as never }))).toBe(
      "MessagingDashboard at 'Shop/Dashboard' can't be built: scopes must be a list of apps, stacks or constructs, got 'Shop'",
    );
    expect(
      refusalOf(() => new MessagingDashboard(stack, 'Names', { scopes: [stack, 'Shop' as never] })),
    ).toBe(
      "MessagingDashboard at 'Shop/Names' can't be built: scopes[1] must be an app, a stack or a construct, got 'Shop'",
    );
  });
});
