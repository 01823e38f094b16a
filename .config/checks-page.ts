import type { CheckRule } from '../lib/cdk/checks/check-rule.js';

/** The page about the rules of `MillraceChecks`, made from the rules themselves. */
export function renderChecksPage(rules: readonly CheckRule[]): string {
  const rows = rules.map(
    ({ id, severity, title, doc }) =>
      `| <a id="${id}"></a>\`${id}\` | ${severity} | ${title} | [AWS](${doc}) |`,
  );
  return `# Checks at synth

Made by \`npm run docs\` from the rules themselves; a test keeps it so.

\`\`\`ts
import { Validations } from 'aws-cdk-lib';
import { MillraceChecks } from 'millrace/cdk';

Validations.of(app).addPlugins(new MillraceChecks());
\`\`\`
The checks judge every queue, topic, subscription, stream, worker and alarm of the app, whoever made it. What can't work is an error and fails the synth; the rest are warnings
(\`strict: true\` makes them errors too). A finding names the construct, what was got, the bound, and what to add. Acknowledge one where it stands:
\`Validations.of(queue).acknowledge({ id: 'Millrace::<id>', reason: '…' })\`; \`skip: ['<id>']\` leaves a rule out.

| id | severity | what holds | why |
|---|---|---|---|
${rows.join('\n')}
`;
}
