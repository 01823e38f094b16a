import type { Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { alarmOn, createPair, createWorker, type CasesOfRule } from './cases-of-rule.js';

const nameless = (namespace: string, metricName: string): Metric => new Metric({ namespace, metricName });

export const ALARM_CASES: readonly CasesOfRule[] = [
  {
    rule: 'alarm-dimensions',
    broken: [
      {
        when: 'it looks at all streams at once',
        build: (stack) => alarmOn(stack, nameless('AWS/Kinesis', 'GetRecords.IteratorAgeMilliseconds')),
        says: 'looks at GetRecords.IteratorAgeMilliseconds of AWS/Kinesis without the dimension StreamName',
      },
    ],
    fine: [
      {
        when: 'the metric is one of the account',
        build: (stack: Stack) => alarmOn(stack, nameless('AWS/SNS', 'SMSMonthToDateSpentUSD')),
      },
    ],
  },
  {
    rule: 'queue-backlog-alarm',
    broken: [
      {
        when: 'a queue with dead letters has none',
        build: createPair,
        says: 'has no alarm on how long its messages wait: when its workers stop, messages expire after 345600 s',
      },
      {
        when: 'the dead-letter queue of a function’s queue has the only one',
        build: (stack) => {
          const { queue, dead } = createPair(stack);
          createWorker(stack).addEventSource(new SqsEventSource(queue));
          alarmOn(stack, dead.metricApproximateNumberOfMessagesVisible());
        },
        says: 'has no alarm on how long its messages wait',
      },
    ],
    fine: [
      {
        when: 'it looks at the age',
        build: (stack) => alarmOn(stack, createPair(stack).queue.metricApproximateAgeOfOldestMessage()),
      },
      {
        when: 'nothing is known to work on the queue',
        build: (stack) => new Queue(stack, 'Buffer'),
      },
    ],
  },
];
