import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IConstruct } from 'constructs';
import { refuseAll } from '../../core/errors.js';
import { unknownNames } from '../../core/options.js';
import { show, switchViolations } from '../bounds.js';
import { alarmViolations, mergeAlarms, type AlarmSwitches } from './alarm-catalogue.js';

/** How everything below a scope is watched, wherever the props of a construct are silent. */
export interface MonitoringOptions {
  /**
   * Where alarms go. Its policy and its customer managed key are opened for CloudWatch. Of the same Region: CloudWatch
   * reaches no other.
   *
   * @default - what the scope above says, or else nowhere
   */
  readonly alarmTopic?: ITopic;

  /**
   * What else alarms do, besides telling the topic: aws-cdk-lib's `SsmIncidentAction`, `LambdaAction` and the like.
   *
   * @default - what the scope above says, or else nothing
   */
  readonly alarmActions?: readonly IAlarmAction[];

  /**
   * Whether constructs make their alarms, all or by name: `{ backlog: false }`.
   *
   * @default - what the scope above says, or else all
   */
  readonly alarms?: boolean | AlarmSwitches;

  /**
   * Whether every queue, topic and stream gets a dashboard of its own. CloudWatch bills dashboards by the month.
   *
   * @default - what the scope above says, or else false
   * @see https://aws.amazon.com/cloudwatch/pricing/
   */
  readonly dashboards?: boolean;

  /**
   * Where your copy of the runbook is; an alarm's section follows as `#dead-letters`.
   *
   * @default - what the scope above says, or else `docs/runbook.md` of this package
   */
  readonly runbookUrl?: string;
}

const OPTIONS = {
  alarmActions: true,
  alarms: true,
  alarmTopic: true,
  dashboards: true,
  runbookUrl: true,
} satisfies Record<keyof MonitoringOptions, true>;

/**
 * Alarms and dashboards of everything below a scope: an app, a stage, a stack or a construct.
 *
 * @example
 * Monitoring.of(app).use({ alarmTopic: pager, runbookUrl: 'https://wiki.example.com/messaging' });
 * Monitoring.of(sandbox).use({ alarms: { backlog: false } });
 */
export class Monitoring {
  /** The monitoring of a scope. */
  static of(scope: IConstruct): Monitoring {
    return new Monitoring(scope);
  }

  private readonly scope: IConstruct;

  private constructor(scope: IConstruct) {
    this.scope = scope;
  }

  /** What constructs in this scope get when their props are silent. */
  get options(): MonitoringOptions {
    return monitoringOf(this.scope);
  }

  /**
   * Chooses for this scope. Nearer scopes and a construct's own props go before it, option by option.
   * @throws {INVALID_OPTIONS} wrong options, or constructs below were already made without them: choose first
   */
  use(options: MonitoringOptions): void {
    refuseAll(`Monitoring.of('${this.scope.node.path}').use can't be used`, [
      ...unknownNames(options, Object.keys(OPTIONS)),
      ...switchViolations({ ...options }, ['dashboards']),
      ...alarmViolations(options.alarms),
      ...urlViolations(options.runbookUrl),
      ...this.made().map((path) => `'${path}' was made before: call this right after the scope is made`),
    ]);
    Object.defineProperty(this.scope, CHOSEN, { value: options, configurable: true });
  }

  /** Constructs that asked in vain, and would now silently be watched in another way than their scope. */
  private made(): string[] {
    return this.scope.node
      .findAll()
      .filter((construct) => Reflect.get(construct, ASKED) === true)
      .map(({ node }) => node.path);
  }
}

/** What the scopes of a construct say together, the nearest first. */
export function monitoringOf(construct: IConstruct): MonitoringOptions {
  return construct.node.scopes
    .map((scope) => Reflect.get(scope, CHOSEN) as MonitoringOptions | undefined)
    .reduce<MonitoringOptions>((above, own = {}) => {
      const alarms = mergeAlarms(own.alarms, above.alarms);
      const said = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
      return { ...above, ...said, ...(alarms !== undefined && { alarms }) };
    }, {});
}

/** Remembers that a construct has read its monitoring, after which no scope above may change it. */
export function markAsked(construct: IConstruct): void {
  Object.defineProperty(construct, ASKED, { value: true, configurable: true });
}

// Symbols of the global registry, as postures have them: one app may have loaded this package twice.
const CHOSEN = Symbol.for('millrace.monitoring.chosen');
const ASKED = Symbol.for('millrace.monitoring.asked');

function urlViolations(url: unknown): string[] {
  if (url === undefined || (typeof url === 'string' && /^https?:\/\/[^#]+$/.test(url))) return [];
  return [`runbookUrl must be an http(s) address without a #, got ${show(url)}`];
}
