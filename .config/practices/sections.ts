import { ALARM_PRACTICES } from './alarm-practices.js';
import { DYNAMODB_PRACTICES } from './dynamodb-practices.js';
import { ECS_PRACTICES } from './ecs-practices.js';
import { FIREHOSE_PRACTICES } from './firehose-practices.js';
import { FURTHER_PRACTICES } from './further-practices.js';
import { KINESIS_PRACTICES } from './kinesis-practices.js';
import { KMS_PRACTICES } from './kms-practices.js';
import { MAPPING_PRACTICES } from './mapping-practices.js';
import type { PracticeSection } from './practice.js';
import { SNS_PRACTICES } from './sns-practices.js';
import { SQS_PRACTICES } from './sqs-practices.js';

/** The catalogue, in the order of the page. */
export const PRACTICE_SECTIONS: readonly PracticeSection[] = [
  { prefix: 'SQS', title: 'Queues', count: 32, practices: SQS_PRACTICES },
  { prefix: 'SNS', title: 'Topics and subscriptions', count: 32, practices: SNS_PRACTICES },
  { prefix: 'KDS', title: 'Streams', count: 23, practices: KINESIS_PRACTICES },
  { prefix: 'FH', title: 'Firehose', count: 10, practices: FIREHOSE_PRACTICES },
  { prefix: 'ESM', title: 'Lambda event source mappings', count: 17, practices: MAPPING_PRACTICES },
  { prefix: 'ECS', title: 'Workers on ECS', count: 14, practices: ECS_PRACTICES },
  { prefix: 'DDB', title: 'Tables of leases and idempotency', count: 8, practices: DYNAMODB_PRACTICES },
  { prefix: 'KMS', title: 'Keys', count: 4, practices: KMS_PRACTICES },
  { prefix: 'ALM', title: 'Alarms', count: 9, practices: ALARM_PRACTICES },
  { prefix: 'MIL', title: 'Beside the catalogue', count: 7, practices: FURTHER_PRACTICES },
];
