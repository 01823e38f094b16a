import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** How a construct watches itself. */
export interface AlarmProps {
  /**
   * Whether the construct makes its alarms.
   *
   * @default true
   */
  readonly alarms?: boolean;

  /**
   * Where the alarms go. Its policy and its customer managed key, where it has them, are opened for CloudWatch: an
   * alarm could not publish otherwise.
   *
   * @default - the alarms change their state and tell nobody
   */
  readonly alarmTopic?: ITopic;
}

/** One alarm: `metric` at or over `threshold`. */
export interface AlarmRule {
  readonly metric: IMetric;
  readonly threshold: number;
  /** What is wrong when it rings, and what to do first. */
  readonly description: string;
  /** How many periods in a row it takes; 1 when left out. */
  readonly periods?: number;
}

/** Resolution of the metrics of SQS, SNS and Kinesis that alarms watch. */
export const ALARM_PERIOD = Duration.minutes(1);

/** Makes one alarm, unless they are off. No data is no problem: idle queues and topics send none. */
export function createAlarm(scope: Construct, id: string, rule: AlarmRule & AlarmProps): Alarm | undefined {
  if (rule.alarms === false) return undefined;
  const alarm = new Alarm(scope, id, {
    metric: rule.metric,
    threshold: rule.threshold,
    evaluationPeriods: rule.periods ?? 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
    alarmDescription: rule.description,
  });
  if (rule.alarmTopic !== undefined) {
    alarm.addAlarmAction(new SnsAction(rule.alarmTopic));
    letCloudWatchPublish(rule.alarmTopic, scope);
  }
  return alarm;
}

/** Without this the alarm rings and its message dies at the topic's policy or at KMS, unseen. */
function letCloudWatchPublish(topic: ITopic, scope: Construct): void {
  const statement = {
    principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  };
  topic.masterKey?.addToResourcePolicy(
    new PolicyStatement({ ...statement, actions: ['kms:Decrypt', 'kms:GenerateDataKey*'], resources: ['*'] }),
  );
  // A topic without a policy lets its account's alarms publish, and a first policy would take that from the others.
  if (topic.node.tryFindChild('Policy') !== undefined) {
    topic.addToResourcePolicy(
      new PolicyStatement({ ...statement, actions: ['sns:Publish'], resources: [topic.topicArn] }),
    );
  }
}

/** The alarm switches of a props object, ready to be spread. */
export function alarmPropsOf(props: AlarmProps): AlarmProps {
  return {
    ...(props.alarms !== undefined && { alarms: props.alarms }),
    ...(props.alarmTopic && { alarmTopic: props.alarmTopic }),
  };
}
