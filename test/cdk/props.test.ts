import { Duration, Size, Token, type Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { FanoutTopic, ShardedStream, WorkQueueWithDLQ } from '../../lib/cdk/index.js';
import { createStack, FlightLanded, IssueOpened, refusalOf, resourcesOf } from './declarations.js';

/** What a prop is given, and what comes of it. */
interface PropRow {
  /** Out of range, or of a wrong kind. */
  readonly wrong: unknown;
  /** How it is refused. */
  readonly words: string;
  /** A value that only the deployment knows. */
  readonly token: unknown;
  /** How the token is refused; 'passes' when it ends up in the template. */
  readonly outcome: string;
}

type PropTable = Readonly<Record<string, PropRow>>;

const number = Token.asNumber({ Ref: 'Parameter' });
const text = Token.asString({ Ref: 'Parameter' });
const token = { seconds: Duration.seconds(number), hours: Duration.hours(number), bytes: Size.bytes(number) };

/** A switch chooses what is made, so it can't wait for the deployment. */
const switchRow = (prop: string): PropRow => ({
  wrong: 'true',
  words: `${prop} must be true or false, got 'true'`,
  token: Token.asAny({ Ref: 'Parameter' }),
  outcome: `${prop} must be true or false, got a token`,
});

const constructRow = (prop: string, kind: string): PropRow => ({
  wrong: 'arn:aws:x',
  words: `${prop} must be a ${kind} of aws-cdk-lib, got 'arn:aws:x': import it by its ARN first`,
  token: text,
  outcome: `${prop} must be a ${kind} of aws-cdk-lib, got a token`,
});

const nameRow = (prop: string): PropRow => ({
  wrong: '--',
  words: `${prop} must be a name with a letter or digit in it, got '--'`,
  token: text,
  outcome: `${prop} must be known at synth, got a token`,
});

const SHARED: PropTable = {
  alarms: {
    wrong: 'true',
    words: "alarms must be true, false, or alarms by name, such as { backlog: false }, got 'true'",
    token: Token.asAny({ Ref: 'Parameter' }),
    outcome: 'alarms must be true, false, or alarms by name, such as { backlog: false }, got a token',
  },
  alarmTopic: constructRow('alarmTopic', 'topic'),
  encryptionKey: constructRow('encryptionKey', 'key'),
  posture: {
    wrong: 'regulatd',
    words: "posture must be one of standard, cmk, regulated, got 'regulatd': did you mean 'regulated'?",
    token: text,
    outcome: 'posture must be one of standard, cmk, regulated',
  },
  removalPolicy: {
    wrong: 'RETAIN',
    words: "removalPolicy must be a RemovalPolicy, such as RemovalPolicy.RETAIN, got 'RETAIN'",
    token: text,
    outcome: 'removalPolicy must be a RemovalPolicy, such as RemovalPolicy.RETAIN, got a token',
  },
};

const NAMED: PropTable = {
  ...SHARED,
  bindingName: nameRow('bindingName'),
  dashboard: switchRow('dashboard'),
};

const passing = (wrong: unknown, words: string, value: unknown): PropRow => ({
  wrong,
  words,
  token: value,
  outcome: 'passes',
});

const messagesRow = (prop: string): PropRow => ({
  wrong: [5],
  words: `${prop} must hold only what defineMessage() made, got 5`,
  token: Token.asList({ Ref: 'Parameter' }),
  outcome: `${prop} must hold only what defineMessage() made`,
});

const CLAIM_CHECK: PropRow = {
  wrong: 5,
  words: 'claimCheck must be true, false or its properties, got 5',
  token: Token.asAny({ Ref: 'Parameter' }),
  outcome: 'claimCheck must be true, false or its properties, got a token',
};

const WORK_QUEUE: PropTable = {
  ...NAMED,
  claimCheck: CLAIM_CHECK,
  accepts: messagesRow('accepts'),
  backlogAlarmAge: passing(
    Duration.seconds(59),
    'backlogAlarmAge must be 1 minute to 14 days, got 59 seconds',
    token.seconds,
  ),
  deadLetterRetentionPeriod: passing(
    Duration.days(15),
    'deadLetterRetentionPeriod must be 1 minute to 14 days, got 15 days',
    token.seconds,
  ),
  deliveryDelay: passing(
    Duration.minutes(16),
    'deliveryDelay must be 0 seconds to 15 minutes, got 16 minutes',
    token.seconds,
  ),
  fifo: switchRow('fifo'),
  handlerTimeout: {
    wrong: Duration.seconds(0),
    words: 'handlerTimeout must be 1 second to 12 hours, got 0 seconds',
    token: token.seconds,
    outcome: 'visibilityTimeout must be given when handlerTimeout is known at deployment only',
  },
  highThroughput: switchRow('highThroughput'),
  idempotency: switchRow('idempotency'),
  maxMessageSize: passing(
    Size.bytes(1_023),
    'maxMessageSize must be 1 KiB to 1 MiB, got 1023 bytes',
    token.bytes,
  ),
  maxReceiveCount: passing(1_001, 'maxReceiveCount must be a whole number, 1 to 1000, got 1001', number),
  retentionPeriod: passing(
    Duration.seconds(59),
    'retentionPeriod must be 1 minute to 14 days, got 59 seconds',
    token.seconds,
  ),
  visibilityTimeout: passing(
    Duration.hours(13),
    'visibilityTimeout must be 1 second to 12 hours, got 13 hours',
    token.seconds,
  ),
};

const TOPIC: PropTable = {
  ...NAMED,
  archiveRetention: {
    wrong: Duration.days(366),
    words: 'archiveRetention must be 1 day to 365 days, got 366 days',
    token: token.seconds,
    outcome: 'archiveRetention must be whole days (1 day to 365 days), known at synth',
  },
  deliveryLogging: {
    wrong: 5,
    words: 'deliveryLogging must be true, false or its properties, got 5',
    token: Token.asAny({ Ref: 'Parameter' }),
    outcome: 'deliveryLogging must be true, false or its properties, got a token',
  },
  claimCheck: CLAIM_CHECK,
  contentBasedDeduplication: switchRow('contentBasedDeduplication'),
  displayName: passing('x'.repeat(101), 'displayName must be at most 100 characters, got 101', text),
  fifo: switchRow('fifo'),
  highThroughput: switchRow('highThroughput'),
  maxMessageSize: passing(Size.mebibytes(2), 'maxMessageSize must be 1 KiB to 1 MiB, got 2 MiB', token.bytes),
  messages: messagesRow('messages'),
};

const STREAM: PropTable = {
  ...NAMED,
  capacity: {
    wrong: 4,
    words: 'capacity must be a StreamCapacity, such as StreamCapacity.onDemand(), got 4',
    token: number,
    outcome: 'capacity must be a StreamCapacity, such as StreamCapacity.onDemand(), got a token',
  },
  lagAlarmAge: {
    wrong: Duration.seconds(59),
    words:
      'lagAlarmAge must be 1 minute to the retentionPeriod, after which the records are gone, got 59 seconds',
    token: token.seconds,
    outcome: 'lagAlarmAge must be known at synth',
  },
  maxRecordSize: {
    wrong: Size.mebibytes(11),
    words: 'maxRecordSize must be 1 to 10 MiB, got 11 MiB',
    token: token.bytes,
    outcome: 'maxRecordSize must be known at synth',
  },
  record: {
    wrong: 'flight.landed',
    words: "record must be what defineRecord() made, got 'flight.landed'",
    token: text,
    outcome: 'record must be what defineRecord() made, got a token',
  },
  retentionPeriod: passing(
    Duration.hours(23),
    'retentionPeriod must be 24 hours to 365 days, got 23 hours',
    token.hours,
  ),
  toleratedOutage: {
    wrong: Duration.hours(11),
    words: 'toleratedOutage must be 12 hours to 182 days, got 11 hours',
    token: token.seconds,
    outcome: 'toleratedOutage must be known at synth: give retentionPeriod instead',
  },
};

const READER: PropTable = {
  ...SHARED,
  enhancedFanOut: switchRow('enhancedFanOut'),
  leaseFormat: {
    wrong: 'KLC',
    words: "leaseFormat must be one of MILLRACE, KCL, got 'KLC': did you mean 'KCL'?",
    token: text,
    outcome: 'leaseFormat must be one of MILLRACE, KCL',
  },
  startingPosition: {
    wrong: 'LATES',
    words: "startingPosition must be one of TRIM_HORIZON, LATEST, got 'LATES': did you mean 'LATEST'?",
    token: text,
    outcome: 'startingPosition must be one of TRIM_HORIZON, LATEST',
  },
};

const SUBSCRIPTION: PropTable = {
  deadLetterQueue: constructRow('deadLetterQueue', 'queue'),
  id: nameRow('id'),
  messages: messagesRow('messages'),
  removalPolicy: SHARED['removalPolicy'] as PropRow,
  where: {
    wrong: 'main',
    words: "where must be an object of attributes and their values, got 'main'",
    token: text,
    outcome: 'where must be an object of attributes and their values, got a token',
  },
};

const LAMBDA_WORKER: PropTable = {
  batchSize: passing(
    10_001,
    'batchSize must be a whole number, 1 to 10 here (without maxBatchingWindow), got 10001',
    number,
  ),
  maxBatchingWindow: passing(
    Duration.seconds(301),
    'maxBatchingWindow must be 0 to 300 seconds, got 5 minutes 1 second',
    token.seconds,
  ),
  maxConcurrency: passing(1, 'maxConcurrency must be a whole number, 2 to 1000, got 1', number),
  pollers: {
    wrong: 5,
    words: 'pollers must be an object with min and max, got 5',
    token: Token.asAny({ Ref: 'Parameter' }),
    outcome: 'pollers must be an object with min and max, got a token',
  },
};

const FAN_OUT: PropTable = {
  ...SUBSCRIPTION,
  raw: switchRow('raw'),
  replayFrom: {
    wrong: 'yesterday',
    words: "replayFrom must be a Date, got 'yesterday'",
    token: text,
    outcome: 'replayFrom must be a Date, got a token',
  },
};

function functionOf(stack: Stack): LambdaFunction {
  return new LambdaFunction(stack, 'Worker', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => undefined'),
    timeout: Duration.seconds(30),
  });
}

