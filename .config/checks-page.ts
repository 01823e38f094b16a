import type { CheckRule } from '../lib/cdk/checks/check-rule.js';
import { PRACTICE_SECTIONS } from './practices/sections.js';
import { codeAt } from './snippets.js';

/** The page about the rules of `MillraceChecks`, made from the rules themselves. */
export function renderChecksPage(rules: readonly CheckRule[]): string {
  return `# Checks at synth

Made by \`npm run docs\` from the rules themselves; a test keeps it so.

${snippet('plugin')}
The checks follow each message through all stacks of the app, nested ones too: from what publishes to the topic, its subscriptions, queues, workers, dead letters and alarms to whom those tell, with the
policies, keys, types, sizes and times of each hop. They judge every resource, whoever made it: ours, aws-cdk-lib's, L1s and other libraries'. What is written out, such as the ARN of a queue in
another account, is followed by its name; what only the deployment knows is left alone.

What can't work is an error and fails the synth: the deployment would fail, or messages be lost. The rest are warnings. A finding says what holds elsewhere, what was got here and its bound; then the construct, the
remedy, in JSON where a statement is missing, and the AWS page. The findings of one resource stand together:
\`\`\`text
${FINDING}
\`\`\`

## Where a warning is wrong for you
Acknowledge it on the construct, or on a stack or the app for all below; the reason stays in the code:
${snippet('acknowledge')}
A rule that your organisation sees otherwise is left out, and where warnings should fail the build, they do:
${snippet('options')}
What a construct of ours has warned of already, under an id of its own, is not said again; \`strict\` counts it all the same.

Errors can be acknowledged too. If a check is wrong for everybody, an issue with the template's part is welcome. A rule must not fire on a sound stack: that is why tags, tracing, physical names and
the like have none. [Practices](practices.md) has all ${countOf()} that were weighed, and why each is a rule, a construct's doing, or yours.

## The rules
${rules.length} of them, ${rules.filter(({ severity }) => severity === 'error').length} of which are errors.

| id | severity | what holds | practices | why |
|---|---|---|---|---|
${rules.map(renderRule).join('\n')}
`;
}

/** As it is printed for a plain queue; test/examples/checks-guide.test.ts holds it against that. */
const FINDING = `WARNING Every work queue has a dead-letter queue, but this has no dead-letter queue: a message that no worker can handle comes back until it expires, and is then gone (Millrace)
   Shop/Orders/Resource (OrdersA9B65338) aws-cdk-lib.aws_sqs.CfnQueue
   Suggested fix: set RedrivePolicy { deadLetterTargetArn, maxReceiveCount: 5 }, or use WorkQueueWithDLQ (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html)
   Acknowledge with 'Millrace::queue-dead-letters'`;

const countOf = (): number => PRACTICE_SECTIONS.reduce((sum, { count }) => sum + count, 0);

function snippet(region: string): string {
  const source = `examples/guides/checks.ts#${region}`;
  return `\`\`\`ts ${source}\n${codeAt(source)}\`\`\``;
}

const renderRule = ({ id, severity, title, doc }: CheckRule): string =>
  `| <a id="${id}"></a>\`${id}\` | ${severity} | ${title} | ${practicesOf(id)} | [AWS](${doc}) |`;

/** The practices that a rule settles. */
function practicesOf(rule: string): string {
  const settled = PRACTICE_SECTIONS.flatMap(({ practices }) => practices).filter((practice) =>
    practice.settled.some((settlement) => settlement.kind === 'rule' && settlement.ids.includes(rule)),
  );
  return settled.map(({ id }) => id).join(', ');
}
