import {
  POSTURE_CONTEXT,
  POSTURES,
  SHARDED_STREAM_DEFAULTS,
  WORK_QUEUE_DEFAULTS,
  type Posture,
  type PostureDecisions,
} from '../../lib/cdk/index.js';
import { ACKNOWLEDGEMENTS } from './acknowledgements.js';
import { PROOF_HEADING } from '../proof-tables.js';
import { CASE_NAMES, POSTURE_NAMES } from './cases.js';
import { SCANNERS, type Acknowledgement, type Scanner } from './findings.js';
import { PYTHON_TOOLS } from './python-scanners.js';

interface Row {
  readonly what: string;
  readonly value: (decisions: PostureDecisions) => string;
  readonly why: string;
}

const key = 'key of the stack';

/** What each posture decides. */
const ROWS: readonly Row[] = [
  {
    what: 'queues at rest',
    value: ({ isKeyCustomers }) => (isKeyCustomers ? key : 'SSE-SQS'),
    why: 'SSE-SQS is free and open to every AWS service; a key of yours can be audited, disabled and shared',
  },
  {
    what: 'topics at rest',
    value: ({ isKeyCustomers }) => (isKeyCustomers ? key : 'not encrypted'),
    why: "SNS keeps a message for seconds; the free key AWS manages can't be used by services that publish",
  },
  {
    what: 'streams at rest',
    value: ({ isKeyCustomers }) => (isKeyCustomers ? key : 'key AWS manages'),
    why: 'the free one can be used by this account only',
  },
  {
    what: 'tables at rest',
    value: ({ isKeyCustomers }) => (isKeyCustomers ? key : 'key AWS owns'),
    why: 'idempotency and lease tables hold ids and positions, never payloads',
  },
  {
    what: 'the key',
    value: ({ isKeyCustomers }) => (isKeyCustomers ? 'one per stack, rotated, retained' : 'none'),
    why: 'its policy is opened for SNS and CloudWatch where they need it, for this account only; `encryptionKey` takes one of yours instead',
  },
  {
    what: 'log groups at rest',
    value: ({ isKeyCustomers }) => (isKeyCustomers ? key : 'key AWS keeps'),
    why: "what workers, archives and SNS's delivery logs say; they stay and go with what they tell of",
  },
  {
    what: 'in transit',
    value: () => 'TLS only',
    why: 'queues, dead-letter queues and topics deny plain HTTP; Kinesis and DynamoDB have no other',
  },
  {
    what: 'queues and topics that leave the stack',
    value: ({ isRetained }) => (isRetained ? 'stay' : 'are deleted'),
    why: 'an auditor may ask for what was in them; `removalPolicy: DESTROY` is refused where they stay',
  },
  {
    what: 'tables that leave the stack',
    value: ({ isRetained }) => (isRetained ? 'stay' : 'are deleted'),
    why: 'without them workers and readers start over',
  },
  { what: 'streams that leave the stack', value: () => 'stay', why: 'they hold data nobody else has' },
  {
    what: 'deletion protection of tables',
    value: ({ areTablesProtected }) => (areTablesProtected ? 'on' : 'off'),
    why: 'a slip in the console would make every message new again',
  },
  {
    what: 'point-in-time recovery of tables',
    value: () => 'on, 35 days',
    why: 'costs next to nothing at their size',
  },
  {
    what: 'retention of queues, dead letters, streams',
    value: () =>
      [
        WORK_QUEUE_DEFAULTS.retentionPeriod,
        WORK_QUEUE_DEFAULTS.deadLetterRetentionPeriod,
        SHARDED_STREAM_DEFAULTS.retentionPeriod,
      ]
        .map((duration) => `${duration.toDays()} d`)
        .join(', '),
    why: 'how long people have is no matter of posture',
  },
  {
    what: 'alarms',
    value: ({ areAlarmsRequired }) => (areAlarmsRequired ? '`alarmTopic` is required' : 'on, may be off'),
    why: 'an alarm that tells nobody is none',
  },
];

const SCANNER_VERSIONS: Readonly<Partial<Record<Scanner, string>>> = PYTHON_TOOLS;