type Create = (stack: Stack, props: object) => unknown;

const topicOf = (stack: Stack): FanoutTopic => new FanoutTopic(stack, 'It', { messages: [IssueOpened] });

describe.each<[string, PropTable, Create]>([
  ['WorkQueueWithDLQ', WORK_QUEUE, (stack, props) => new WorkQueueWithDLQ(stack, 'It', props)],
  [
    'FanoutTopic',
    TOPIC,
    (stack, props) => new FanoutTopic(stack, 'It', { messages: [IssueOpened], ...props }),
  ],
  [
    'ShardedStream',
    STREAM,
    (stack, props) => new ShardedStream(stack, 'It', { record: FlightLanded, ...props }),
  ],
  [
    'addReader',
    READER,
    (stack, props) => new ShardedStream(stack, 'It', { record: FlightLanded }).addReader('delays', props),
  ],
  [
    'fanOutTo',
    FAN_OUT,
    (stack, props) => topicOf(stack).fanOutTo(new WorkQueueWithDLQ(stack, 'Builds'), props),
  ],
  [
    'addSubscription',
    SUBSCRIPTION,
    (stack, props) => topicOf(stack).addSubscription(new LambdaSubscription(functionOf(stack)), props),
  ],
  [
    'processWithLambda',
    LAMBDA_WORKER,
    (stack, props) => {
      new WorkQueueWithDLQ(stack, 'It').processWithLambda(functionOf(stack), props);
    },
  ],
])('the props of %s', (_name, table, create) => {
  const rows = Object.entries(table);
  const refusal = (props: object): string => refusalOf(() => create(createStack(), props));

  it('are all in this table', () => {
    const known = /known options are (.*)/.exec(refusal({ qqqqqqqqqqqqqqqqqqqqqq: 1 }))?.[1]?.split(', ');
    expect(known?.sort()).toEqual(Object.keys(table).sort());
  });

  it.each(rows)('%s rejects a wrong value in its own words, with the path', (prop, { wrong, words }) => {
    const said = refusal({ [prop]: wrong });
    expect(said).toContain(words);
    expect(said).toContain("'Shop/It");
  });

  it('reject all wrong values at once', () => {
    const said = refusal(Object.fromEntries(rows.map(([prop, { wrong }]) => [prop, wrong])));
    const missing = rows.filter(([prop]) => !said.includes(`- ${prop} `)).map(([prop]) => prop);
    expect(missing).toEqual([]);
  });

  const passers = rows.filter(([, { outcome }]) => outcome === 'passes');
  const refused = rows.filter(([, { outcome }]) => outcome !== 'passes');

  it('hand tokens to the template where a deployment may decide', () => {
    const missing = passers.filter(([prop, { token: value }]) => {
      const stack = createStack();
      create(stack, { [prop]: value });
      return !JSON.stringify(resourcesOf(stack)).includes('"Ref":"Parameter"');
    });
    expect(missing).toEqual([]);
  });

  it('reject tokens where the synth must decide', () => {
    const said = refused.map(([prop, { token: value }]) => refusal({ [prop]: value }));
    expect(said).toEqual(refused.map(([, { outcome }]) => expect.stringContaining(outcome) as unknown));
  });
});

describe('impossible combinations', () => {
  it('are rejected together with what is wrong by itself', () => {
    const stack = createStack();
    const said = refusalOf(
      () =>
        new FanoutTopic(stack, 'It', {
          messages: [IssueOpened],
          highThroughput: true,
          contentBasedDeduplication: true,
          maxMessageSize: Size.mebibytes(2),
          posture: 'regulated',
          alarmTopic: new Topic(stack, 'Pager'),
          alarms: false,
        }),
    );
    expect(said.split('\n').slice(1)).toHaveLength(4);
  });
});
