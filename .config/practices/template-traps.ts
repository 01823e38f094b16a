import { readFileSync } from 'node:fs';

/** Traps of templates that bit users of CDK libraries; each has a test of its name. */
export const TEMPLATE_TRAPS = 32;

/** What a trap has that no code of ours can settle. */
export const BEYOND_TEMPLATES: Readonly<Record<number, string>> = {
  10: 'a `QueueName` or `TopicName` that you give to the resource inside is yours to change with care',
  11: 'a template does not know the one before it: `cdk diff` shows a shorter retention, and nothing brings back what expired',
  16: 'whether a person has clicked on the link in a mail is not in a template',
  18: 'a stack that others refer to weakly can be deleted before them: what points at nothing is seen by the alarms on failed deliveries',
  24: 'how large messages are is not in a template: throughput computed with `BatchSize` is a bound, not a promise',
  31: 'AWS’s pages contradict each other: try one event before you rely on it',
};

/** The tests, by the number of their trap. */
export function templateTrapTests(): ReadonlyMap<number, readonly string[]> {
  const tests = new Map<number, string[]>();
  for (const file of ['delivery-traps', 'worker-traps']) {
    const source = readFileSync(`test/cdk/template-traps/${file}.test.ts`, 'utf8');
    for (const [, number, words = ''] of source.matchAll(/\bit\(\s*'template trap (\d+): ([^']+)'/g)) {
      tests.set(Number(number), [...(tests.get(Number(number)) ?? []), words]);
    }
  }
  return tests;
}

/** The traps as a section of the page. */
export function renderTemplateTraps(): string {
  const tests = templateTrapTests();
  const rows = Array.from({ length: TEMPLATE_TRAPS }, (_, index) => index + 1).map(
    (number) => `| ${number} | ${(tests.get(number) ?? []).join('; ')} | ${BEYOND_TEMPLATES[number] ?? ''} |`,
  );
  return `## Template traps
What bit users of CDK libraries, and what becomes of it here. Each line is the name of a test in \`test/cdk/template-traps\`.

| | the trap: how it is settled | what no template can show |
|---|---|---|
${rows.join('\n')}
`;
}
