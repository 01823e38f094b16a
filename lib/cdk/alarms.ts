import {
  Aspects,
  Duration,
  Stack,
  Token,
  aws_cloudwatch as cloudwatch,
  aws_cloudwatch_actions as actions,
} from 'aws-cdk-lib';
import type { Alarm, AlarmProps as AlarmSettings, IAlarmAction, IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct, IConstruct } from 'constructs';
import { refuseAll } from '../core/errors.js';
import {
  ALARM_SECTIONS,
  isAlarmOn,
  mergeAlarms,
  type AlarmName,
  type AlarmSwitches,
} from './monitoring/alarm-catalogue.js';
import { AlarmPrecedence } from './monitoring/alarm-precedence.js';
import { markAlarm } from './monitoring/watched-construct.js';
import { markAsked, monitoringOf } from './monitoring/monitoring.js';
import { publisherKeyStatement, publishStatement } from './topic/publisher-statements.js';
import { TopicPublisher } from './topic/topic-publisher.js';

/** How a construct watches itself. */
export interface AlarmProps {
  /**
   * Whether the construct makes its alarms, all or by name: `{ backlog: false }`.
   *
   * @default - what `Monitoring.of(scope).use()` chose for the nearest scope, or else all
   */
  readonly alarms?: boolean | AlarmSwitches;

  /**
   * Where the alarms go. Its policy and its customer managed key, where it has them, are opened for CloudWatch: an
   * alarm could not publish otherwise.
   *
   * @default - what `Monitoring.of(scope).use()` chose for the nearest scope, or else the alarms change their state and tell nobody
   */
  readonly alarmTopic?: ITopic;
}

/** One alarm: `metric` at or over `threshold`. */
export interface NamedAlarm {
  readonly name: AlarmName;
  readonly metric: IMetric;
  readonly threshold: number;
  /** What is wrong when it rings, and what to do first. The runbook's section is added. */
  readonly description: string;
  /** How many periods in a row it takes; 1 when left out. */
  readonly periods?: number;
  /** How many of the periods it takes, where the metric has samples in some of them only; all when left out. */
  readonly datapoints?: number;
  /** Whether it rings below the threshold and without any sample, which then are the trouble; false when left out. */
  readonly isForSilence?: boolean;
}

/** Resolution of the metrics of SQS, SNS and Kinesis that alarms watch. */
export const ALARM_PERIOD = Duration.minutes(1);

/** For metrics that don't have a sample in every minute: Firehose sends its own every five. */
export const SAMPLED_PERIOD = Duration.minutes(5);

/** Makes one alarm, unless it is off. No data is no problem: idle queues and topics send none. */
export function createAlarm(scope: Construct, id: string, rule: NamedAlarm & AlarmProps): Alarm | undefined {
  if (!isAlarmOn(rule.alarms, rule.name)) return undefined;
  const alarm = alarmOf(scope, id, rule);
  alarm.addAlarmAction(...actionsOf(scope, rule));
  return alarm;
}

/** Makes an alarm that waits for more specific ones to ring in its place. */
export function createGeneralAlarm(
  scope: Construct,
  id: string,
  rule: NamedAlarm & AlarmProps,
): { readonly alarm: Alarm; readonly precedence: AlarmPrecedence } | undefined {
  if (!isAlarmOn(rule.alarms, rule.name)) return undefined;
  const alarm = alarmOf(scope, id, rule);
  return { alarm, precedence: new AlarmPrecedence(scope, alarm, actionsOf(scope, rule)) };
}

/** The alarm switches of a props object, ready to be spread. */
export function alarmPropsOf(props: AlarmProps): AlarmProps {
  return {
    ...(props.alarms !== undefined && { alarms: props.alarms }),
    ...(props.alarmTopic && { alarmTopic: props.alarmTopic }),
  };
}

