import type { Route } from './http/route.js';

/** What a call was about, read off its input; the payload itself is never kept. */
export interface CallFacts {
  /** The queue URL, topic ARN, stream name or table named first; undefined where the call names none. */
  readonly resource: string | undefined;
  /** Entries of a batch, records of a put, items of a transaction; 1 for a call about one thing. */
  readonly entries: number;
}

type CallRoute = Extract<Route, { readonly kind: 'engine' | 'dynamodb' }>;

const RESOURCE_FIELDS = [
  'QueueUrl',
  'TopicArn',
  'TargetArn',
  'StreamName',
  'StreamARN',
  'ConsumerARN',
  'Bucket',
];
const ENTRY_FIELDS = ['Entries', 'PublishBatchRequestEntries', 'Records'];

/** Reads the facts of one call. */
export function factsOf(route: CallRoute): CallFacts {
  return route.kind === 'dynamodb' ? factsOfDynamo(route.operation, route.body) : factsOfInput(route.input);
}

function factsOfInput(input: Readonly<Record<string, unknown>>): CallFacts {
  const resource = RESOURCE_FIELDS.map((field) => input[field]).find((value) => typeof value === 'string');
  const batch = ENTRY_FIELDS.map((field) => input[field]).find((value) => Array.isArray(value));
  return { resource, entries: batch?.length ?? 1 };
}

/** DynamoDB bodies stay text on their way through; a look at the table names is enough. */
function factsOfDynamo(operation: string, body: string): CallFacts {
  const tables = operation.startsWith('Transact') ? [...body.matchAll(/"TableName":/g)].length : 1;
  return { resource: /"TableName":"([^"]+)"/.exec(body)?.[1], entries: Math.max(1, tables) };
}