/** The page about postures: what they decide, and what scanners say of them. */
export function renderPosturesPage(): string {
  return `# Postures

Made by \`npm run docs\` from the code and from \`.config/scanners/acknowledgements.ts\`; tests keep it so.

A posture says how far a construct goes in what costs money, ties hands, or is asked for by auditors only. Choose it for an app, a stage, a stack or one construct; the nearest choice counts, and a
construct's own props go before it.

\`\`\`ts
import { Postures } from 'millrace/cdk';

Postures.of(app).use('cmk'); // right after the app was made
Postures.of(paymentsStack).use('regulated');
new WorkQueueWithDLQ(devStack, 'Scratch', { posture: 'standard' });
\`\`\`
Or from outside: \`cdk synth -c ${POSTURE_CONTEXT}=regulated\`, or \`"${POSTURE_CONTEXT}": "regulated"\` in the context of \`cdk.json\`. A scope whose constructs were made before \`use\` is refused: they would
silently have another posture than it.

## What each decides
| | ${POSTURE_NAMES.join(' | ')} | why |
|---|${'---|'.repeat(POSTURE_NAMES.length)}---|
${ROWS.map(renderRow).join('\n')}

## What scanners say
\`npm run scanners\` synthesises each of ${CASE_NAMES.map((name) => `“${name}”`).join(', ')} under each posture, with the recommended feature flags of new apps, and runs all of them. A finding that is not
acknowledged below fails it, and so does an acknowledgement that no longer matches a finding. Those from npm run in \`npm test\` too; cfn-lint and checkov are installed into the user's cache by the
script, and skipped by name where they can't be.

| scanner | ${POSTURE_NAMES.join(' | ')} |
|---|${'---|'.repeat(POSTURE_NAMES.length)}
${SCANNERS.map(renderScanner).join('\n')}

## What is acknowledged
A *false positive* does what the rule wants, or is nothing the rule is about. A *choice* is what the posture does not want; the reason says which one does, or what to add.

| rule | on | postures | | why |
|---|---|---|---|---|
${ACKNOWLEDGEMENTS.map(renderAcknowledgement).join('\n')}

To acknowledge one in an app with cdk-nag: \`Validations.of(stack).acknowledge({ id: 'AwsSolutions-SQS3', reason: '…' })\`.

${PROOF_HEADING}
| clause | test |
|---|---|
${PROOFS.map(([clause, test]) => `| ${clause} | \`${test}\` |`).join('\n')}
`;
}

const POSTURES_TEST = 'test/cdk/posture/postures.test.ts';
const MONITORING_TEST = 'test/cdk/monitoring/monitoring.test.ts';
const DASHBOARD_TEST = 'test/cdk/monitoring/messaging-dashboard.test.ts';
const SCANNERS_TEST = 'test/cdk/posture/scanners.test.ts';

/** What is promised of postures, alarms and dashboards, and where it is proved. */
const PROOFS: readonly (readonly [clause: string, test: string])[] = [
  [
    'scanners find nothing that is not acknowledged, in no posture',
    `${SCANNERS_TEST} › find nothing on the constructs, in no posture, that is not acknowledged with a reason`,
  ],
  ['what is acknowledged is still found', `${SCANNERS_TEST} › still find everything that is acknowledged`],
  [
    '`standard` makes no key, and goes with its stack',
    `${POSTURES_TEST} › makes no key, and everything but the stream goes with its stack`,
  ],
  [
    '`cmk` and `regulated` encrypt all with one key of the stack',
    `${POSTURES_TEST} › encrypts everything with one key of the stack, rotated and retained`,
  ],
  [
    'so are log groups, with a key that CloudWatch Logs may use',
    'test/cdk/posture/log-groups.test.ts › take the key of the stack under cmk, which lets CloudWatch Logs use it for this account',
  ],
  [
    '`regulated` keeps everything, and protects tables',
    `${POSTURES_TEST} › keeps everything that leaves the stack, and protects tables`,
  ],
  ['`regulated` refuses alarms that tell nobody', `${POSTURES_TEST} › rejects alarms that tell nobody`],
  [
    'the nearest choice counts',
    `${POSTURES_TEST} › goes by the construct, then the nearest scope, then the context`,
  ],
  [
    'a plain construct is replaced by ours under any posture, and no resource is',
    'test/cdk/upgrade.test.ts › keeps a queue, a topic and a stream under posture %s',
  ],
  [
    'CloudWatch may publish to the alarm topic, by its policy and its key',
    `${MONITORING_TEST} › sends the alarms of everything below to its topic, whose policy and key let CloudWatch in`,
  ],
  ['every alarm names its section of the runbook', `${MONITORING_TEST} › is named by every alarm there is`],
  [
    'every section is there, and in the package',
    'test/architecture/shipped-pages.test.ts › %s is there, with its heading',
  ],
  [
    'a composite alarm rings where noise would page twice',
    'test/cdk/monitoring/alarm-precedence.test.ts › leaves it to a composite alarm to ring, five minutes after no specific alarm did',
  ],
  [
    'a topic of another Region, which alarms do not reach, is refused',
    `${MONITORING_TEST} › rejects a topic of another Region`,
  ],
  [
    'one dashboard per app',
    `${DASHBOARD_TEST} › shows everything of an app, also what is made after it, one below the other`,
  ],
  [
    'one dashboard per construct, which may be off',
    `${DASHBOARD_TEST} › is made for every construct of a scope that asks for it, but where a construct refuses`,
  ],
  [
    'alarms can be off, all or one by one',
    `${MONITORING_TEST} › lets nearer scopes and props go before it, option by option`,
  ],
];

const renderRow = ({ what, value, why }: Row): string =>
  `| ${what} | ${POSTURE_NAMES.map((posture) => value(POSTURES[posture])).join(' | ')} | ${why} |`;

function renderScanner(scanner: Scanner): string {
  const version = SCANNER_VERSIONS[scanner];
  const cells = POSTURE_NAMES.map((posture) => renderCell(scanner, posture));
  return `| ${scanner}${version === undefined ? '' : ` ${version}`} | ${cells.join(' | ')} |`;
}

function renderCell(scanner: Scanner, posture: Posture): string {
  const known = ACKNOWLEDGEMENTS.filter(
    ({ scanners, postures }) => scanners.includes(scanner) && postures.includes(posture),
  );
  return known.length === 0 ? 'nothing' : [...new Set(known.map(nameOf))].join(', ');
}

const renderAcknowledgement = (known: Acknowledgement): string =>
  `| ${nameOf(known)} | ${known.on} | ${known.postures.join(', ')} | ${known.kind} | ${known.reason} ([source](${known.link})) |`;

/** A rule as its scanners name it, without what differs between them. */
const nameOf = ({ name, rule }: Acknowledgement): string =>
  `\`${name ?? rule.source.replaceAll(/^\^|^-|\$$/g, '')}\``;
