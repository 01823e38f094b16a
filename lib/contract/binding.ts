/**
 * A binding is what the deployed resource tells the client: where it is and how it was configured. Constructs write one
 * per resource, as versioned JSON in one environment variable; clients read it and refuse to start on a mismatch.
 */

/** A message or record type that a resource carries: the client checks its own declaration against it. */
export interface ContractReference {
  readonly name: string;
  readonly version: number;
}

/** What every binding says. */
export interface BindingBase {
  /** Format of the binding; this package writes and reads 1. */
  readonly v: 1;
  /** The name clients ask for: the construct id, e.g. `Builds`. */
  readonly name: string;
  readonly region: string;
  /** Set by local runs only: where the AWS API answers. Absent means AWS itself (or AWS_ENDPOINT_URL). */
  readonly endpoint?: string;
}

/** How messages reach a queue, and so how their bodies are to be read. */
export type Delivery =
  /** Producers send to the queue, or SNS delivers raw: attributes are SQS attributes, the body is the payload. */
  | 'raw'
  /** SNS delivers wrapped: the body is SNS's JSON, attributes and payload inside. */
  | 'sns-envelope';

/** Where payloads are kept that are too large for their message. */
export interface ClaimCheckBinding {
  /** The S3 bucket. */
  readonly bucket: string;
  /** What the keys of these payloads begin with; ends with a slash. */
  readonly prefix: string;
  /** Messages that weigh more leave their payload there, in bytes. */
  readonly thresholdBytes: number;
}

/** What a `FanoutTopic` tells its publishers. */
export interface TopicBinding extends BindingBase {
  readonly kind: 'topic';
  readonly arn: string;
  readonly fifo: boolean;
  /** Whether SNS hashes the body for a missing deduplication id; millrace publishers always send the business id. */
  readonly contentBasedDeduplication: boolean;
  readonly maxMessageBytes: number;
  readonly messages: readonly ContractReference[];
  /** Where publishers leave large payloads, where the construct made a bucket. */
  readonly claimCheck?: ClaimCheckBinding;
}

/** What a `WorkQueueWithDLQ` tells its workers and senders. */
export interface QueueBinding extends BindingBase {
  readonly kind: 'queue';
  readonly url: string;
  readonly arn: string;
  readonly fifo: boolean;
  readonly delivery: Delivery;
  readonly messages: readonly ContractReference[];
  readonly handlerTimeoutSeconds: number;
  readonly visibilityTimeoutSeconds: number;
  readonly maxReceiveCount: number;
  readonly retentionSeconds: number;
  readonly maxMessageBytes: number;
  readonly deadLetterQueue: { readonly url: string; readonly arn: string };
  /** The idempotency table, where the construct made one. */
  readonly idempotency?: { readonly table: string; readonly ttlAttribute: string };
  /** Where senders leave large payloads; no other queue's messages point there, so its worker deletes what it handled. */
  readonly claimCheck?: ClaimCheckBinding;
  /** Buckets of topics that deliver here: read from, never deleted from, as other queues may point there too. */
  readonly claimCheckBuckets?: readonly string[] | undefined;
}

/** What a `ShardedStream` tells its producers. */
export interface StreamBinding extends BindingBase {
  readonly kind: 'stream';
  readonly arn: string;
  readonly streamName: string;
  readonly record: ContractReference;
  readonly maxRecordBytes: number;
  readonly retentionHours: number;
}

/** What `ShardedStream.addReader` tells one reader: `name` is `<stream>/<reader>`. */
export interface ReaderBinding extends BindingBase {
  readonly kind: 'reader';
  readonly reader: string;
  readonly stream: { readonly name: string; readonly arn: string; readonly streamName: string };
  readonly record: ContractReference;
  readonly retentionHours: number;
  /** DynamoDB table of leases and checkpoints. */
  readonly leaseTable: string;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  /** The enhanced fan-out consumer, where the reader has one. */
  readonly consumerArn?: string;
}

/** Any binding; `kind` tells which. In JSON its `messages` may be one line of text, see {@link encodeReferences}. */
export type Binding = TopicBinding | QueueBinding | StreamBinding | ReaderBinding;

/** The kinds there are. */
export type BindingKind = Binding['kind'];

/** The binding of one kind. */
export type BindingOf<Kind extends BindingKind> = Extract<Binding, { readonly kind: Kind }>;

/** The environment variable by which a construct has its workers protect their ECS task while they work, when it is `true`. */
export const TASK_PROTECTION_VARIABLE = 'MILLRACE_TASK_PROTECTION';

/**
 * The environment variable of a resource: `MILLRACE_<KIND>_<NAME>` in upper snake case, so `Builds` is
 * `MILLRACE_QUEUE_BUILDS`, `RepositoryEvents` is `MILLRACE_TOPIC_REPOSITORY_EVENTS`, reader `Flights/delays` is
 * `MILLRACE_READER_FLIGHTS_DELAYS`.
 */
export function bindingVariable(kind: BindingKind, name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2');
  const snake = words.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  return `MILLRACE_${kind}_${snake}`.toUpperCase();
}
