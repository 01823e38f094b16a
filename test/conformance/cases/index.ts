import type { ConformanceCase } from '../conformance-case.js';
import { transactionCases } from './dynamodb/transaction.cases.js';
import { conditionCases, readCases, tableCases, ttlCases, writeCases } from './dynamodb/write.cases.js';
import { consumerCases, subscribeCases } from './kinesis/consumer.cases.js';
import { limitCases } from './kinesis/limit.cases.js';
import { getCases, putCases, putRefusalCases } from './kinesis/record.cases.js';
import { listShardsCases, reshardCases } from './kinesis/reshard.cases.js';
import { streamCases } from './kinesis/stream.cases.js';
import { deliveryCases, publishBatchCases, publishRefusalCases } from './sns/delivery.cases.js';
import { snsFifoCases } from './sns/fifo.cases.js';
import { attributeFilterCases, bodyFilterCases, filterRefusalCases } from './sns/filter.cases.js';
import { snsHttpCases } from './sns/http.cases.js';
import { subscriptionCases, topicCases } from './sns/topic.cases.js';
import { batchCases } from './sqs/batch.cases.js';
import { fifoDeduplicationCases, fifoOrderCases } from './sqs/fifo.cases.js';
import { messageCases } from './sqs/message.cases.js';
import { pollingCases } from './sqs/polling.cases.js';
import { queueCases } from './sqs/queue.cases.js';
import { moveTaskCases, redriveCases } from './sqs/redrive.cases.js';
import { sqsRefusalCases } from './sqs/refusal.cases.js';
import { visibilityCases } from './sqs/visibility.cases.js';

/** Every case of the suite. */
export const ALL_CASES: readonly ConformanceCase[] = [
  ...queueCases,
  ...messageCases,
  ...visibilityCases,
  ...pollingCases,
  ...batchCases,
  ...fifoOrderCases,
  ...fifoDeduplicationCases,
  ...redriveCases,
  ...moveTaskCases,
  ...sqsRefusalCases,
  ...topicCases,
  ...subscriptionCases,
  ...deliveryCases,
  ...publishRefusalCases,
  ...publishBatchCases,
  ...snsFifoCases,
  ...attributeFilterCases,
  ...bodyFilterCases,
  ...filterRefusalCases,
  ...snsHttpCases,
  ...streamCases,
  ...putCases,
  ...putRefusalCases,
  ...getCases,
  ...reshardCases,
  ...listShardsCases,
  ...limitCases,
  ...consumerCases,
  ...subscribeCases,
  ...writeCases,
  ...conditionCases,
  ...readCases,
  ...transactionCases,
  ...tableCases,
  ...ttlCases,
];
