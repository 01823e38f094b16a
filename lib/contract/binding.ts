/**
 * A binding is what the deployed resource tells the client: where it is and how it was configured. Constructs write one
 * per resource, as versioned JSON in one environment variable; clients read it and refuse to start on a mismatch.
 */

/** A message or record type that a resource carries: the client checks its own declaration against it. */
export interface ContractReference {
  /** The declared name, e.g. `github.push`. */
  readonly name: string;
  /** The schema's version, from 1. Clients refuse to start where their declaration has another. */
  readonly version: number;
}

/** What every binding says. */
export interface BindingBase {
  /** Format of the binding; this package writes and reads 1. */
  readonly v: 1;
  /** The name clients ask for: the construct id, e.g. `Builds`. */
  readonly name: string;
  /** The Region the resource is in; clients make their requests there. */
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
  /** Tells the kinds of bindings apart. */
  readonly kind: 'topic';
  /** The topic, as SNS and policies name it. */
  readonly arn: string;
  /** Whether messages keep their order per group; each then has a group and a deduplication id. */
  readonly fifo: boolean;
  /** Whether SNS hashes the body for a missing deduplication id; millrace publishers always send the business id. */
  readonly contentBasedDeduplication: boolean;
  /** The largest message it takes, in bytes, attributes included. */
  readonly maxMessageBytes: number;
  /** What may be published to it. Publishers refuse other messages. */
  readonly messages: readonly ContractReference[];
  /** Where publishers leave large payloads, where the construct made a bucket. */
  readonly claimCheck?: ClaimCheckBinding;
}

/** What a `WorkQueueWithDLQ` tells its workers and senders. */
export interface QueueBinding extends BindingBase {
  /** Tells the kinds of bindings apart. */
  readonly kind: 'queue';
  /** Where requests of SQS go. */
  readonly url: string;
  /** The queue, as policies and events of Lambda name it. */
  readonly arn: string;
  /** Whether messages keep their order per group. */
  readonly fifo: boolean;
  /** How bodies are to be read; every source of the queue delivers the same way. */
  readonly delivery: Delivery;
  /** What may arrive: what senders send and topics deliver. Handlers must cover it. */
  readonly messages: readonly ContractReference[];
  /** How long a handler may run, in seconds. */
  readonly handlerTimeoutSeconds: number;
  /** How long a received message stays hidden unless a worker renews it, in seconds. */
  readonly visibilityTimeoutSeconds: number;
  /** Receives after which SQS moves a message to the dead-letter queue. */
  readonly maxReceiveCount: number;
  /** How long SQS keeps a message, in seconds. */
  readonly retentionSeconds: number;
  /** The largest message it takes, in bytes, attributes included. */
  readonly maxMessageBytes: number;
  /** Where hopeless messages go, with the reason. */
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
  /** Tells the kinds of bindings apart. */
  readonly kind: 'stream';
  /** The stream, as Kinesis and policies name it. */
  readonly arn: string;
  /** The name CloudWatch counts it by. */
  readonly streamName: string;
  /** What it carries. Producers refuse to start with another declaration. */
  readonly record: ContractReference;
  /** The largest Kinesis record it takes, in bytes, partition key included. */
  readonly maxRecordBytes: number;
  /** How long records can be read, in hours. */
  readonly retentionHours: number;
}

/** What `ShardedStream.addReader` tells one reader: `name` is `<stream>/<reader>`. */
export interface ReaderBinding extends BindingBase {
  /** Tells the kinds of bindings apart. */
  readonly kind: 'reader';
  /** The reader's name, e.g. `delays`; leases are registered by it. */
  readonly reader: string;
  /** The stream that is read. */
  readonly stream: { readonly name: string; readonly arn: string; readonly streamName: string };
  /** What the stream carries. Readers refuse to start with another declaration. */
  readonly record: ContractReference;
  /** How long records can be read, in hours. */
  readonly retentionHours: number;
  /** DynamoDB table of leases and checkpoints. */
  readonly leaseTable: string;
  /** Where to start on a shard without a checkpoint. */
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
