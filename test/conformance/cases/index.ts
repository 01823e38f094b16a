import type { ConformanceCase } from '../conformance-case.js';
import { transactionCases } from './dynamodb/transaction.cases.js';
import { conditionCases } from './dynamodb/condition.cases.js';
import { partiqlCases } from './dynamodb/partiql.cases.js';
import { readCases } from './dynamodb/read.cases.js';
import { tableCases } from './dynamodb/table.cases.js';
import { ttlCases } from './dynamodb/ttl.cases.js';
import { writeCases } from './dynamodb/write.cases.js';
import { consumerCases, subscribeCases } from './kinesis/consumer.cases.js';
import { limitCases } from './kinesis/limit.cases.js';
import { getCases } from './kinesis/get.cases.js';
import { putCases, putRefusalCases } from './kinesis/put.cases.js';
import { listShardsCases } from './kinesis/list-shards.cases.js';
import { reshardCases } from './kinesis/reshard.cases.js';
import { streamCases } from './kinesis/stream.cases.js';
import { bucketCases, lifecycleCases } from './s3/bucket.cases.js';
import { listCases } from './s3/list.cases.js';
import { deleteCases, integrityCases, objectCases } from './s3/object.cases.js';
import { deliveryCases } from './sns/delivery.cases.js';
import { publishBatchCases, publishRefusalCases } from './sns/publish.cases.js';
import { snsFifoCases } from './sns/fifo.cases.js';
import { attributeFilterCases } from './sns/attribute-filter.cases.js';
import { bodyFilterCases } from './sns/body-filter.cases.js';
import { filterRefusalCases } from './sns/filter-refusal.cases.js';
import { leanSnsCases } from './sns/lean.cases.js';
import { snsHttpCases } from './sns/http.cases.js';
import { platformCases } from './sns/platform.cases.js';
import { subscriptionCases, topicCases } from './sns/topic.cases.js';
import { batchCases } from './sqs/batch.cases.js';
import { fifoDeduplicationCases } from './sqs/fifo-dedup.cases.js';
import { fifoOrderCases } from './sqs/fifo-order.cases.js';
import { leanCases } from './sqs/lean.cases.js';
import { messageAttributeCases } from './sqs/message-attribute.cases.js';
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
  ...messageAttributeCases,
  ...visibilityCases,
  ...pollingCases,
  ...batchCases,
  ...fifoOrderCases,
  ...fifoDeduplicationCases,
  ...redriveCases,
  ...moveTaskCases,
  ...sqsRefusalCases,
  ...leanCases,
  ...topicCases,
  ...subscriptionCases,
  ...deliveryCases,
  ...publishRefusalCases,
  ...publishBatchCases,
  ...snsFifoCases,
  ...leanSnsCases,
  ...attributeFilterCases,
  ...bodyFilterCases,
  ...filterRefusalCases,
  ...snsHttpCases,
  ...platformCases,
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
  ...partiqlCases,
  ...tableCases,
  ...ttlCases,
  ...bucketCases,
  ...objectCases,
  ...integrityCases,
  ...deleteCases,
  ...listCases,
  ...lifecycleCases,
];
