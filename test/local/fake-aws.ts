import type { AwsTarget } from '../../lib/local/aws-clients.js';

/** One call as the service would have seen it. */
export interface RecordedCall {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** A refusal the fake is told to give. */
export interface FakeFault {
  readonly name: string;
  readonly message: string;
}

/** Just enough of four services to create things: answers in the services' own protocols, and remembers the calls. */
export interface FakeAws {
  readonly target: AwsTarget;
  readonly calls: RecordedCall[];
  /** Names of queues and ARNs of topics that are there before the deployment. */
  readonly holding: Set<string>;
  /** Inputs of all calls of one operation. */
  inputsOf(operation: string): readonly Readonly<Record<string, unknown>>[];
  /** Makes calls fail: the first fault given for a call is answered. */
  refuse(decide: (call: RecordedCall) => FakeFault | undefined): void;
}

interface FakeRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

const ACCOUNT = '000000000000';

/** Makes a fake; `target` goes into `deployAssembly`. */
export function createFakeAws(region = 'eu-west-1'): FakeAws {
  const calls: RecordedCall[] = [];
  let decide: (call: RecordedCall) => FakeFault | undefined = () => undefined;
  const holding = new Set<string>();
  const looks = new Map<string, number>();

  const handle = (request: FakeRequest): object => {
    const call = decode(request);
    calls.push(call);
    const isQuery = request.headers['x-amz-target'] === undefined;
    const fault = decide(call) ?? absence(call, holding);
    if (fault !== undefined)
      return isQuery ? xmlFault(fault) : json(400, { __type: fault.name, message: fault.message });
    const output = answer(call, { region, looks });
    return isQuery ? xml(call.operation, output) : json(200, output);
  };

  return {
    calls,
    holding,
    inputsOf: (operation) => calls.filter((call) => call.operation === operation).map(({ input }) => input),
    refuse: (given) => {
      decide = given;
    },
    target: {
      endpoint: 'http://127.0.0.1:1',
      region,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      requestHandler: {
        handle: (request: FakeRequest) => Promise.resolve({ response: handle(request) }),
        destroy: () => undefined,
      },
    },
  };
}

function decode(request: FakeRequest): RecordedCall {
  const text = typeof request.body === 'string' ? request.body : new TextDecoder().decode(request.body);
  const target = request.headers['x-amz-target'];
  if (target !== undefined) {
    return { operation: target.split('.')[1] ?? '', input: JSON.parse(text) as Record<string, unknown> };
  }
  const { Action = '', ...input } = Object.fromEntries(new URLSearchParams(text));
  return { operation: Action, input };
}

/** Nothing exists before it is created here: look-ups of names that templates give answer that there is none. */
function absence({ operation, input }: RecordedCall, holding: ReadonlySet<string>): FakeFault | undefined {
  if (holding.has(String(input.QueueName ?? input.TopicArn))) return undefined;
  if (operation === 'GetQueueUrl') return { name: 'QueueDoesNotExist', message: 'no such queue' };
  if (operation === 'GetTopicAttributes') return { name: 'NotFound', message: 'no such topic' };
  return undefined;
}

function answer(
  { operation, input }: RecordedCall,
  at: { readonly region: string; readonly looks: Map<string, number> },
): Record<string, unknown> {
  const arn = (service: string, resource: string): string =>
    `arn:aws:${service}:${at.region}:${ACCOUNT}:${resource}`;
  const look = (name: unknown): number => {
    const count = (at.looks.get(String(name)) ?? 0) + 1;
    at.looks.set(String(name), count);
    return count;
  };
  switch (operation) {
    case 'CreateQueue':
      return { QueueUrl: `http://127.0.0.1:1/${ACCOUNT}/${String(input.QueueName)}` };
    case 'GetQueueAttributes':
      return { Attributes: { QueueArn: arn('sqs', String(input.QueueUrl).split('/').at(-1) ?? '') } };
    case 'CreateTopic':
      return { TopicArn: arn('sns', String(input.Name)) };
    case 'Subscribe':
      return { SubscriptionArn: `${String(input.TopicArn)}:${look('subscriptions')}` };
    case 'DescribeStreamSummary': {
      const StreamStatus = look(input.StreamName) === 1 ? 'CREATING' : 'ACTIVE';
      const StreamARN = arn('kinesis', `stream/${String(input.StreamName)}`);
      return { StreamDescriptionSummary: { StreamARN, StreamStatus } };
    }
    case 'RegisterStreamConsumer':
      return {
        Consumer: { ConsumerARN: `${String(input.StreamARN)}/consumer/${String(input.ConsumerName)}:1` },
      };
    case 'DescribeStreamConsumer':
      return { ConsumerDescription: { ConsumerStatus: 'ACTIVE' } };
    case 'CreateTable':
      return { TableDescription: { TableArn: arn('dynamodb', `table/${String(input.TableName)}`) } };
    case 'DescribeTable':
      return { Table: { TableStatus: 'ACTIVE' } };
    default:
      return {};
  }
}

function json(statusCode: number, output: object): object {
  return {
    statusCode,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: Buffer.from(JSON.stringify(output)),
  };
}

function xml(operation: string, output: Record<string, unknown>): object {
  const members = Object.entries(output).map(([name, value]) => `<${name}>${String(value)}</${name}>`);
  const text = `<${operation}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><${operation}Result>${members.join('')}</${operation}Result></${operation}Response>`;
  return { statusCode: 200, headers: { 'content-type': 'text/xml' }, body: Buffer.from(text) };
}

function xmlFault({ name, message }: FakeFault): object {
  const text = `<ErrorResponse><Error><Type>Sender</Type><Code>${name}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  return { statusCode: 400, headers: { 'content-type': 'text/xml' }, body: Buffer.from(text) };
}
