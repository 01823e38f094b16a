/** What a metric counts in, as UCUM has it. */
export type MetricUnit =
  's' | 'By' | '{message}' | '{record}' | '{receive}' | '{call}' | '{handler}' | '{shard}' | '{event}';

/**
 * How a metric grows: a `counter` is added to, a `histogram` collects single values, a `gauge` is looked at when values
 * are due, and so is a `total`, a sum since the start.
 */
export type MetricKind = 'counter' | 'histogram' | 'gauge' | 'total';

interface Metric {
  /** Its name in CloudWatch; the key is the name in OpenTelemetry. */
  readonly cloudWatch: string;
  readonly kind: MetricKind;
  readonly unit: MetricUnit;
  readonly words: string;
}

/**
 * Every metric of the runtime. Names that OpenTelemetry's conventions for messaging have are theirs, the others begin
 * with `millrace.`.
 * @see https://opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics/
 */
export const METRICS = {
  'messaging.client.sent.messages': {
    cloudWatch: 'MessagesSent',
    kind: 'counter',
    unit: '{message}',
    words: 'messages a publisher, or records a producer, sent or failed to (`error.type`)',
  },
  'messaging.client.operation.duration': {
    cloudWatch: 'SendDuration',
    kind: 'histogram',
    unit: 's',
    words: 'from `publish` or `put` to the answer of the service, batching and retries included',
  },
  'millrace.send.messages': {
    cloudWatch: 'SendMessages',
    kind: 'histogram',
    unit: '{message}',
    words: 'messages of one call of a publisher: how full its batches are, of ten',
  },
  'messaging.client.consumed.messages': {
    cloudWatch: 'MessagesReceived',
    kind: 'counter',
    unit: '{message}',
    words: 'messages that were received',
  },
  'messaging.process.duration': {
    cloudWatch: 'ProcessDuration',
    kind: 'histogram',
    unit: 's',
    words:
      'idempotency check and handler of one message, or handler of one batch of records (`error.type` where it failed)',
  },
  'millrace.message.dwell': {
    cloudWatch: 'MessageDwell',
    kind: 'histogram',
    unit: 's',
    words:
      'from the moment SQS or Kinesis took a message, or the first record of a batch, until its handling began, by two machines’ clocks',
  },
  'millrace.receive.messages': {
    cloudWatch: 'ReceiveMessages',
    kind: 'histogram',
    unit: '{message}',
    words: 'messages of one receive or invocation that brought any: how full batches are, of ten',
  },
  'millrace.api.calls': {
    cloudWatch: 'ApiCalls',
    kind: 'total',
    unit: '{call}',
    words: 'calls of a worker to SQS (`operation`); divided by messages received, calls per message',
  },
  'millrace.handlers.active': {
    cloudWatch: 'HandlersActive',
    kind: 'gauge',
    unit: '{handler}',
    words: 'handlers that run now',
  },
  'millrace.handlers.limit': {
    cloudWatch: 'HandlersLimit',
    kind: 'gauge',
    unit: '{handler}',
    words: 'handlers that may run at once now',
  },
  'millrace.messages.buffered': {
    cloudWatch: 'MessagesBuffered',
    kind: 'gauge',
    unit: '{message}',
    words: 'messages received that wait for a slot',
  },
  'millrace.messages.parked': {
    cloudWatch: 'MessagesParked',
    kind: 'gauge',
    unit: '{message}',
    words: 'messages kept in hand during an outage',
  },
  'millrace.messages.undeleted': {
    cloudWatch: 'MessagesUndeleted',
    kind: 'gauge',
    unit: '{message}',
    words: 'messages that are done but could not be deleted yet',
  },
  'millrace.message.extensions': {
    cloudWatch: 'MessageExtensions',
    kind: 'counter',
    unit: '{message}',
    words: 'visibility timeouts that were extended',
  },
  'millrace.message.duplicates': {
    cloudWatch: 'MessageDuplicates',
    kind: 'counter',
    unit: '{message}',
    words: 'copies recognised by the idempotency record and not handled again',
  },
  'millrace.message.failures': {
    cloudWatch: 'MessageFailures',
    kind: 'counter',
    unit: '{message}',
    words: 'handlings that failed (`error.type`: the class of the error)',
  },
  'millrace.message.receives_left': {
    cloudWatch: 'MessageReceivesLeft',
    kind: 'histogram',
    unit: '{receive}',
    words: 'receives a failed message has left until the dead-letter queue: the receive budget',
  },
  'millrace.message.dead_lettered': {
    cloudWatch: 'MessagesDeadLettered',
    kind: 'counter',
    unit: '{message}',
    words: 'messages sent to the dead-letter queue (`reason`)',
  },
  'millrace.message.dropped': {
    cloudWatch: 'MessagesDropped',
    kind: 'counter',
    unit: '{message}',
    words: 'messages a rule of `errors` dropped',
  },
  'millrace.message.lost': {
    cloudWatch: 'MessagesLost',
    kind: 'counter',
    unit: '{message}',
    words: 'messages whose right was lost while they were held (`reason`); they come back',
  },
  'millrace.message.abandoned': {
    cloudWatch: 'MessagesAbandoned',
    kind: 'counter',
    unit: '{message}',
    words: 'handlers that did not end though they were asked to',
  },
  'millrace.receive.failures': {
    cloudWatch: 'ReceiveFailures',
    kind: 'counter',
    unit: '{call}',
    words: 'receives that failed (`error.type`)',
  },
  'millrace.receive.pauses': {
    cloudWatch: 'ReceivePauses',
    kind: 'counter',
    unit: '{event}',
    words: 'times the circuit breaker stopped receiving',
  },
  'millrace.loop.stalls': {
    cloudWatch: 'LoopStalls',
    kind: 'histogram',
    unit: 's',
    words: 'how long the event loop was blocked, long enough to endanger renewals',
  },
  'millrace.webhook.refusals': {
    cloudWatch: 'WebhookRefusals',
    kind: 'counter',
    unit: '{event}',
    words: 'requests a webhook receiver refused (`reason`)',
  },
  'millrace.put.records': {
    cloudWatch: 'PutRecords',
    kind: 'histogram',
    unit: '{record}',
    words: 'records of one call of a producer',
  },
  'millrace.put.aggregate': {
    cloudWatch: 'PutAggregate',
    kind: 'histogram',
    unit: '{record}',
    words: 'records that shared one Kinesis record: how full aggregates are',
  },
  'millrace.put.wait': {
    cloudWatch: 'PutWait',
    kind: 'histogram',
    unit: 's',
    words: 'from the first `put` of a Kinesis record until its first request left: buffering',
  },
  'millrace.put.retries': {
    cloudWatch: 'PutRetries',
    kind: 'counter',
    unit: '{record}',
    words: 'Kinesis records that had to go again (`reason`: `throttled`, `failed`)',
  },
  'millrace.put.buffered': {
    cloudWatch: 'PutBuffered',
    kind: 'gauge',
    unit: 'By',
    words: 'bytes a producer has taken and not written yet',
  },
  'millrace.stream.batch': {
    cloudWatch: 'StreamBatch',
    kind: 'histogram',
    unit: '{record}',
    words: 'records of one batch a handler was given',
  },
  'millrace.stream.records': {
    cloudWatch: 'StreamRecords',
    kind: 'total',
    unit: '{record}',
    words: 'records whose handler resolved',
  },
  'millrace.stream.lag': {
    cloudWatch: 'StreamLag',
    kind: 'gauge',
    unit: 's',
    words: 'how far the farthest shard held here is behind its tip',
  },
  'millrace.stream.shards': {
    cloudWatch: 'StreamShards',
    kind: 'gauge',
    unit: '{shard}',
    words: 'shards held by this worker',
  },
  'millrace.stream.lease_changes': {
    cloudWatch: 'StreamLeaseChanges',
    kind: 'counter',
    unit: '{event}',
    words: 'leases taken, released and lost (`change`)',
  },
  'millrace.stream.failures': {
    cloudWatch: 'StreamFailures',
    kind: 'counter',
    unit: '{event}',
    words: 'handlers, reads, checkpoints and coordination that failed, poison that blocks (`reason`)',
  },
} as const satisfies Readonly<Record<string, Metric>>;

/** Names of {@link METRICS}. */
export type MetricName = keyof typeof METRICS;

/** One value of one metric. */
export interface Measurement {
  /** Which of {@link METRICS} it is of. */
  readonly metric: MetricName;
  /** In the metric's own unit. */
  readonly value: number;
  /** What tells it from other values of the metric; few different ones. @default - nothing */
  readonly attributes?: Readonly<Record<string, string>>;
}
