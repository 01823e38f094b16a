/**
 * What every emulated service is: a state machine that is handed calls and the time, and answers. It sets no timer,
 * reads no clock and opens no socket; two drivers (the HTTP server on real time, tests on a virtual clock) do that.
 */

/** Services with an engine of ours; DynamoDB is a library behind the same port. */
export type ServiceName = 'sqs' | 'sns' | 'kinesis' | 's3';

/**
 * What a service may do within its promises, and a client has to bear. FIFO queues promise more: there only `miss`
 * and `fail-delivery` have an effect.
 *
 * | hazard | on | does |
 * |---|---|---|
 * | `duplicate` | SendMessage, Publish | the message is stored, or delivered, twice |
 * | `duplicate` | ReceiveMessage | the messages handed out stay visible to others |
 * | `reorder` | ReceiveMessage | what is first in line goes to its end before the receive |
 * | `miss` | ReceiveMessage | the messages there are are not found this time |
 * | `forget` | DeleteMessage | answers success and deletes nothing |
 * | `fail-delivery` | Publish | the first try of every delivery fails on the server's side |
 */
export type Hazard = 'duplicate' | 'reorder' | 'miss' | 'forget' | 'fail-delivery';

/** One API call after its wire protocol was taken off; blobs stay base64 text, as JSON carries them, and bytes
 * where the protocol carries bytes (S3). */
export interface ApiCall {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Strikes this call inside the engine; services that don't know it do the call as ever. */
  readonly hazard?: Hazard;
}

/** A refusal in the service's own words. `code` is the error shape's name, e.g. `QueueDoesNotExist`. */
export interface ApiFault {
  readonly code: string;
  readonly message: string;
  /** HTTP status: 400 for the caller's faults, 500/503 for the service's. */
  readonly status: number;
  /** The legacy query-protocol code, where the JSON protocol still sends it (`x-amzn-query-error`). */
  readonly queryCode?: string;
  /** Further members of the error shape. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What an engine answers to a call. */
export type ApiResult =
  | { readonly kind: 'output'; readonly output: Readonly<Record<string, unknown>> }
  | { readonly kind: 'fault'; readonly fault: ApiFault }
  /** A long poll: ask `retry` again after the engine changed, and at `until` at the latest (it then answers for good). */
  | {
      readonly kind: 'wait';
      readonly until: number;
      readonly retry: (now: number) => ApiResult;
      readonly abandon: () => void;
    }
  /** An event stream: ask `next` for what is due; it says when to ask again. */
  | { readonly kind: 'stream'; readonly stream: EventSource };

/** One event of an event stream (`SubscribeToShardEvent`), or an exception event. */
export interface StreamEvent {
  readonly type: string;
  readonly isException: boolean;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** The server side of an event stream, pulled by the driver. */
export interface EventSource {
  /** Events due at `now`; `ended` closes the stream after them, otherwise ask again at `nextAt` or when the engine changed. */
  next(now: number): {
    readonly events: readonly StreamEvent[];
    readonly ended: boolean;
    readonly nextAt: number;
  };
  /** The client went away. */
  close(now: number): void;
}

/** One emulated service. */
export interface Engine {
  readonly service: ServiceName;
  /** Does one call at `now` (epoch ms; never earlier than any `now` given before). */
  call(call: ApiCall, now: number): ApiResult;
  /** Lets time do its work up to `now`: visibility, delay, retention, retries, status changes. */
  advance(now: number): void;
  /** When {@link advance} has something to do next, or undefined when only a call can change anything. */
  nextDeadline(): number | undefined;
}
