import { byConstruct, byRule, leftOpen, practice, type Practice } from './practice.js';

const QUEUE = 'test/cdk/queue/work-queue.test.ts';

/** Practices on alarms. */
export const ALARM_PRACTICES: readonly Practice[] = [
  practice(
    'ALM-01',
    'Rings on the first dead letter, by what is visible and never by what was sent',
    byRule('dead-letter-alarm'),
    byConstruct('does', `${QUEUE} › ring on the first dead letter, by what is visible`),
  ),
  practice(
    'ALM-02',
    'Rings when messages wait too long; poison leaves that metric after three receives, so dead letters have their own',
    byRule('queue-backlog-alarm', 'dead-letter-alarm'),
    byConstruct('both', 'test/cdk/practices.test.ts › ring by the age of the oldest message'),
  ),
  practice(
    'ALM-03',
    'Rings before dead letters expire, counted from the move',
    byConstruct(
      'with a quarter of the time left',
      'test/cdk/practices.test.ts › ring while a quarter of the time of a dead letter is left',
    ),
    leftOpen('no rule: the alarm on the first dead letter is what must be there'),
  ),
  practice(
    'ALM-04',
    'Tells how long the backlog will take',
    leftOpen(
      'arrivals by consumption swings from nothing to infinity when workers scale; the age says the same and holds still',
    ),
  ),
  practice(
    'ALM-05',
    'Rings on failed deliveries, lost ones, and attributes no filter can read',
    byRule('subscription-dead-letters', 'dead-letter-alarm'),
    byConstruct(
      'all three',
      'test/cdk/topic/fanout-topic.test.ts › rings when a delivery failed, and when it is lost altogether',
      'test/cdk/practices.test.ts › ring when no filter can read the attributes of a message',
    ),
    leftOpen(
      'no rule for topics of others: with a dead-letter queue and its alarm a failed delivery is heard',
    ),
  ),
  practice(
    'ALM-06',
    'Rings on the spending for text messages',
    leftOpen(
      'it is one figure of the whole account (`SMSMonthToDateSpentUSD` of `AWS/SNS`, no dimension), so its alarm belongs into one stack of it, and a rule would ask every other stack',
    ),
  ),
  practice(
    'ALM-07',
    'Tells somebody',
    byRule('alarm-action'),
    byConstruct(
      'alarmTopic, demanded by posture regulated',
      'test/cdk/posture/postures.test.ts › rejects alarms that tell nobody',
    ),
  ),
  practice(
    'ALM-08',
    'Its topic’s policy and key let CloudWatch in',
    byRule('alarm-delivery'),
    byConstruct(
      'opens both',
      'test/cdk/monitoring/monitoring.test.ts › sends the alarms of everything below to its topic, whose policy and key let CloudWatch in',
    ),
  ),
  practice(
    'ALM-09',
    'Workers that fail, are throttled or lag are heard of',
    byRule('dead-letter-alarm', 'queue-backlog-alarm', 'stream-lag-alarm', 'consumer-lag-alarm'),
    byConstruct(
      'by its lag',
      'test/cdk/stream/lambda-stream-reader.test.ts › rings when the function is half the retention behind',
    ),
    leftOpen(
      'no rule on Errors and Throttles: what fails ends as a dead letter, what is throttled waits, and both ring',
    ),
  ),
];