/** Fills in what the scopes above decided on alarms, where the props are silent. */
export function underMonitoring<P extends AlarmProps>(construct: IConstruct, props: P): P & AlarmProps {
  markAsked(construct);
  const inherited = monitoringOf(construct);
  const alarms = mergeAlarms(props.alarms, inherited.alarms);
  const alarmTopic = props.alarmTopic ?? inherited.alarmTopic;
  return { ...props, ...(alarms !== undefined && { alarms }), ...(alarmTopic && { alarmTopic }) };
}

function alarmOf(scope: Construct, id: string, rule: NamedAlarm): Alarm {
  const alarm = new cloudwatch.Alarm(scope, id, {
    metric: rule.metric,
    threshold: rule.threshold,
    evaluationPeriods: rule.periods ?? 1,
    ...(rule.datapoints !== undefined && { datapointsToAlarm: rule.datapoints }),
    ...breachOf(rule),
    alarmDescription: `${rule.description} Runbook: ${runbookOf(scope, rule.name)}`,
  });
  markAlarm(alarm, rule.name);
  return alarm;
}

function breachOf({
  isForSilence = false,
}: NamedAlarm): Pick<AlarmSettings, 'comparisonOperator' | 'treatMissingData'> {
  const { ComparisonOperator, TreatMissingData } = cloudwatch;
  return isForSilence
    ? {
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        treatMissingData: TreatMissingData.BREACHING,
      }
    : {
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      };
}

function runbookOf(scope: Construct, name: AlarmName): string {
  const { runbookUrl } = monitoringOf(scope);
  const section = ALARM_SECTIONS[name];
  return runbookUrl === undefined
    ? `docs/runbook.md#${section} of the package millrace`
    : `${runbookUrl}#${section}`;
}

function actionsOf(scope: Construct, { alarmTopic }: AlarmProps): readonly IAlarmAction[] {
  const others = monitoringOf(scope).alarmActions ?? [];
  if (alarmTopic === undefined) return others;
  refuseAll(`alarms of '${scope.node.path}' can't ring`, regionViolations(scope, alarmTopic));
  letCloudWatchPublish(alarmTopic, scope);
  return [new actions.SnsAction(alarmTopic), ...others];
}

function regionViolations(scope: Construct, topic: ITopic): string[] {
  const [own, theirs] = [Stack.of(scope).region, topic.env.region];
  return own === theirs || Token.isUnresolved(own) || Token.isUnresolved(theirs)
    ? []
    : [
        `alarmTopic must be in ${own}, where its alarms are, got a topic in ${theirs}: make one per Region, and subscribe the same people`,
      ];
}

/** Without this the alarm rings and its message dies at the topic's policy or at KMS, unseen. */
function letCloudWatchPublish(topic: ITopic, scope: Construct): void {
  const { account } = Stack.of(scope);
  if (topic.masterKey && isFirst(LET_IN.byKeys, topic, account)) {
    topic.masterKey.addToResourcePolicy(publisherKeyStatement(topic, ALARMS, account));
  }
  // A topic without a policy lets its account's alarms publish, and a first policy would take that from the others.
  const openPolicy = (): void => {
    if (topic.node.tryFindChild('Policy') !== undefined && isFirst(LET_IN.byPolicies, topic, account)) {
      topic.addToResourcePolicy(publishStatement(topic, ALARMS, account));
    }
  };
  openPolicy();
  // Somebody else may give it that first policy after its last alarm.
  if (isFirst(LET_IN.later, topic, account)) {
    Aspects.of(topic).add({ visit: (node) => (node === topic ? openPolicy() : undefined) });
  }
}

const ALARMS = TopicPublisher.cloudWatchAlarms();

/** Whose alarms may publish already. A statement for each alarm would be resolved and weeded out again with every policy. */
const LET_IN = {
  byKeys: new WeakMap<ITopic, Set<string>>(),
  byPolicies: new WeakMap<ITopic, Set<string>>(),
  later: new WeakMap<ITopic, Set<string>>(),
};

function isFirst(known: WeakMap<ITopic, Set<string>>, topic: ITopic, account: string): boolean {
  const accounts = known.get(topic) ?? new Set();
  known.set(topic, accounts);
  return accounts.size < accounts.add(account).size;
}
