import { Duration, Lazy, Stack, aws_cloudwatch as cloudwatch } from 'aws-cdk-lib';
import type {
  Alarm,
  AlarmActionConfig,
  CfnCompositeAlarm,
  CompositeAlarm,
  IAlarm,
  IAlarmAction,
  IAlarmRule,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

/**
 * Keeps one trouble from paging twice. A general alarm, such as a topic's on failed deliveries, waits whether a specific one
 * rings for the same trouble, such as that on a subscription's dead letters, and only else rings itself: a composite alarm
 * rings for it, and another, of the specific ones, suppresses that.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm_Suppression.html
 */
export class AlarmPrecedence {
  /** Rings for the general alarm, once there is a specific one. */
  composite: CompositeAlarm | undefined;

  private readonly scope: Construct;
  private readonly general: Alarm;
  private readonly actions: readonly IAlarmAction[];
  private readonly specific: Alarm[] = [];
  private waits = true;

  /**
   * @param scope where the general alarm was made
   * @param actions what it does
   */
  constructor(scope: Construct, general: Alarm, actions: readonly IAlarmAction[]) {
    this.scope = scope;
    this.general = general;
    this.actions = actions;
    for (const action of actions) general.addAlarmAction(this.whileAlone(action));
  }

  /** Lets the general alarm wait for a specific one, where both are in one stack and somebody is told at all. */
  waitFor(specific: Alarm | undefined): void {
    const isNear = specific !== undefined && Stack.of(specific) === Stack.of(this.general);
    if (!isNear || !this.waits || this.actions.length === 0 || this.specific.length === MOST) return;
    this.specific.push(specific);
    this.composite ??= this.createComposite();
  }

  /** Lets the general alarm ring whatever the specific ones do: it alone sees a trouble that is none of theirs. */
  waitForNone(): void {
    this.waits = false;
  }

  /** Its own actions go when the composite takes over; those that others add stay. A list leaves out what is undefined. */
  private whileAlone(action: IAlarmAction): IAlarmAction {
    return {
      bind: (scope: Construct, alarm: IAlarm): AlarmActionConfig => {
        const { alarmActionArn } = action.bind(scope, alarm);
        return {
          alarmActionArn: Lazy.string({
            produce: () => (this.specific.length === 0 ? alarmActionArn : undefined),
          }),
        };
      },
    };
  }

  private createComposite(): CompositeAlarm {
    const { scope, general } = this;
    const { id } = general.node;
    const suppressor = new cloudwatch.CompositeAlarm(scope, `${id}Suppressor`, {
      alarmDescription: `Holds back ${this.general.node.path} while a more specific alarm rings.`,
      alarmRule: this.anySpecific(),
    });
    const composite = new cloudwatch.CompositeAlarm(scope, `${id}Composite`, {
      alarmDescription: Lazy.string({ produce: () => descriptionOf(this.general) }),
      alarmRule: cloudwatch.AlarmRule.fromAlarm(this.general, cloudwatch.AlarmState.ALARM),
      actionsSuppressor: suppressor,
      actionsSuppressorWaitPeriod: SETTLING,
      actionsSuppressorExtensionPeriod: SETTLING,
    });
    composite.addAlarmAction(...this.actions);
    for (const made of [suppressor, composite]) leaveUnnamed(made);
    return composite;
  }

  private anySpecific(): IAlarmRule {
    return {
      renderAlarmRule: () =>
        Lazy.string({
          produce: () =>
            this.waits
              ? cloudwatch.AlarmRule.anyOf(...this.specific.map(inAlarm)).renderAlarmRule()
              : 'FALSE',
        }),
    };
  }
}

/** SQS's metrics of an idle queue take up to 15 minutes to wake, commonly under 5; the page is late by as much. */
const SETTLING = Duration.minutes(5);

/** A rule is at most 10,240 characters, and an ARN of an alarm about 150. */
const MOST = 50;

const inAlarm = (alarm: Alarm): IAlarmRule =>
  cloudwatch.AlarmRule.fromAlarm(alarm, cloudwatch.AlarmState.ALARM);

const descriptionOf = (alarm: Alarm): string | undefined =>
  (alarm.node.defaultChild as { readonly alarmDescription?: string } | undefined)?.alarmDescription;

/** aws-cdk-lib makes a physical name, which CloudFormation does not need. */
function leaveUnnamed(alarm: CompositeAlarm): void {
  (alarm.node.defaultChild as CfnCompositeAlarm).addPropertyDeletionOverride('AlarmName');
}
